import json

import pytest

from attention_vat.common.texts import one_line, quoted


def test_one_line():
    assert one_line(ValueError("a\n  b\tc")) == "a b c"
    assert one_line(EOFError()) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("short", "'short'"),
        (None, "None"),
        (["a", 1], "['a', 1]"),
        ("a" * 10**6, "'" + "a" * 98 + "…"),
        ([0] * 10**6, str([0] * 100)[:99] + "…"),
        ("a\x00b", r"'a\x00b'"),
        ("né\n\ud83d", r"'né\n\ud83d'"),
    ],
)
def test_quoted(value, text):
    assert quoted(value) == text


def test_values_that_cannot_be_written():
    nested = []
    for _ in range(10**5):
        nested = [nested]
    assert len(quoted(nested)) <= 100
    assert len(quoted(json.loads("9" * 4000))) <= 100
    assert len(quoted(9**10**4)) <= 100
