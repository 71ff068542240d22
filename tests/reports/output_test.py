import json

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.reports import check_output_dir, output, write_evaluation
from tests.interpret.made_up import evaluation, evaluations, sentence


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_files_of_one_model_and_of_two(tmp_path):
    first, second = evaluations()
    write_evaluation(tmp_path / "one", {"vanilla": first}, data="test.jsonl")
    assert names(tmp_path / "one") == ["instances.jsonl", "metrics.json", "report.html"]
    write_evaluation(tmp_path / "two", {"vanilla": first, "iVAT": second})
    assert names(tmp_path / "two") == ["instances.compare.jsonl", "instances.jsonl", "metrics.json", "report.html"]

    metrics = json.loads((tmp_path / "two" / "metrics.json").read_text())
    assert list(metrics["models"]) == ["vanilla", "iVAT"]
    assert metrics["models"]["iVAT"]["metrics"]["f1"]["value"] == second.metrics["f1"].value
    assert metrics["differences"]["pearson"]["p_value"] <= 1
    assert "differences" not in json.loads((tmp_path / "one" / "metrics.json").read_text())
    for name, result in (("instances", first), ("instances.compare", second)):
        lines = [json.loads(line) for line in (tmp_path / "two" / f"{name}.jsonl").read_text().splitlines()]
        assert [line["id"] for line in lines] == [one.id for one in result.sentences]
        assert lines[3]["attention"] == pytest.approx(result.sentences[3].attention, rel=1e-5)


def test_nothing_is_overwritten_without_force(tmp_path):
    first, second = evaluations(5)
    write_evaluation(tmp_path / "out", {"a": first, "b": second})
    (tmp_path / "out" / "notes.txt").write_text("mine")
    before = (tmp_path / "out" / "report.html").read_text()
    with pytest.raises(ConfigurationError, match="is not empty; choose another one, or add --force"):
        write_evaluation(tmp_path / "out", {"c": second})
    assert (tmp_path / "out" / "report.html").read_text() == before
    write_evaluation(tmp_path / "out", {"c": second}, force=True)
    # The second model of the earlier evaluation is gone, what somebody else wrote is not.
    assert names(tmp_path / "out") == ["instances.jsonl", "metrics.json", "notes.txt", "report.html"]
    assert list(json.loads((tmp_path / "out" / "metrics.json").read_text())["models"]) == ["c"]


def test_after_an_error_everything_is_as_before(tmp_path, monkeypatch):
    first, second = evaluations(5)
    write_evaluation(tmp_path / "out", {"a": first})
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def fail(*args, **kwargs):
        raise RuntimeError("no space left")

    monkeypatch.setattr(output, "write_report", fail)
    with pytest.raises(RuntimeError):
        write_evaluation(tmp_path / "out", {"a": second}, force=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_file_is_no_directory(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(ConfigurationError, match="is a file"):
        check_output_dir(tmp_path / "out", force=True)
    (tmp_path / "empty").mkdir()
    check_output_dir(tmp_path / "empty")


def test_odd_words_are_written(tmp_path):
    words = ["\ud800", "\0", "\u2028", "</script>"]
    odd = sentence(tokens=words, attention=[0.25] * 4, importance=[0.1] * 4, importance_attention_constant=[0.1] * 4)
    write_evaluation(tmp_path / "out", {"a": evaluation([odd])})
    # One line: a line separator within a word does not end it.
    (line,) = (tmp_path / "out" / "instances.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    assert json.loads(line)["tokens"] == words
