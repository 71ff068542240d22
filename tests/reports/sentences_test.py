import json

import pytest

from attention_vat.reports.sentences import LEVELS, embedded, levels, printed, sentences_data
from tests.interpret.made_up import evaluation, evaluations, sentence
from tests.reports.made_up import all_measures


def data_of(*results):
    return json.loads(embedded(sentences_data(dict(zip(["a", "b"], results)))))


def shares(packed):
    characters, full = packed
    return [LEVELS.index(character) / 63 * full for character in characters]


def test_sentences_are_all_there():
    first, second = evaluations()
    data = data_of(first, second)
    assert data["models"] == ["a", "b"]
    assert [row[0] for row in data["sentences"]] == [s.id for s in first.sentences]
    column = [name for name, _ in data["columns"]].index("pearson")
    for row, a, b in zip(data["sentences"], first.sentences, second.sentences):
        assert row[2] == a.tokens
        assert row[3] == (0 if a.rationale is None else "".join(map(str, a.rationale)))
        for packed, one in zip(row[4:], (a, b)):
            prediction, confidence, scores, attention, (importance,), others, own = packed
            assert prediction == one.prediction
            assert confidence == pytest.approx(max(one.probs), abs=1e-4)
            pearson = one.scores["pearson"]
            assert scores[column] == (None if pearson is None else pytest.approx(pearson, abs=1e-4))
            assert shares(attention) == pytest.approx(one.attention, abs=0.01)
            total = sum(one.importance)
            assert shares(importance) == pytest.approx([value / total for value in one.importance], abs=0.01)
            assert others == []
            assert own == 0


def test_what_further_measures_say_comes_along():
    first, _ = all_measures(5)
    first.sentences[1].words = {}
    data = data_of(first)
    assert [name for name, _ in data["strips"]] == ["importance", "leave_one_out", "adversarial_attention"]
    assert data["conditions"] == [["uniform", "with uniform attention"]]
    row, without = data["sentences"][0][4], data["sentences"][1][4]
    assert shares(row[4][2]) == pytest.approx(first.sentences[0].words["adversarial_attention"], abs=0.01)
    assert without[4][1:] == [0, 0]
    assert row[5] == [first.sentences[0].predictions["uniform"]]
    # Counts and other parts of numbers are no columns.
    first.sentences[0].scores["tokens_gold"] = 1.0
    names = [name for name, _ in data_of(first)["columns"]]
    assert "tokens_gold" not in names
    assert {"pearson", "adversarial_jsd", "max_attention"} <= set(names)


def test_an_even_spread_looks_pale():
    assert levels([0.1] * 10) == [LEVELS[21] * 10, pytest.approx(0.3)]
    assert levels([0.0] * 10) == ["0" * 10, 0]
    assert levels([]) == ["", 0]


def test_a_negative_importance_counts_by_its_size():
    assert levels([-0.5, 0.5]) == levels([0.5, 0.5])


def test_a_model_with_other_tokens_brings_its_own():
    first, second = sentence(), sentence(tokens=["go", "##od", "film"], attention=[0.2, 0.3, 0.5], importance=[1.0] * 3)
    row = data_of(evaluation([first]), evaluation([second]))["sentences"][0]
    assert row[2] == ["good", "film"]
    assert row[4][-1] == 0
    assert row[5][-1] == ["go", "##od", "film"]


def test_what_is_no_number_is_written():
    odd = [
        sentence(tokens=[], attention=[], importance=[], label=None),
        sentence(attention=[float("nan")] * 2, importance=[float("inf"), 1.0], probs=[float("nan")] * 2),
        sentence(scores={"pearson": float("nan")}),
    ]
    rows = data_of(evaluation(odd))["sentences"]
    assert [row[4][1] for row in rows] == [0.9, 0, 0.9]
    assert rows[1][4][3] == ["00", 0]
    assert rows[2][4][2] == [None]


def test_data_cannot_end_its_element():
    text = embedded({"a": "</script><!--&\u2028\u2029"})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": "</script><!--&\u2028\u2029"}


def test_what_a_word_alone_says_is_no_share_of_a_sentence():
    one = sentence(tokens=["good", "film"], attention=[0.5, 0.5], importance=[1.0, 1.0])
    one.words["single_word"] = [0.75, 0.25]
    data = data_of(evaluation([one]))
    assert data["strips"][-1] == ["single_word", "prediction of the word alone"]
    strip = data["sentences"][0][4][4][-1]
    assert strip == [LEVELS[47] + LEVELS[16], 1]
    assert shares(strip) == pytest.approx([0.75, 0.25], abs=0.01)


@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_control_characters_do_not_reach_a_page_within_json(ensure_ascii):
    text = "a\0\x1f\b\f\n\t\\u0000 \\\\u0000 \\b é \u2028"
    found = json.loads(printed(json.dumps({text: [text, 1.5, None]}, ensure_ascii=ensure_ascii)))
    expected = "a\ufffd\ufffd\ufffd\ufffd\n\t\\u0000 \\\\u0000 \\b é \u2028"
    assert found == {expected: [expected, 1.5, None]}
    assert json.loads(printed(json.dumps("\x7f\ud800", ensure_ascii=False))) == "\ufffd\ufffd"
