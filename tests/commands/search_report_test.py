import json
import sys

import pytest
from allennlp.commands import main

from attention_vat.experiments.files import read_json
from tests.search.tiny import done_run

FILES = {"results.jsonl", "expected-performance.svg", "expected-performance.png", "epsilon.svg", "epsilon.png"}


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["allennlp", "search-report", *map(str, arguments)])
    main()


@pytest.fixture
def experiment(tmp_path):
    for number, f1 in enumerate((0.5, 0.9, 0.7)):
        done_run(tmp_path / "a", number, number + 1.0, f1)
    return tmp_path / "a"


def new_files(directory):
    return {path.name for path in directory.iterdir() if not path.name.startswith("run_")}


def test_one_search(monkeypatch, capsys, experiment):
    run(monkeypatch, experiment)
    assert new_files(experiment) == FILES
    rows = [json.loads(line) for line in (experiment / "results.jsonl").read_text().splitlines()]
    assert [row["best_validation_f1"] for row in rows] == [0.5, 0.9, 0.7]
    printed = capsys.readouterr().out
    assert "0.9000" in printed and f"{experiment}/run_00001/trial/" in printed
    assert printed.splitlines()[-1] == f"{experiment}/epsilon.png"
    run(monkeypatch, experiment, "--metric", "best_validation_loss", "--model", "mine", "--markdown")
    assert capsys.readouterr().out.startswith("| best_validation_loss |")
    assert '"model": "mine"' in (experiment / "results.jsonl").read_text()


def test_several_searches(monkeypatch, capsys, experiment, tmp_path):
    done_run(tmp_path / "b", 0, 2.0, 0.4)
    with pytest.raises(SystemExit, match="several searches need --output-dir"):
        run(monkeypatch, experiment, tmp_path / "b")
    run(monkeypatch, experiment, tmp_path / "b", "--output-dir", tmp_path / "out")
    assert new_files(tmp_path / "out") == FILES
    assert len((tmp_path / "out" / "results.jsonl").read_text().splitlines()) == 4
    assert new_files(experiment) == set()


def test_attention(monkeypatch, experiment, tmp_path):
    """Evaluates each archive once, and again only for other data."""
    evaluated = []

    class Evaluation:
        metrics = {"pearson": type("Estimate", (), {"value": 0.25})}

    def evaluate(archive, data, cuda_device):
        evaluated.append(archive.parent.parent.name)
        return Evaluation

    monkeypatch.setattr("attention_vat.search.attention.evaluate_archive", evaluate)
    data = tmp_path / "data.jsonl"
    data.write_text("{}\n")
    run(monkeypatch, experiment, "--attention", data)
    assert sorted(evaluated) == ["run_00000", "run_00001", "run_00002"]
    rows = [json.loads(line) for line in (experiment / "results.jsonl").read_text().splitlines()]
    assert [row["attention.pearson"] for row in rows] == [0.25] * 3
    run(monkeypatch, experiment, "--attention", data)
    assert len(evaluated) == 3
    assert read_json(experiment / "run_00000" / "attention.json")["metrics"] == {"pearson": 0.25}
    data.write_text("{} \n")
    run(monkeypatch, experiment, "--attention", data)
    assert len(evaluated) == 6


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--metric", "auc"], "There is no metric auc; choose from best_validation_f1, best_validation_loss"),
        (["--attention", "no.jsonl"], "There is no data file no.jsonl"),
        (["--attention", "no.jsonl", "--output-dir", "out"], "There is no data file no.jsonl"),
        (
            ["--output-dir", "file"],
            "file is not a writable directory (File exists); choose another --output-",
        ),
        (["--output-dir", "file/out"], "file/out is not a writable directory (Not a directory)"),
    ],
)
def test_errors_are_one_sentence_and_leave_nothing(monkeypatch, experiment, tmp_path, options, problem):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as exit_info:
        run(monkeypatch, experiment, *options)
    message = str(exit_info.value)
    assert message.startswith("allennlp search-report: ") and problem in message and "\n" not in message
    assert new_files(experiment) == set() and not (tmp_path / "out").exists()


def test_where_to_write_is_looked_at_before_the_attention(monkeypatch, experiment, tmp_path):
    evaluated = []
    monkeypatch.setattr("attention_vat.commands.search_report.add_attention", lambda *args: evaluated.append(args))
    (tmp_path / "data.jsonl").touch()
    with pytest.raises(SystemExit, match="choose another --output-dir"):
        run(monkeypatch, experiment, "--attention", tmp_path / "data.jsonl", "--output-dir", tmp_path / "data.jsonl")
    assert evaluated == []
