import csv
import fcntl
import json
import os
import shutil
import subprocess
import sys
import time

import pytest
from allennlp.commands import main

from attention_vat.common.locks import locked
from attention_vat.experiments import executors
from attention_vat.experiments.reproduce import reproduce
from tests.experiments.small import PARAMETERS, ROOT, write_experiment
from tests.forks import python


@pytest.fixture(autouse=True)
def in_repository(monkeypatch):
    monkeypatch.chdir(ROOT)


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["allennlp", "reproduce", *map(str, arguments)])
    main()


def files_of(directory):
    return {path.name: path.read_text(encoding="utf-8") for path in directory.iterdir() if path.suffix != ".png"}


def test_from_a_file_to_tables(tmp_path, monkeypatch, capsys):
    parts = [{"techniques": ["vanilla"]}, {"techniques": ["attention_at"], "search": {"num_samples": 2}}]
    experiment = write_experiment(tmp_path, title="A <title>", parts=parts, seeds=[0, 1])
    out = tmp_path / "out"
    run(monkeypatch, experiment, "-s", out, "--num-cpus", "1")
    printed = capsys.readouterr().out
    assert "## A <title>" in printed
    assert str(out / "tiny") in printed

    files = files_of(out / "tiny")
    assert sorted(files) == [
        "effects.csv",
        "manifest.json",
        "map.svg",
        "results.jsonl",
        "table.csv",
        "table.html",
        "table.md",
        "table.tex",
    ]
    results = [json.loads(line) for line in files["results.jsonl"].splitlines()]
    # The best candidate of the search became the final run of seed 0.
    assert [(r["technique"], r["seed"], r["stage"]) for r in results if r["stage"] == "final"] == [
        ("vanilla", 0, "final"),
        ("vanilla", 1, "final"),
        ("attention_at", 0, "final"),
        ("attention_at", 1, "final"),
    ]
    assert [r["stage"] for r in results].count("search") == 1
    assert all(0 <= r["validation"]["f1"] <= 1 and r["epochs"] == 2 for r in results)
    rows = list(csv.DictReader(files["table.csv"].splitlines()))
    scores = [r["test"]["f1"] for r in results if r["technique"] == "vanilla"]
    assert float(rows[0]["mean"]) == pytest.approx(sum(scores) / 2)
    assert rows[2]["vanilla_model"] == "Vanilla"
    assert 0 < float(rows[2]["vanilla_p_sentences"]) <= 1
    assert "A &lt;title&gt;" in files["table.html"]
    sizes = list(csv.DictReader(files["effects.csv"].splitlines()))
    assert [(size["model"], size["measure"], size["seeds"]) for size in sizes] == [
        ("Attention AT", "f1", "2"),
        ("Attention AT", "pearson", "2"),
    ]
    assert float(sizes[0]["difference"]) == pytest.approx(float(rows[2]["vanilla_difference"]))
    assert 'src="map.svg"' in files["table.html"]
    assert "## How large the differences from vanilla are" in files["table.md"]
    manifest = json.loads(files["manifest.json"])
    assert manifest["runs"]["finished"] == manifest["runs"]["known"] == len(results)
    assert len(manifest["environments"]) == 1
    # Nothing tells who made it, and where.
    for text in files.values():
        for private in (str(tmp_path), str(ROOT), os.uname().nodename):
            assert private not in text
    # Small: no models, no checkpoints.
    left = {path.name for folder in (out / "runs").iterdir() for path in folder.iterdir()}
    assert left == {"config.json", "log.txt", "metrics.json", "predictions.npz", "result.json", "seconds.json"}

    def never(*arguments):
        raise AssertionError("a finished run was started again")

    monkeypatch.setattr(executors, "in_own_process", never)
    run(monkeypatch, experiment, "-s", out)
    assert {**files_of(out / "tiny"), "manifest.json": ""} == {**files, "manifest.json": ""}
    (out / "tiny" / "table.md").unlink()
    run(monkeypatch, experiment, "-s", out, "--report-only")
    assert files_of(out / "tiny")["table.md"] == files["table.md"]
    capsys.readouterr()
    run(monkeypatch, experiment, "-s", out, "--quiet")
    assert capsys.readouterr() == ("", "")
    run(monkeypatch, experiment, "-s", out, "--json")
    content = json.loads(capsys.readouterr().out)
    assert content == {"output_dir": str(out / "tiny"), "results": results, "outdated": 0, "failed": []}


def test_killed_and_run_again(tmp_path):
    """`kill -9` of the command ends its run, which goes on from its checkpoint to the result it would have had."""
    experiment = write_experiment(tmp_path, techniques=["vanilla"], parameters={**PARAMETERS, "num_epochs": 60})
    command = ["-m", "allennlp", "reproduce", experiment, "-s", tmp_path / "killed"]
    driver = python(*command, output=tmp_path / "killed.log", with_runs=True)
    while not list(tmp_path.glob("killed/runs/*/training/training_state_e[2-9]*")):
        assert not driver.ended(), (tmp_path / "killed.log").read_text()
        time.sleep(0.005)
    driver.kill()
    assert driver.wait().killed
    # The run lets go of its folder.
    (folder,) = tmp_path.glob("killed/runs/*")
    with locked(folder / ".lock", timeout=30):
        assert not list(tmp_path.glob("killed/runs/*/result.json"))

    assert reproduce(experiment, tmp_path / "killed") == []
    assert reproduce(experiment, tmp_path / "whole") == []
    (log,) = tmp_path.glob("killed/runs/*/log.txt")
    log_text = log.read_text(encoding="utf-8")
    assert log_text.count("Pytorch version") == 2  # it was started twice
    # At most the epoch that was cut short is trained twice; from the start it would be two more.
    assert log_text.count("Epoch duration") <= 61
    killed, whole = (
        json.loads(next(tmp_path.glob(f"{d}/runs/*/result.json")).read_text()) for d in ("killed", "whole")
    )
    for part in ("config_hash", "validation", "test", "best_epoch", "epochs"):
        assert killed[part] == whole[part]

    # As a user runs it. What is finished is not run again.
    subprocess.run([sys.executable, *map(str, command)], check=True, capture_output=True)
    assert (tmp_path / "killed" / "tiny" / "table.csv").exists()
    assert log.read_text(encoding="utf-8") == log_text


