import pytest

from attention_vat.reports.label_names import with_label_names
from tests.interpret.made_up import evaluation, sentence

NAMES = {"0": "negative", "1": "positive"}


def result(**names):
    rows = [
        sentence(id="a", label="0", prediction="1", predictions={"uniform": "0"}, scores={"pearson": 0.5}),
        sentence(id="b", label=None, prediction="0", scores={"pearson": 0.5}),
    ]
    made = evaluation(rows)
    made.label_names = names
    return made


def test_all_labels_have_their_names_in_a_copy():
    plain = result(**NAMES)
    (named,) = with_label_names({"m": plain}).values()
    assert (named.labels, named.positive_label) == (["negative", "positive"], "positive")
    assert [(row.label, row.prediction) for row in named.sentences] == [("negative", "positive"), (None, "negative")]
    assert named.sentences[0].predictions == {"uniform": "negative"}
    assert named.by_prediction == {NAMES[label]: some for label, some in plain.by_prediction.items()}
    assert set(named.by_prediction) == {"negative", "positive"}
    assert named.metrics == plain.metrics
    assert plain.sentences[0].prediction == "1" and plain.labels == ["0", "1"]


def test_labels_without_names_stay():
    results = {"m": result()}
    assert with_label_names(results)["m"] is results["m"]


@pytest.mark.parametrize("order", [(NAMES, {}), ({}, NAMES), (NAMES, {"0": "bad", "1": "good"})])
def test_all_models_of_a_report_have_the_same_names(order):
    named = with_label_names({str(number): result(**names) for number, names in enumerate(order)})
    assert [each.labels for each in named.values()] == [["negative", "positive"]] * 2
