"""The main job, as `make train` starts it, with one short epoch."""

import json
import os
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path

import pytest

from tests.forks import ROOT, python

SCRIPT = str(ROOT / "scripts" / "train_and_report.py")


def test_main_job(tmp_path):
    folder = tmp_path / "job"
    short = json.dumps({"trainer.num_epochs": 1, "dataset_reader.max_instances": 40})
    arguments = [SCRIPT, "--output-dir", str(folder), "--overrides", short]
    result = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
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
    for technique in values:
        assert (folder / f"{technique}-0" / "model.tar.gz").exists()
        card = (folder / f"{technique}-0" / "model_card.md").read_text(encoding="utf-8")
        assert f"| F1 | {values[technique]['f1'][0]:.3f} |" in card
        assert "| train | fixtures/example/train.jsonl | 1,000 |" in card and "| random\\_seed | 13370 |" in card
        assert ("| unlabeled | fixtures/example/unlabeled.jsonl |" in card) == (technique != "vanilla")
        assert str(ROOT) not in card

    # What is trained is used again: the models' files are not touched, the report is the same.
    before = (folder / "vanilla-0" / "model.tar.gz").stat().st_mtime_ns
    again = python(*arguments, output=tmp_path / "log").wait()
    assert again.code == 0, again.output.read_text()
    assert (folder / "vanilla-0" / "model.tar.gz").stat().st_mtime_ns == before
    assert json.loads((folder / "seeds.json").read_text()) == values


def test_a_training_that_fails_says_why(tmp_path):
    arguments = ["--output-dir", tmp_path / "job", "--overrides", json.dumps({"model.regularizers": [{"type": "x"}]})]
    result = python(SCRIPT, *arguments, output=tmp_path / "log", with_runs=True).wait()
    assert result.code == 1
    printed = result.output.read_text()
    assert "Training failed; the last lines of" in printed
    assert "x not in acceptable choices for model.regularizers" in printed
    assert not (tmp_path / "job" / "report.html").exists()


def test_after_a_failure_nothing_goes_on(tmp_path, monkeypatch):
    from scripts.train_and_report import jobs_of, train_all

    monkeypatch.chdir(ROOT)
    # One trains for ever, the other has a regularizer that there is not.
    arguments = Namespace(dataset="example", jobs=2, overrides={"trainer.num_epochs": 10**6})
    endless, broken = jobs_of(tmp_path / "job", arguments, [("vanilla", 0), ("vanilla", 1)], None)
    broken.config["model"]["regularizers"] = [{"type": "x"}]
    with pytest.raises(SystemExit, match="Training failed; the last lines of .*vanilla-1/log.txt"):
        train_all([endless, broken], 2)
    wait_until(lambda: not processes_at(tmp_path / "job"), "a training goes on")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes in /proc")
def test_killed_it_takes_its_trainings_with_it(tmp_path):
    arguments = ["--output-dir", tmp_path / "job", "--overrides", json.dumps({"trainer.num_epochs": 10**6})]
    driver = python(SCRIPT, *arguments, output=tmp_path / "log", with_runs=True)
    try:
        wait_until(lambda: len(processes_at(tmp_path / "job")) == 2 or driver.ended(), "nothing starts", 300)
        assert not driver.ended(), (tmp_path / "log").read_text()
    finally:
        driver.kill()
        driver.wait()
    wait_until(lambda: not processes_at(tmp_path / "job"), "a training goes on")


def wait_until(condition, problem, seconds=60):
    deadline = time.time() + seconds
    while not condition():
        assert time.time() < deadline, problem
        time.sleep(0.05)


def processes_at(folder):
    """Those that write a log there."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "fd" / "1").startswith(str(folder)):
                found.append(process.name)
        except OSError:
            continue
    return found


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
    assert "data/sst exists and is used; delete it to make it from elsewhere." in printed
    assert "unlabeled.jsonl exists and is used" in printed
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
