import json

import pytest

from attention_vat.reports.markup import escape, printed, word


def test_control_characters_do_not_reach_a_page():
    assert escape("<\0&\x1b\x85\ud83d\n\t\u200d>") == "&lt;\ufffd&amp;\ufffd\ufffd\ufffd\n\t\u200d&gt;"
    assert word("<b>") == "<bdi>&lt;b&gt;</bdi>"


@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_nor_do_they_within_json(ensure_ascii):
    text = "a\0\x1f\b\f\n\t\\u0000 \\\\u0000 \\b é \u2028"
    found = json.loads(printed(json.dumps({text: [text, 1.5, None]}, ensure_ascii=ensure_ascii)))
    expected = "a\ufffd\ufffd\ufffd\ufffd\n\t\\u0000 \\\\u0000 \\b é \u2028"
    assert found == {expected: [expected, 1.5, None]}
    assert json.loads(printed(json.dumps("\x7f\ud800", ensure_ascii=False))) == "\ufffd\ufffd"
