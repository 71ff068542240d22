import json

import pytest

from attention_vat.experiments.experiment import load_experiment, read_experiment
from attention_vat.experiments.manifest import environment, manifest, without_folders
from attention_vat.experiments.matrix import cells_of
from attention_vat.experiments.runs import Runs
from attention_vat.experiments.schedule import run_all
from tests.experiments.small import ROOT, Executor, finish, write_experiment


def test_paths_lose_their_folders():
    content = {"data": "/home/me/data/sst", "list": ["../a/b.jsonl", "~/x", "a/b"], "number": 3, "name": "ε"}
    assert without_folders(content) == {"data": "sst", "list": ["b.jsonl", "x", "a/b"], "number": 3, "name": "ε"}


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    path = write_experiment(tmp_path, techniques=["vanilla", "word_at"], seeds=[0, 1])
    cells = cells_of(load_experiment(path), "data", str(tmp_path / "out"))
    return path, cells, Runs(tmp_path / "out")


def test_it_counts_what_is_finished(made):
    path, cells, runs = made
    before = manifest(read_experiment(path), cells, runs)
    assert before["runs"] == {"finished": 0, "known": 4, "seconds": 0} and before["finished"] is None
    run_all(cells[:1], runs, Executor(finish))
    after = manifest(read_experiment(path), cells, runs)
    assert after["runs"] == {"finished": 2, "known": 4, "seconds": 12.0}
    assert after["finished"] == ["2026-01-01T00:00:00Z"] * 2
    assert len(after["code"]) == 1
    assert "example/test_data_path" in after["data"] and after["data"] == before["data"]
    assert str(ROOT) not in json.dumps(after)


def test_the_environment_names_no_machine():
    found = environment()
    assert {"attention_vat", "python", "torch", "allennlp", "numpy", "scipy", "cpus"} <= {*found}
    assert found["gpu"] is None
