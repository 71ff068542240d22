import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora.rows import csv_rows, json_rows, value
from attention_vat.data.corpora.sources import Source


def source(tmp_path, text):
    path = tmp_path / "rows"
    path.write_text(text, encoding="utf-8")
    return Source(path)


def test_json_rows(tmp_path):
    rows = list(json_rows(source(tmp_path, '{"a": 1}\n\n{"a": 2}\n'), "rows"))
    assert [(where.rsplit(":", 1)[1], row) for where, row in rows] == [("1", {"a": 1}), ("3", {"a": 2})]


@pytest.mark.parametrize(
    ("line", "problem"), [('{"a": ', "is not JSON"), ("[1]", "is not a JSON object"), ("[" * 99999, "is not JSON")]
)
def test_broken_json_is_named(line, problem, tmp_path):
    with pytest.raises(ConfigurationError, match=f"rows:2: {problem}"):
        list(json_rows(source(tmp_path, '{"a": 1}\n' + line), "rows"))


def test_csv_rows(tmp_path):
    text = '"3","One, ""two""","a\\b"\n\n4,"two\nlines",x\n'
    rows = list(csv_rows(source(tmp_path, text), "rows"))
    assert [row for _, row in rows] == [["3", 'One, "two"', "a\\b"], ["4", "two\nlines", "x"]]
    assert [where.rsplit(":", 1)[1] for where, _ in rows] == ["1", "4"]


def test_broken_csv_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="rows:2: is not CSV"):
        list(csv_rows(source(tmp_path, '"a","b"\n"a"b"\n'), "rows"))
    with pytest.raises(ConfigurationError, match="is not CSV"):
        list(csv_rows(source(tmp_path, '"a","b"\n"never closed\n'), "rows"))


def test_value():
    row = {"label": 1, "text": "a"}
    assert value("f:1", row, "gold_label", "label", kind=int) == 1
    with pytest.raises(ConfigurationError, match='f:1: has no "sentence1"'):
        value("f:1", row, "sentence1")
    with pytest.raises(ConfigurationError, match='f:1: "label" has the wrong type: 1'):
        value("f:1", row, "label")
