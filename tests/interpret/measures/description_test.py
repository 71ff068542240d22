import pytest

from attention_vat.interpret import evaluate_attention
from attention_vat.interpret.measures import Columns, Description, Measure, description_of, descriptions, in_order
from attention_vat.interpret.measures.measure import mean_statistics
from attention_vat.reports.figures import figures
from attention_vat.reports.html import render_report
from tests.interpret.made_up import instances
from tests.tiny import tiny_model

# Few steps are enough for a name. What "seeds" needs, it does not find here.
CHEAP = {
    "adversarial_attention": {"num_steps": 2},
    "permutation": {"num_permutations": 2},
    "hotflip": {"sample": 2},
    "input_reduction": {"sample": 2},
}
CHOSEN = [
    {"type": name, **CHEAP.get(name, {})} for name in Measure.list_available() if Measure.by_name(name).part_of_all
]


@pytest.mark.parametrize("num_labels", [2, 3])
def test_every_number_has_a_description(num_labels):
    data = instances(8, num_labels=num_labels, rationales=True)
    result = evaluate_attention(tiny_model(num_labels=num_labels), data, measures=CHOSEN, resamples=5)
    names = {*result.metrics, *result.curves, *(name for metrics in result.by_prediction.values() for name in metrics)}
    assert names <= set(descriptions())
    for name in result.metrics:
        value, (low, high) = result.metrics[name].value, description_of(name).scale
        assert value is None or low <= value <= high, name
    # There is a picture of every curve, but for the distance of attention that says the same as its divergence.
    drawn = {figure.name[len("curve-") :] for figure in figures({"a": result}) if figure.name.startswith("curve-")}
    assert drawn == {name for name in result.curves if not name.endswith("_attention_tvd")}
    assert "Comprehensiveness, AOPC" in render_report({"a": result}, "Title")


def test_every_title_is_its_own():
    titles = [description.title for description in descriptions().values()]
    assert len(titles) == len(set(titles))
    assert all(description.scale[0] < description.scale[1] for description in descriptions().values())


def test_what_has_no_description_is_called_by_its_name():
    assert description_of("some_number").title == "some number"
    assert description_of("some_number").scale == (0.0, 1.0)


def test_a_measure_of_somebody_else_brings_its_descriptions():
    group = "Length"

    class Words(Measure):
        descriptions = {
            "words_seen": Description("Words", "How many words a text has.", group, (0.0, 100.0), better=-1)
        }

        def __call__(self, model, batch):
            return Columns(scores={"words_seen": batch.mask.sum(dim=1).double().tolist()})

        def statistics(self, sentences, labels, positive_label):
            return mean_statistics(sentences, ["words_seen"])

    Measure.register("words_seen")(Words)
    try:
        assert in_order(["words_seen", "other", "pearson"]) == ["pearson", "words_seen", "other"]
        result = evaluate_attention(tiny_model(), instances(8), measures=["words_seen"], resamples=5)
        page = render_report({"a": result}, "Title")
        assert group in page and "How many words a text has." in page
    finally:
        del Measure._registry[Measure]["words_seen"]
    assert description_of("words_seen").title == "words seen"
