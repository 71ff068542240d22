import json

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.frame import experiment_results, write_results
from attention_vat.reproduction import results_frame
from tests.experiments.small import ROOT

RESULT = {
    "run": "r",
    "stage": "final",
    "corpus": "sst",
    "technique": "word_vat_semi_supervised",
    "seed": 3,
    "epsilon": 1,
    "unlabeled": {"count": 20, "strategy": "random"},
    "test_data": "a hash",
    "test": {"f1": 0.5, "pearson": None, "kendall": float("nan")},
    "validation": {"f1": 0.6},
    "training": {"loss": 0.1},
    "seconds": {"train": 6.0},
    "epochs": 2,
}


def test_a_row_for_each_run_and_measure():
    frame = results_frame([RESULT])
    assert dict(zip(frame.measure, frame.value)) == {
        "f1": 0.5,
        "epochs": 2.0,
        "validation_f1": 0.6,
        "training_loss": 0.1,
        "training_seconds": 6.0,
    }, "missing numbers have no row"
    row = frame.iloc[0]
    assert (row.setting, row.model, row.seed, row.epsilon, row.unlabeled) == ("sst", "Word VAT †", 3, 1.0, 20.0)


@pytest.mark.parametrize("folder", sorted((ROOT / "docs" / "results").glob("*/manifest.json")))
def test_the_results_of_the_documentation_are_readable(folder):
    frame = results_frame(folder.parent)
    assert len(frame) and set(frame.stage) <= {"search", "final"}


def test_numbers_of_the_documentation():
    frame = results_frame(ROOT / "docs" / "results" / "word_level_imdb")
    assert frame.run.nunique() == 80 and set(frame.stage) == {"final"}
    means = frame[frame.measure == "f1"].groupby("technique")["value"].mean()
    assert means["tying+word_at"] == pytest.approx(0.8378, abs=1e-4)
    frame = results_frame(ROOT / "docs" / "results" / "few_labels")
    means = frame[(frame.measure == "f1") & (frame.stage == "final")].groupby(["setting", "model"])["value"].mean()
    assert means["SST, 250 labels", "Tying"] == pytest.approx(0.7656, abs=1e-4)
    assert frame[frame.setting == "SST, 250 labels"].labels.unique().tolist() == [250]


def test_through_a_file(evaluated, tmp_path):
    results = experiment_results(*evaluated)
    assert len(results) == 15
    write_results(tmp_path / "results.jsonl", results)
    frame, read = results_frame(results), results_frame(tmp_path)
    assert read.drop(columns="path").equals(frame.drop(columns="path"))
    assert str(tmp_path) not in (tmp_path / "results.jsonl").read_text()


def test_damage_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="There is no .*results.jsonl"):
        results_frame(tmp_path)
    for line, message in (("{", "line 2: not JSON"), ("[]", "line 2: not a result"), ("{}", "line 2: not a result")):
        (tmp_path / "results.jsonl").write_text(json.dumps(RESULT) + "\n" + line)
        with pytest.raises(ConfigurationError, match=message):
            results_frame(tmp_path)


def test_what_does_not_fit_together():
    with pytest.raises(ConfigurationError, match="two runs of sst/Word VAT † with seed 3"):
        results_frame([RESULT, {**RESULT, "run": "another"}])
    with pytest.raises(ConfigurationError, match="Models of sst were evaluated on different test data"):
        results_frame([RESULT, {**RESULT, "model": "Other", "test_data": "another hash"}])