def test_keep_models_and_failures(tmp_path, monkeypatch, capsys):
    parts = [{"techniques": ["vanilla"]}, {"techniques": ["attention_rp"]}]
    experiment = write_experiment(tmp_path, parts=parts, keep_models=True)
    # There is no such optimizer.
    overrides = '{"parts.1.overrides": {"trainer.optimizer.type": "none"}}'
    with pytest.raises(SystemExit, match="1 failed; the same command tries them again"):
        run(monkeypatch, experiment, "-s", tmp_path / "out", "--overrides", overrides)
    printed = capsys.readouterr().out
    assert "failed: example/attention_rp seed 0: " in printed
    assert "log.txt" in printed
    with pytest.raises(SystemExit, match="1 failed .example/attention_rp seed 0: .*log.txt.; the same command"):
        run(monkeypatch, experiment, "-s", tmp_path / "out", "--overrides", overrides, "--quiet")
    assert capsys.readouterr() == ("", "")
    (archive,) = tmp_path.glob("out/runs/*/model.tar.gz")
    assert archive.parent.name.startswith("example-vanilla-0-")


def test_dry_run(tmp_path, monkeypatch, capsys):
    experiment = write_experiment(tmp_path, techniques=["vanilla", "word_vat"], search={"num_samples": 3}, seeds=[0, 1])
    run(monkeypatch, experiment, "-s", tmp_path / "out", "--dry-run")
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split()[:3] == ["example/vanilla", "2", "0"]
    assert lines[3].split()[:4] == ["example/word_vat", "3", "2", "0"]
    assert "7 runs, 0 finished; the rest takes about" in "\n".join(lines)
    run(monkeypatch, experiment, "-s", tmp_path / "out", "--dry-run", "--only", "*/word_*")
    assert "5 runs, 0 finished" in capsys.readouterr().out
    run(monkeypatch, experiment, "-s", tmp_path / "out", "--dry-run", "--json")
    content = json.loads(capsys.readouterr().out)
    assert [(one["model"], one["search"], one["final"], one["measured"]) for one in content["runs"]] == [
        ("vanilla", 0, 2, False),
        ("word_vat", 3, 2, False),
    ]
    assert content["seconds_left"] > 0
    assert not (tmp_path / "out").exists()


def test_two_settings_of_one_corpus_have_their_names(tmp_path, monkeypatch, capsys):
    parts = [{"techniques": ["vanilla"], "names": {"example": name}, "seeds": [0]} for name in ("Few, 8", "Many")]
    experiment = write_experiment(tmp_path, corpora=["example"], parts=parts)
    run(monkeypatch, experiment, "-s", tmp_path / "out", "--dry-run")
    assert [line.split("/")[0] for line in capsys.readouterr().out.splitlines()[2:4]] == ["Few, 8", "Many"]
    run(monkeypatch, experiment, "-s", tmp_path / "out", "--dry-run", "--only", "Few*/vanilla")
    said = capsys.readouterr().out
    assert "1 runs, 0 finished" in said
    assert "Many" not in said


def test_an_experiment_of_the_package_outside_the_repository(tmp_path, monkeypatch, capsys):
    data = tmp_path / "data" / "sst"
    shutil.copytree(ROOT / "fixtures" / "example", data)
    monkeypatch.chdir(tmp_path)
    run(monkeypatch, "package:normalizations", "-s", "out", "--dry-run", "--data-dir", "data")
    assert "SST, word/attention_ivat" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="package:normalisations: no such experiment .*did you mean 'normalizations'"):
        run(monkeypatch, "package:normalisations", "-s", "out")


def test_mistakes(tmp_path, monkeypatch):
    experiment = write_experiment(tmp_path, techniques=["vanilla"])
    for arguments, message in (
        ((tmp_path / "none.jsonnet",), "allennlp reproduce: There is no experiment file"),
        ((experiment, "--only", "sst/*"), "--only sst/\\* matches no CORPUS/TECHNIQUE"),
        ((experiment, "--num-cpus", "0"), "--num-cpus is 0, but must be at least 1"),
    ):
        with pytest.raises(SystemExit, match=message):
            run(monkeypatch, *arguments, "-s", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit, match="file is not a writable directory .*; choose another --output-dir"):
        run(monkeypatch, experiment, "-s", tmp_path / "file")


def test_one_at_a_time(tmp_path, monkeypatch):
    experiment = write_experiment(tmp_path, techniques=["vanilla"])
    (tmp_path / "out").mkdir()
    with open(tmp_path / "out" / ".lock", "w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(SystemExit, match="Another `allennlp reproduce` is already running in"):
            run(monkeypatch, experiment, "-s", tmp_path / "out")
