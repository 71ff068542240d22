import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.data.corpora.cleaning import clean_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It isn't a well-made film ...", "it is n t a well made film"),
        ("They do n't", "they do n t"),
        ("cannot", "can not"),
        ("the 1990s, 21st century", "the 1990s 21st century"),
        ("snake_case _ __init__", "snake case init"),
        ("Café Cafe\u0301", "café café"),
        ("zero\0byte tab\tnew\nline\u2028separator", "zero byte tab new line separator"),
        ("so good 😀🎬 really", "so good really"),
        ("سيء جدا, הסרט טוב", "سيء جدا הסרט טוב"),
        ("", ""),
        (" \n ", ""),
        ("... !? 😀 \0", ""),
        ("x-dont", "x do nt"),
    ],
)
def test_known_texts(text, words):
    assert clean_words(text) == words.split()


def test_long_texts_lose_nothing():
    assert clean_words("not dull . " * 5000) == ["not", "dull"] * 5000


@given(st.text(max_size=60))
def test_words_hold_only_word_characters_in_lower_case(text):
    for word in clean_words(text):
        assert word
        assert all(character.isalnum() for character in word)
        assert word == word.lower()


ENGLISH = """
don't dont cannot gonna I'm x-dont id. U.S. 10km e.g. o'clock ... (ill) c'mon we_re :) and/or
"""
english = st.lists(st.sampled_from(ENGLISH.split())).map(" ".join)


@given(st.one_of(st.text(max_size=60), english, st.text(alphabet="abdnotivl'-.10 ", max_size=40)))
def test_cleaning_twice_is_cleaning_once(text):
    words = clean_words(text)
    assert clean_words(" ".join(words)) == words


def test_punctuation_and_numbers():
    text = "U.S. shares fell 3.5%,\nhe said (2nd time)!"
    assert clean_words(text, keep_punctuation=True, number_token="qqq") == (
        ["u.s.", "shares", "fell", "qqq", "%", ",", "he", "said", "(", "qqq", "time", ")", "!"]
    )
    assert clean_words(text, number_token="qqq")[:6] == ["u", "s", "shares", "fell", "qqq", "qqq"]
    assert "3" in clean_words(text)
    assert clean_words("", keep_punctuation=True) == []
