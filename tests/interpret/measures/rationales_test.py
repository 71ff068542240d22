"""The numbers themselves are compared with the benchmark's scorer in `tests/interpret/rationales/eraser_test.py`."""

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.evaluation import evaluate_attention
from tests.interpret.made_up import instance, instances
from tests.tiny import tiny_model

WORDS = ["w1", "w2", "w3", "w4", "w5", "w6"]


def evaluated(data, selection=None, **options):
    measure = {"type": "rationales", **({"selection": selection} if selection else {})}
    return evaluate_attention(tiny_model(), data, [measure], resamples=10, **options)


def test_the_selection_is_a_parameter():
    data = [instance(WORDS, "1", rationale=[1, 1, 0, 0, 0, 0])]
    for selection, number in (
        ({"type": "top_words", "fraction": 1.0}, 6),
        ({"type": "spans", "length": 2, "number": 2}, 4),
        ({"type": "threshold", "threshold": 2.0}, 0),
        (None, 2),
    ):
        result = evaluated(data, selection)
        assert result.sentences[0].scores["tokens_predicted"] == number
        chosen = result.settings["measures"]["rationales"]["selection"]
        assert chosen == (selection or {"type": "top_words"})


def test_evidences_that_touch_are_told_apart():
    marks = [1, 1, 1, 1, 0, 0]
    data = [instance(WORDS, "1", rationale=marks, evidences=[[0, 2], [2, 4]]), instance(WORDS, "1", rationale=marks)]
    # Whether a batch holds one or both must not matter.
    for batch_tokens in (6, 100):
        result = evaluated(data, batch_tokens=batch_tokens)
        assert [sentence.scores["spans_gold"] for sentence in result.sentences] == [2, 1]
        assert [sentence.scores["tokens_gold"] for sentence in result.sentences] == [4, 4]


def test_evidences_beyond_a_cut():
    data = [instance(WORDS, "1", rationale=[0, 0, 0, 0, 0, 1], evidences=[[5, 9], [6, 8]])]
    result = evaluated(data, {"type": "top_words", "fraction": 1.0})
    assert result.sentences[0].scores["spans_gold"] == 1


@pytest.mark.parametrize("evidences", ["0-2", [[0]], [[2, 1]], [[0, "2"]], [3]])
def test_evidences_that_are_none(evidences):
    with pytest.raises(ConfigurationError, match="sentence 'a' have .*, which is not a token span"):
        evaluated([instance(WORDS, "1", id="a", rationale=[0] * 6, evidences=evidences)])


def test_numbers_without_marks():
    assert "auprc" not in evaluated(instances(5)).metrics
    # Nobody marked anything, so that nobody knows how much to choose.
    unmarked = [instance(WORDS, "1", rationale=[0] * 6)]
    assert "auprc" not in evaluated(unmarked).metrics
    nothing = evaluated(unmarked, rationale_fraction=0.2)
    assert nothing.metrics["auprc"].value == 0.5
    assert nothing.metrics["token_f1_macro"].value == 0
    assert nothing.metrics["token_f1_micro"].value == 0
