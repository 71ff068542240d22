import numpy
import pytest
from sklearn.metrics import f1_score

from attention_vat.interpret.bootstrap import differences, estimates, f1_of, f1_of_means, mean_of


def one(statistic, **kwargs):
    return estimates({"x": statistic}, **kwargs)["x"]


def test_mean_leaves_out_and_counts_what_is_undefined():
    estimate = one(mean_of([0.5, None, 0.1, 0.3]))
    assert estimate.value == pytest.approx(0.3)
    assert (estimate.sentences, estimate.undefined) == (3, 1)
    assert estimate.std == pytest.approx(numpy.std([0.5, 0.1, 0.3]))
    assert one(mean_of([None, 1.0, None], possible=[True, True, False])).undefined == 1


def test_nothing_defined():
    estimate = one(mean_of([None, None]))
    assert estimate[:4] == (None, None, None, None)
    assert estimate.undefined == 2
    assert differences({"x": mean_of([None])}, {"x": mean_of([1.0])})["x"] == (None, None, None, None)


def test_interval_of_a_mean_is_near_the_normal_one():
    values = numpy.random.default_rng(0).normal(0.4, 0.2, 2000)
    estimate = one(mean_of(values.tolist()), resamples=2000)
    half = 1.96 * values.std() / numpy.sqrt(len(values))
    assert estimate.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert estimate.high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_the_seed_decides():
    values = mean_of(numpy.random.default_rng(0).random(50).tolist())
    state = numpy.random.get_state()[1].copy()
    assert one(values, seed=1) == one(values, seed=1)
    assert one(values, seed=1) != one(values, seed=2)
    assert (numpy.random.get_state()[1] == state).all()


@pytest.mark.parametrize("num_classes", [2, 4])
def test_f1_equals_scikit_learn(num_classes):
    generator = numpy.random.default_rng(num_classes)
    gold, predicted = generator.integers(0, num_classes, (2, 60))
    classes = numpy.arange(num_classes)
    is_gold, is_predicted = gold[:, None] == classes, predicted[:, None] == classes
    macro = one(f1_of(is_gold & is_predicted, is_predicted, is_gold))
    assert macro.value == pytest.approx(f1_score(gold, predicted, average="macro"))
    assert macro.low < macro.value < macro.high
    single = one(f1_of((is_gold & is_predicted)[:, 1], is_predicted[:, 1], is_gold[:, 1]))
    assert single.value == pytest.approx(f1_score(gold == 1, predicted == 1))


def test_f1_without_predictions_is_zero():
    nothing = numpy.zeros(5)
    assert one(f1_of(nothing, nothing, nothing)).value == 0
    assert one(f1_of_means([None], [None])).value == 0


def test_f1_of_means_averages_precision_and_recall_over_different_sentences():
    estimate = one(f1_of_means([0.5, None, 1.0], [0.2, 0.4, None]))
    precision, recall = 0.75, 0.3
    assert estimate.value == pytest.approx(2 * precision * recall / (precision + recall))


def test_difference_is_paired():
    generator = numpy.random.default_rng(0)
    hard = generator.normal(0, 1, 400)
    first, second = hard, hard + generator.normal(0.02, 0.05, 400)
    difference = differences({"x": mean_of(first.tolist())}, {"x": mean_of(second.tolist())})["x"]
    assert difference.value == pytest.approx(second.mean() - first.mean())
    # Between sentences the values differ fifty times as much as between the models, and it does not matter.
    assert 0 < difference.low < difference.value < difference.high < 0.04
    assert difference.p_value < 0.01


def test_no_difference():
    values = mean_of(numpy.random.default_rng(0).random(30).tolist())
    assert differences({"x": values, "y": values}, {"x": values})["x"] == (0.0, 0.0, 0.0, 1.0)
    assert list(differences({"x": values, "y": values}, {"x": values})) == ["x"]
