import pytest

from attention_vat.common.written_numbers import interval, number, p_value


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
