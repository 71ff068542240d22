import json

import pytest
from allennlp.data import Vocabulary
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.data.storable import check_label, check_words, mend, mend_halves

# What the check lets through, said in another way.
storable_characters = st.characters(
    blacklist_categories=("Cs", "Zl", "Zp"), blacklist_characters="\n\r\v\f\x1c\x1d\x1e\x85"
)
storable = st.text(storable_characters, max_size=8)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("word", ["{}", "{}a", "a{}", "a{}b"])
def test_a_line_end_anywhere_in_a_word_is_refused(end, word):
    with pytest.raises(ValueError, match=r"^\"tokens\" has the word '.+', which contains a line end; split it"):
        check_words("tokens", ["fine", word.format(end)])


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("\ud83d", r"'\\ud83d', which contains half a character \(a lone surrogate\); remove it"),
        ("fun \udc00!", "which contains half a character"),
        ("@@PADDING@@", "'@@PADDING@@', which is reserved in vocabularies; rename it"),
        ("@@UNKNOWN@@", "which is reserved"),
        ("a@@NEWLINE@@", "which is reserved"),
        ("\r" + "a" * 1_000_000, "'" + r"\\r" + "a{96}…, which contains a line end"),
    ],
)
def test_what_no_vocabulary_can_keep_is_refused(word, problem):
    with pytest.raises(ValueError, match=problem) as error:
        check_words("tokens", [word])
    str(error.value).encode()
    with pytest.raises(ValueError, match=problem):
        check_label("label", word)


def test_an_empty_label_is_refused_and_an_empty_word_kept():
    check_words("tokens", ["", " ", "@@", "@start@", "\0", "😀", "@@padding@@"])
    with pytest.raises(ValueError, match="^\"candidates\" has the label '', which is empty$"):
        check_label("candidates", "")


@given(st.lists(storable | st.text(max_size=3), max_size=4))
def test_what_is_accepted_comes_back_from_the_files_of_a_vocabulary(tmp_path_factory, words):
    try:
        check_words("tokens", words)
    except ValueError:
        return
    directory = str(tmp_path_factory.mktemp("vocabulary"))
    vocab = Vocabulary(tokens_to_add={"tokens": words, "labels": [word for word in words if word] or ["0"]})
    vocab.save_to_files(directory)
    assert Vocabulary.from_files(directory)._token_to_index == vocab._token_to_index


@given(st.lists(storable, max_size=4))
def test_what_can_be_kept_is_accepted(words):
    check_words("tokens", words)


@given(st.text(max_size=9))
def test_a_mended_text_can_be_kept(text):
    mended = mend(text)
    check_words("text", [mended])
    mended.encode()
    assert mended.split() == "".join(" " if 0xD800 <= ord(c) < 0xE000 else c for c in text).split()


def test_halves_of_emoji_leave_metadata_and_whole_ones_stay():
    value = json.loads(r'{"a\ud83d": ["b\ud83d", {"c": "\ud83d\ude00"}], "n": [1, null, 0.5, true]}')
    assert mend_halves(value) == {"a": ["b", {"c": "😀"}], "n": [1, None, 0.5, True]}
