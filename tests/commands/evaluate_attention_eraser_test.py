"""`evaluate-attention --eraser`; what it writes is checked in `tests/interpret/rationales/eraser_test.py`."""

import json

import pytest

from tests.commands.evaluate_attention_test import archive, data, make_archive, run  # noqa: F401


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_predictions(archive, data, tmp_path, monkeypatch):  # noqa: F811
    second = make_archive(tmp_path / "ivat", seed=1)
    run(monkeypatch, archive, data, "-s", tmp_path / "out", "--eraser", "--compare", second)
    names = ["eraser.jsonl", "eraser.compare.jsonl"]
    for predictions in [lines_of(tmp_path / "out" / name) for name in names]:
        assert sorted(line["annotation_id"] for line in predictions) == ["a", "b", "c"]
        assert [point["threshold"] for point in predictions[0]["thresholded_scores"]] == [0.01, 0.05, 0.1, 0.2, 0.5]
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert "comprehensiveness_aopc" in metrics["differences"]
    assert "parts" not in lines_of(tmp_path / "out" / "instances.jsonl")[0]
    # Without it, those of before are not left beside other numbers.
    run(monkeypatch, archive, data, "-s", tmp_path / "out", "--force")
    assert not any((tmp_path / "out" / name).exists() for name in names)


def test_the_selection_is_that_of_the_numbers(archive, data, tmp_path, monkeypatch):  # noqa: F811
    measures = '[{"type": "rationales", "selection": {"type": "spans", "length": 2, "number": 1}}]'
    run(monkeypatch, archive, data, "-s", tmp_path / "out", "--eraser", "--measures", measures)
    for line in lines_of(tmp_path / "out" / "eraser.jsonl"):
        (span,) = line["rationales"][0]["hard_rationale_predictions"]
        assert span["end_token"] - span["start_token"] == (1 if line["annotation_id"] == "c" else 2)


def test_data_without_ids_is_found_before_any_work(archive, data, tmp_path, monkeypatch):  # noqa: F811
    data.write_text('{"tokens": ["w1"], "label": "1", "rationale": [1]}\n')
    with pytest.raises(SystemExit, match=r'test.jsonl:1: needs a unique "id"'):
        run(monkeypatch, archive, data, "-s", tmp_path / "out", "--eraser")
    assert not (tmp_path / "out").exists()
