import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from attention_vat.interpret import evaluate_attention
from attention_vat.interpret.bootstrap import estimates
from attention_vat.interpret.measures.prediction import PredictionQuality, prediction_statistics
from tests.interpret.made_up import batch_of, instances, sentence
from tests.tiny import tiny_model


def statistics(gold, predictions, labels="01", positive_label="1", suffix=""):
    sentences = [sentence(label=label) for label in gold]
    return prediction_statistics(sentences, predictions, list(labels), positive_label, suffix)


def values(*arguments, **options):
    return {name: found.value for name, found in estimates(statistics(*arguments, **options), resamples=1).items()}


@pytest.mark.parametrize(("positive_label", "f1"), [("1", 4 / 7), ("0", 2 / 5)])
def test_two_classes_have_the_f1_of_the_positive_one(positive_label, f1):
    # Of four 1s two are found, with one mistake; of two 0s one is found, with two mistakes.
    found = values("111100", "110010", positive_label=positive_label)
    assert found == {"accuracy": pytest.approx(3 / 6), "f1": pytest.approx(f1)}


def test_more_classes_have_the_mean_of_their_f1():
    # F1 of a is 2/3, of b 1/2, of c 0 and so is that of d, which nobody has and nobody predicts.
    found = values("aabbc", "aabcb", labels="abcd", positive_label=None)
    assert found == {
        "accuracy": pytest.approx(3 / 5),
        "macro_f1": pytest.approx((1 + 1 / 2 + 0 + 0) / 4),
        "micro_f1": pytest.approx(3 / 5),
    }


@pytest.mark.parametrize(("labels", "positive_label"), [("01", "1"), ("012", None)])
@given(
    counted=st.lists(st.tuples(st.sampled_from("01"), st.sampled_from("01")), min_size=1, max_size=8),
    others=st.lists(
        st.tuples(st.none(), st.sampled_from("01")) | st.tuples(st.none() | st.sampled_from("01"), st.none()),
        max_size=5,
    ),
    order=st.randoms(use_true_random=False),
)
def test_sentences_without_a_label_or_a_prediction_do_not_count(labels, positive_label, counted, others, order):
    mixed = order.sample(counted + others, len(counted + others))
    found = statistics(*zip(*mixed), labels=labels, positive_label=positive_label)
    expected = statistics(*zip(*counted), labels=labels, positive_label=positive_label)
    assert list(found) == list(expected)
    for name, one in found.items():
        assert len(one.columns) == len(mixed), "a row for each sentence, for the paired bootstrap"
        assert (one.sentences, one.undefined, one.std) == (len(counted), 0, None)
        numpy.testing.assert_allclose(one.columns.sum(axis=0), expected[name].columns.sum(axis=0))


@pytest.mark.parametrize(
    ("gold", "predictions"),
    [([], []), ([None, None], ["0", "1"]), (["0", "1"], [None, None]), ([None, "1"], ["1", None])],
)
def test_without_anything_to_compare_there_is_no_number(gold, predictions):
    assert statistics(gold, predictions) == {}


def test_all_wrong_is_zero_and_not_undefined():
    assert values("00", "11", suffix="_uniform") == {"accuracy_uniform": 0, "f1_uniform": 0}
    assert values("ab", "ba", "abc", None, "_x") == {"accuracy_x": 0, "macro_f1_x": 0, "micro_f1_x": 0}


def test_more_than_two_classes_equal_scikit_learn():
    result = evaluate_attention(tiny_model(num_labels=3, seed=4), instances(60, num_labels=3), resamples=10)
    gold, predicted = [s.label for s in result.sentences], [s.prediction for s in result.sentences]
    assert set(predicted) == {"0", "1", "2"}
    assert result.positive_label is None
    assert "f1" not in result.metrics
    for average in ("macro", "micro"):
        expected = metrics.f1_score(gold, predicted, labels=["0", "1", "2"], average=average)
        assert result.metrics[f"{average}_f1"].value == pytest.approx(expected)


def test_the_measure_is_about_the_prediction_and_adds_nothing_to_a_sentence():
    model = tiny_model()
    batch = batch_of(model, instances(3))
    before = [vars(one).copy() for one in batch.sentences]
    PredictionQuality()(model, batch).add_to(batch.sentences)
    assert [vars(one) for one in batch.sentences] == before
    right = [sentence(prediction="1", label="1"), sentence(prediction="0", label="1", predictions={"uniform": "1"})]
    found = estimates(PredictionQuality().statistics(right, ["0", "1"], "1"), resamples=1)
    assert (found["accuracy"].value, found["f1"].value) == (0.5, pytest.approx(2 / 3))
