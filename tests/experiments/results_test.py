import numpy
import pytest

from attention_vat.experiments.results import load_predictions, numbers_of, save_predictions, type_of
from tests.interpret.made_up import evaluations


def test_the_type_of_a_measure():
    assert [type_of(measure) for measure in ("uniform", {"type": "hotflip", "sample": 5})] == ["uniform", "hotflip"]


def test_predictions_come_back(tmp_path):
    evaluation = evaluations()[0]
    save_predictions(tmp_path, evaluation)
    found = load_predictions(tmp_path)
    assert found["classes"].tolist() == evaluation.labels
    assert found["ids"].tolist() == [sentence.id for sentence in evaluation.sentences]
    names = found["classes"][found["prediction"]].tolist()
    assert names == [sentence.prediction for sentence in evaluation.sentences]
    for name in evaluation.sentences[0].scores:
        expected = [sentence.scores.get(name) for sentence in evaluation.sentences]
        assert found[f"score_{name}"] == pytest.approx(
            numpy.array([numpy.nan if value is None else value for value in expected]), nan_ok=True, rel=1e-6
        )
    assert not list(tmp_path.glob(".*")), "nothing is left beside the file"


def test_a_damaged_file_is_as_a_missing_one(tmp_path):
    assert load_predictions(tmp_path) is None
    save_predictions(tmp_path, evaluations()[0])
    file = tmp_path / "predictions.npz"
    file.write_bytes(file.read_bytes()[:-200])
    assert load_predictions(tmp_path) is None


def test_objects_are_never_unpickled(tmp_path):
    numpy.savez(tmp_path / "predictions.npz", label=numpy.array([{"an": "object"}], dtype=object))
    assert load_predictions(tmp_path) is None


def test_points_of_curves_have_names():
    evaluation = evaluations()[0]
    numbers = numbers_of(evaluation)
    assert set(evaluation.metrics) <= set(numbers)
    for name, curve in evaluation.curves.items():
        assert numbers[f"{name}@{curve.x[0]:g}"] == curve.points[0].value
