import pytest

from attention_vat.interpret.statistics import data_set_statistics
from attention_vat.reports.numbers import DESCRIPTIONS, description_of, interval, number, p_value
from tests.interpret.made_up import sentence


@pytest.mark.parametrize(
    ("value", "sign", "text"),
    [
        (0.12345, False, "0.123"),
        (-0.12345, False, "−0.123"),
        (0.5, True, "+0.500"),
        (-0.0001, False, "0.000"),
        (-0.0001, True, "0.000"),
        (None, True, "–"),
    ],
)
def test_number(value, sign, text):
    assert number(value, sign) == text


def test_interval():
    assert interval(-0.1, 0.2) == "[−0.100, 0.200]"
    assert interval(None, None) == ""


@pytest.mark.parametrize(
    ("value", "text"), [(0.0004, "< .001"), (0.0123, ".012"), (0.9999, "1"), (1.0, "1"), (None, "")]
)
def test_p_value(value, text):
    assert p_value(value) == text


def test_every_number_has_a_description():
    scores = {"tokens_gold": 1.0, "tokens_predicted": 1.0, "spans_gold": 1.0}
    both = {
        *data_set_statistics([sentence(scores=scores)], ["0", "1"], "1"),
        *data_set_statistics([sentence(scores=scores)], ["0", "1", "2"], None),
    }
    assert both == set(DESCRIPTIONS)
    assert description_of("some_number").title == "some number"
