from pathlib import Path

import numpy
import pytest

from attention_vat.experiments.frame import experiment_results
from attention_vat.experiments.statistics import effect
from attention_vat.experiments.tables import effects_table
from attention_vat.interpret.holm import holm
from attention_vat.reproduction import effects, results_frame
from tests.experiments.small import ROOT


def test_every_model_against_vanilla(evaluated):
    frame = results_frame(experiment_results(*evaluated))
    found = effects(frame[frame.measure.isin(["accuracy", "pearson"])])
    assert found[["measure", "model", "seeds"]].to_numpy().tolist() == [
        ["accuracy", "Word AT", 5],
        ["accuracy", "Attention AT", 5],
        ["pearson", "Word AT", 5],
        ["pearson", "Attention AT", 5],
    ]
    assert found.difference.tolist() == pytest.approx([0.0, 0.2, 0.0, 0.0], abs=0.01)
    better = found.iloc[1]
    assert (better.setting, better.technique, better.baseline) == ("example", "attention_at", "Vanilla")
    assert better.baseline_mean == pytest.approx(0.62, abs=0.01)
    # Attention AT has twelve sentences more with every seed, and always the same; what varies are the sentences.
    assert numpy.isnan(found.p_value).all()


def test_the_map_by_hand():
    frame = results_frame(ROOT / "docs" / "results" / "few_labels")
    f1 = frame[(frame.measure == "f1") & (frame.stage == "final") & (frame.setting == "SST, 250 labels")]
    found = effects(f1).set_index("model")
    values = f1.pivot(index="seed", columns="model", values="value")
    expected = {model: effect(values[model], values["Vanilla"]) for model in values if model != "Vanilla"}
    for model, one in expected.items():
        assert found.loc[model, ["difference", "low", "high", "p_value", "detectable"]].tolist() == pytest.approx(
            [one.difference, one.low, one.high, one.p_value, one.detectable]
        )
    assert found.adjusted.tolist() == pytest.approx(holm([expected[model].p_value for model in found.index]))
    assert set(found.labels) == {250.0}
    row = effects_table(effects(f1), "T").cells.iloc[0].tolist()
    assert row == ["F1", "Tying", "10", "+1.62", "[−2.50, 5.73]", "", "0.37", ".397", "1", "5.73"]


def test_only_the_seeds_that_both_have():
    frame = results_frame(ROOT / "docs" / "results" / "few_labels")
    frame = frame[(frame.measure == "f1") & (frame.setting == "SST, 250 labels")]
    frame = frame[(frame.model != "Tying") | frame.seed.isin([0, 3])]
    found = effects(frame).set_index("model")
    assert found.seeds["Tying"] == 2 and found.seeds["Word AT"] == 10
    assert effects(frame[frame.model != "Vanilla"]).empty
    assert effects(frame, baseline="Tying").seeds.tolist() == [2] * 10


def test_sentences_count_where_they_are_known(evaluated):
    generator, results = numpy.random.default_rng(0), experiment_results(*evaluated)
    for result in results:
        file = Path(result["path"], "predictions.npz")
        with numpy.load(file) as stored:
            columns = {**stored, "prediction": generator.integers(0, 2, 60)}
        numpy.savez(file, **columns)
        result["test"] = {"accuracy": float(columns["prediction"].mean())}
    frame = results_frame(results)
    frame = frame[frame.measure == "accuracy"]
    found = effects(frame)
    assert (found.low_both <= found.low).all() and (found.high <= found.high_both).all()
    assert found.p_value.notna().all()
    assert effects(frame.assign(path=None)).low_both.isna().all()
