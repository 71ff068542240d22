import json
import math

from attention_vat.experiments.files import read_json, write_json


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "one.json"
    write_json(path, {"name": "ε", "f1": math.nan, "values": [1, 2.5]})
    assert read_json(path) == {"name": "ε", "f1": None, "values": [1, 2.5]}
    assert json.loads(path.read_text(encoding="utf-8"))["name"] == "ε"
    assert [each.name for each in tmp_path.iterdir()] == ["one.json"]


def test_what_is_missing_or_cut_short_is_nothing(tmp_path):
    path = tmp_path / "one.json"
    assert read_json(path) is None
    write_json(path, {"a": [1, 2, 3]})
    path.write_text(path.read_text()[:-4])
    assert read_json(path) is None
    path.write_bytes(b"\xff\xfe")
    assert read_json(path) is None
