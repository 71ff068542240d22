import json
import math

import numpy

from attention_vat.common.plain_json import dumps


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


def test_what_is_not_finite_is_null_at_any_depth():
    content = {"a": math.nan, "b": [math.inf, {"c": (-math.inf, 0.5)}], "d": numpy.float64("nan"), "e": "NaN"}
    for indent in (None, 2):
        read = json.loads(dumps(content, indent), parse_constant=refuse)
        assert read == {"a": None, "b": [None, {"c": [None, 0.5]}], "d": None, "e": "NaN"}


def test_numbers_and_letters_stay_as_they_are():
    assert dumps({"τ": 0.1}) == '{"τ": 0.1}'
