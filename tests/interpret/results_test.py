import pytest

from attention_vat.interpret import evaluate_attention
from tests.interpret.made_up import instances
from tests.tiny import tiny_model


@pytest.fixture(scope="module")
def evaluation():
    return evaluate_attention(tiny_model(), instances(6), resamples=5)


def test_numbers_are_those_of_the_metrics(evaluation):
    numbers = evaluation.numbers()
    assert set(numbers.index) == set(evaluation.metrics)
    assert numbers.loc["pearson", "title"] == "Pearson correlation"
    for name, estimate in evaluation.metrics.items():
        value = numbers.loc[name, "value"]
        assert value == estimate.value or (estimate.value is None and value != value)


def test_a_row_for_each_sentence(evaluation):
    frame = evaluation.per_sentence()
    assert list(frame.index) == [sentence.id for sentence in evaluation.sentences]
    first = evaluation.sentences[0]
    assert frame.iloc[0].text == " ".join(first.tokens) and frame.iloc[0].prediction == first.prediction
    assert frame.iloc[0].pearson == pytest.approx(first.scores["pearson"], nan_ok=True)


def test_pages(evaluation):
    assert "<title>Mine</title>" in evaluation.to_html("Mine")
    assert "Pearson correlation" in evaluation._repr_html_()


def test_no_sentence_at_all(evaluation):
    from dataclasses import replace

    assert replace(evaluation, sentences=[]).per_sentence().empty
