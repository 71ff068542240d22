import errno
import json
import tempfile
from xml.etree import ElementTree

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.plots import inline
from attention_vat.reports import check_output_dir, output, write_evaluation
from attention_vat.reports.comparison import compare_with_first, holm_adjusted
from tests.interpret.made_up import evaluation, evaluations, sentence
from tests.reports.made_up import all_measures, three_models

PLOTS = ["plots/distribution-pearson.svg", "plots/words-attention-importance.svg"]


def names(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


def test_files_of_one_model_and_of_two(tmp_path):
    first, second = evaluations()
    write_evaluation(tmp_path / "one", {"vanilla": first}, data="test.jsonl")
    assert names(tmp_path / "one") == ["instances.jsonl", "metrics.json", *PLOTS, "report.html"]
    write_evaluation(tmp_path / "two", {"vanilla": first, "iVAT": second})
    plots = [PLOTS[0], *(PLOTS[1].replace(".svg", f"-{number}.svg") for number in (1, 2))]
    files = ["instances.compare.jsonl", "instances.jsonl", "metrics.json", *plots, "report.html"]
    assert names(tmp_path / "two") == files

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
    for name in ("notes.txt", "plots/mine.svg"):
        (tmp_path / "out" / name).write_text("mine")
    before = (tmp_path / "out" / "report.html").read_text()
    with pytest.raises(ConfigurationError, match="is not empty; choose another one, or add --force"):
        write_evaluation(tmp_path / "out", {"c": second})
    assert (tmp_path / "out" / "report.html").read_text() == before
    write_evaluation(tmp_path / "out", {"c": second}, force=True)
    # The second model of the earlier evaluation is gone, what somebody else wrote is not.
    assert names(tmp_path / "out") == [
        "instances.jsonl",
        "metrics.json",
        "notes.txt",
        PLOTS[0],
        "plots/mine.svg",
        PLOTS[1],
        "report.html",
    ]
    assert list(json.loads((tmp_path / "out" / "metrics.json").read_text())["models"]) == ["c"]


def test_after_an_error_everything_is_as_before(tmp_path, monkeypatch):
    first, second = evaluations(5)
    write_evaluation(tmp_path / "out", {"a": first})
    before = {name: (tmp_path / "out" / name).read_bytes() for name in names(tmp_path / "out")}

    def fail(*args, **kwargs):
        raise RuntimeError("no space left")

    monkeypatch.setattr(output, "write_report", fail)
    with pytest.raises(RuntimeError):
        write_evaluation(tmp_path / "out", {"a": second}, force=True)
    assert before == {name: (tmp_path / "out" / name).read_bytes() for name in names(tmp_path / "out")}


def test_a_full_disk_is_reported(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(output, "write_plots", fail)
    (first, _) = evaluations(5)
    with pytest.raises(
        ConfigurationError, match=r"out cannot be written \(No space left on device\); .* free some space"
    ):
        write_evaluation(tmp_path / "out", {"a": first})
    assert names(tmp_path / "out") == []


def test_after_a_kill_it_is_written_all_the_same(tmp_path):
    (first, _) = evaluations(5)
    left = tmp_path / "out" / ".evaluation-abc" / "plots"
    left.mkdir(parents=True)
    (left / "words.svg").write_text("half")
    check_output_dir(tmp_path / "out")
    write_evaluation(tmp_path / "out", {"a": first})
    assert names(tmp_path / "out") == ["instances.jsonl", "metrics.json", *PLOTS, "report.html"]
    assert not left.parent.exists()


def test_plots_are_those_of_the_report(tmp_path):
    results = dict(zip(["vanilla", "<iVAT>"], all_measures(20)))
    write_evaluation(tmp_path / "out", results)
    files = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "out" / "plots").iterdir()}
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    # Two files where a picture has a panel for each model.
    assert len(files) == report.count("<figure") + 1 == report.count('<div class="panel">')
    for name, file in files.items():
        root = ElementTree.fromstring(file.encode("utf-8"))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        # Whose it is stands in it, or where it is of one model in its description.
        for number, model in enumerate(results, 1):
            assert (model in "".join(root.itertext())) is not name.endswith(f"-{3 - number}")
        # What stands in the page stands in the file.
        assert inline(file)[-1000:].strip() in report


def test_a_file_is_no_directory(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(ConfigurationError, match="is a file"):
        check_output_dir(tmp_path / "out", force=True)
    (tmp_path / "empty").mkdir()
    check_output_dir(tmp_path / "empty")


def test_a_place_where_nothing_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        ConfigurationError, match=r"directory .*new/out is below .*/file, which is a file; choose another"
    ):
        check_output_dir(tmp_path / "file" / "new" / "out")
    tried = []

    def refuse(dir):
        tried.append(dir)
        raise PermissionError(errno.EACCES, "Permission denied")

    check_output_dir(tmp_path / "new" / "out")
    # Whoever is root may write everywhere.
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(
        ConfigurationError, match=r"new/out cannot be written \(Permission denied\); choose another one"
    ):
        check_output_dir(tmp_path / "new" / "out", force=True)
    assert tried == [tmp_path]
    assert names(tmp_path) == ["file"]


def test_odd_words_are_written(tmp_path):
    words = ["\ud800", "\0", "\u2028", "</script>"]
    odd = sentence(tokens=words, attention=[0.25] * 4, importance=[0.1] * 4, importance_attention_constant=[0.1] * 4)
    write_evaluation(tmp_path / "out", {"a": evaluation([odd])})
    # One line: a line separator within a word does not end it.
    (line,) = (tmp_path / "out" / "instances.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    assert json.loads(line)["tokens"] == words


def test_three_models(tmp_path):
    results = three_models(12)
    write_evaluation(tmp_path / "out", results)
    files = ["instances.jsonl", "instances.compare.jsonl", "instances.compare-3.jsonl"]
    assert [name for name in names(tmp_path / "out") if name.startswith("instances")] == sorted(files)
    for file, result in zip(files, results.values()):
        lines = (tmp_path / "out" / file).read_text().splitlines()
        for line, expected in zip(map(json.loads, lines), result.sentences):
            assert line["attention"] == pytest.approx(expected.attention, rel=1e-5)
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert list(metrics["models"]) == list(results)
    assert set(metrics) == {"data", "sentences", "models", "comparisons"}
    comparisons = compare_with_first(results)
    adjusted = holm_adjusted(comparisons)
    assert list(metrics["comparisons"]) == ["<iVAT>", "third"]
    for name, differences in comparisons.items():
        for measure, difference in differences.items():
            expected = {**difference._asdict(), "p_holm": adjusted[name][measure].p_value}
            assert metrics["comparisons"][name][measure] == expected
    # Files of models that a later evaluation does not have go with it.
    first, second, _ = results.values()
    write_evaluation(tmp_path / "out", {"a": first, "b": second}, force=True)
    assert [name for name in names(tmp_path / "out") if name.startswith("instances")] == sorted(files[:2])
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert set(metrics) == {"data", "sentences", "models", "differences"}
    assert set(metrics["differences"]["pearson"]) == {"value", "low", "high", "p_value"}
