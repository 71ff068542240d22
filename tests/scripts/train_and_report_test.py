"""The main job, as `make train` starts it, with one short epoch."""

import json
import signal
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments):
    command = [sys.executable, str(ROOT / "scripts" / "train_and_report.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def test_main_job(tmp_path):
    folder = tmp_path / "job"
    short = json.dumps({"trainer.num_epochs": 1, "dataset_reader.max_instances": 40})
    result = run("--output-dir", folder, "--overrides", short)
    assert result.returncode == 0, result.stderr
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Attention iVAT" in page
    assert str(folder / "report.html") in result.stdout
    table = result.stdout[result.stdout.index("\nmodel ") + 1 :].splitlines()
    assert table[2].startswith("vanilla ")
    assert table[3].startswith("Attention iVAT ")
    predictions = [json.loads(line) for line in (folder / "predictions.jsonl").read_text().splitlines()]
    assert predictions[0]["tokens"] == ["the", "cast", "is", "wonderful"]
    values = json.loads((folder / "seeds.json").read_text())
    assert all(0 <= value <= 1 for value in values["vanilla"]["f1"])

    # What is trained is used again: the models' files are not touched, the report is the same.
    before = (folder / "vanilla-0" / "model.tar.gz").stat().st_mtime_ns
    again = run("--output-dir", folder, "--overrides", short)
    assert again.returncode == 0, again.stderr
    assert (folder / "vanilla-0" / "model.tar.gz").stat().st_mtime_ns == before
    assert json.loads((folder / "seeds.json").read_text()) == values


def test_a_training_that_fails_says_why(tmp_path):
    result = run("--output-dir", tmp_path / "job", "--overrides", json.dumps({"model.regularizers": [{"type": "x"}]}))
    assert result.returncode == 1
    assert "Training failed; the last lines of" in result.stderr
    assert "x not in acceptable choices for model.regularizers" in result.stderr
    assert not (tmp_path / "job" / "report.html").exists()


def test_after_a_failure_nothing_goes_on(tmp_path, monkeypatch):
    from scripts import train_and_report

    started = []
    train = train_and_report.train
    monkeypatch.setattr(train_and_report, "train", lambda *args: started.append(train(*args)) or started[-1])
    # One trains for ever, the other has no configuration.
    overrides = {"trainer.num_epochs": 10**6}
    arguments = Namespace(dataset="example", jobs=2, overrides=overrides)
    with pytest.raises(SystemExit, match="Training failed; the last lines of .*nonsense-0.log"):
        train_and_report.train_all(tmp_path / "job", arguments, [("vanilla", 0), ("nonsense", 0)], None)
    assert [process.wait(timeout=60) for process in started] == [-signal.SIGKILL, 1]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system must tell processes of their parent's end")
def test_killed_it_takes_its_trainings_with_it(tmp_path):
    command = [sys.executable, str(ROOT / "scripts" / "train_and_report.py"), "--output-dir", str(tmp_path / "job")]
    command += ["--overrides", json.dumps({"trainer.num_epochs": 10**6})]
    with open(tmp_path / "log", "w") as log:
        driver = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
    children = []
    while len(children) < 2:
        assert driver.poll() is None, (tmp_path / "log").read_text()
        time.sleep(0.05)
        children = Path(f"/proc/{driver.pid}/task/{driver.pid}/children").read_text().split()
    driver.kill()
    driver.wait()
    deadline = time.time() + 30
    while any(_runs(child) for child in children):
        assert time.time() < deadline, "a training goes on"
        time.sleep(0.05)


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def named(source=None, unlabeled=None):
    return Namespace(dataset="sst", source=source, unlabeled=unlabeled, encoder=None)


def test_no_unlabeled_sentences(tmp_path, monkeypatch):
    from allennlp.common.checks import ConfigurationError

    from scripts.train_and_report import make_data

    monkeypatch.chdir(tmp_path)
    (tmp_path / "data" / "sst").mkdir(parents=True)
    (tmp_path / "data" / "sst" / "statistics.json").write_text("{}")
    try:
        make_data(named())
    except ConfigurationError as error:
        assert 'UNLABELED="FILE ..."' in str(error)
    else:
        raise AssertionError("a missing pool must be said")


def test_data_that_is_there_is_named(tmp_path, monkeypatch, capsys):
    from scripts.train_and_report import make_data

    monkeypatch.chdir(tmp_path)
    for path in ("data/sst/statistics.json", "data/sentences/unlabeled.jsonl"):
        Path(path).parent.mkdir(parents=True)
        Path(path).write_text("")
    assert make_data(named("elsewhere", ["more.txt"])) == Path("data/sst")
    printed = capsys.readouterr().out
    assert "data/sst was made before and is used; delete it to make it from elsewhere again." in printed
    assert "unlabeled.jsonl was made before and is used" in printed
    make_data(named())
    assert capsys.readouterr().out == ""


def test_folders(tmp_path, monkeypatch):
    from scripts.train_and_report import next_folder

    monkeypatch.chdir(tmp_path)
    assert next_folder("example") == Path("runs/example/1")
    (tmp_path / "runs/example/1").mkdir(parents=True)
    assert next_folder("example") == Path("runs/example/1")  # killed: goes on
    (tmp_path / "runs/example/1/report.html").touch()
    assert next_folder("example") == Path("runs/example/2")
