import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.reproduction import results_frame
from tests.reproduction.small import ROOT


def test_a_row_for_each_run_and_a_column_for_each_number():
    frame = results_frame(ROOT / "docs" / "results" / "word_level_imdb")
    assert len(frame) == 80 and set(frame.stage) == {"final"}
    means = frame.groupby("technique")["test.f1"].mean()
    assert means["tying+word_at"] == pytest.approx(0.8378, abs=1e-4)


def test_damage_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="There is no .*results.jsonl"):
        results_frame(tmp_path)
    file = tmp_path / "results.jsonl"
    file.write_text('{"run": "a"}\n{"run": "b"')
    with pytest.raises(ConfigurationError, match="results.jsonl, line 2: no JSON"):
        results_frame(tmp_path)
