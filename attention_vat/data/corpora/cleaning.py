"""
How text becomes words: one rule for every corpus, for the `words` tokenizer and so for prediction on raw text.
"""

import html
import re
import unicodedata
from functools import lru_cache
from typing import Any, Iterator, List, Optional, Tuple

from attention_vat.data.storable import mend


def _marks() -> str:
    """
    The combining marks of all scripts (categories Mn and Mc) for a set of `re`, which does not know categories.
    """
    # Beyond these planes there are only variation selectors.
    places = {place for place in range(0x300, 0x20000) if unicodedata.category(chr(place)) in ("Mn", "Mc")}
    starts = sorted(place for place in places if place - 1 not in places)
    ends = sorted(place for place in places if place + 1 not in places)
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends))


# Letters and numbers (`\w`), after the first also marks, and inside a word the two joiners that Persian, Sinhala and
# other scripts write there.  The underscore is no part of a word, though Python counts it as one.
_LETTER = r"[^\W_]"
_MARK = f"[{_marks()}]"
_LETTERS = rf"(?:{_LETTER}|{_MARK})"
_WORD = rf"{_LETTER}{_LETTERS}*(?:[\u200c\u200d]{_LETTERS}+)*"
WORD = re.compile(_WORD)
_WORD_OR_SIGN = re.compile(rf"{_WORD}|.", re.DOTALL)

# spaCy takes off one sign after the other at both ends of a piece without white space, and looks at all the rest each
# time: in a long piece with many signs side by side that is the square of its length.
SIGNS = re.compile(r"([\W_]{8,})")
SAME_SIGNS = re.compile(r"(.)\1*", re.DOTALL)
SHORT, LONGEST = 50, 500

# Normalizing takes time with the square of the marks side by side. No word has as many.
MARKS = re.compile(f"({_MARK}{{30}}){_MARK}+")
# Where they may be; much faster to look for.
BEYOND_LATIN = re.compile("[^\x00-\u02ff]{31}")

# Soft hyphens and variation selectors stand in words, or beside emoji, and do not change them.
INVISIBLE = re.compile("[\u00ad\ufe00-\ufe0f\U000e0100-\U000e01ef]")

ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
TAG = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|br|center|code|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|s|small|span|strike|strong"
    r"|sub|sup|table|tbody|td|th|tr|tt|u|ul)"
    r"""(?:\s+[a-z-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+))*\s*/?>""",
    re.IGNORECASE,
)


def clean_words(text: str, keep_punctuation: bool = False, number_token: Optional[str] = None) -> List[str]:
    """
    The words of a text: lower case, split as spaCy's English rules split them, without non-word characters.

    A non-word character inside a word separates it (`well-made` becomes `well made`, `n't` becomes `n t`); this
    is what [Jain & Wallace (2019)](https://arxiv.org/abs/1902.10186) do to the Stanford Sentiment Treebank, and it
    gives the same words for the treebank's `do n't` and for a user's `don't`.  Applying it again changes nothing:
    `clean_words(" ".join(clean_words(text))) == clean_words(text)`.

    Letters, numbers and combining marks of every script are word characters; punctuation, emoji and control characters
    (NUL among them) are not.  A text without a letter or number has no words.  HTML tags (`<br />`) separate words and
    disappear, and entities (`&amp;`) become the characters that they stand for.

    It takes time in proportion to the length of the text, whatever is in it.

    # Parameters

    text : `str`
        Raw or tokenised text, any length.
    keep_punctuation : `bool`, optional (default = `False`)
        Keep non-word characters, tags and entities: spaCy's tokens in lower case and nothing else, as Jain & Wallace
        clean AG News and SNLI (`do n't miss it !`).
    number_token : `str`, optional (default = `None`)
        Stands for each word that has a digit in it; Jain & Wallace use `qqq`.

    # Returns

    words : `List[str]`

    # Examples

    >>> clean_words("It isn't a well-made film ...<br />")
    ['it', 'is', 'n', 't', 'a', 'well', 'made', 'film']
    """
    if not keep_punctuation:
        if "&" in text:
            text = ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
        if "<" in text:
            text = TAG.sub(" ", text)
        text = text.lower()
    if not text.isascii():
        text = _normalized(text if keep_punctuation else INVISIBLE.sub("", text))
    # White space always separates words in spaCy, so each piece can be cleaned alone, and most of them only once.
    split = _split_piece if keep_punctuation else _clean_piece
    pieces = text.split()
    if max(map(len, pieces), default=0) <= SHORT:
        words = [word for piece in pieces for word in split(piece)]
    else:
        words = [
            word
            for piece in pieces
            for word in (split(piece) if len(piece) <= SHORT else _long_piece(piece, keep_punctuation))
        ]
    if number_token is not None:
        words = [number_token if any(character.isdigit() for character in word) else word for word in words]
    return words


def _normalized(text: str) -> str:
    # The lower case of İ is an i with a second dot, a mark that no other text has.
    if BEYOND_LATIN.search(text):
        text = MARKS.sub(r"\1", text)
    text = unicodedata.normalize("NFC", mend(text)).replace("İ", "I").replace("i\u0307", "i")
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=2**17)
def _clean_piece(piece: str) -> Tuple[str, ...]:
    words: List[str] = []
    for token in _spacy_tokenizer()(piece):
        for word in WORD.findall(token.text):
            # What was cut loose may be split again by spaCy's rules, as in `x-dont`: cleaning must reach its end.
            words.extend([word] if word == piece else _clean_piece(word))
    return tuple(words)


@lru_cache(maxsize=2**17)
def _split_piece(piece: str) -> Tuple[str, ...]:
    # spaCy's rules know names by their capitals, so lower case comes last.
    return tuple(token.text.lower() for token in _spacy_tokenizer()(piece))


def _long_piece(piece: str, keep_punctuation: bool) -> Iterator[str]:
    """
    The words of a piece of any length, in linear time: the same as spaCy's where it has no long run of signs.
    """
    split, cut = (_split_piece, _WORD_OR_SIGN) if keep_punctuation else (_clean_piece, WORD)
    # Every second part is a run of signs.
    for number, part in enumerate(SIGNS.split(piece)):
        if number % 2:
            yield from _signs(part) if keep_punctuation else ()
        elif len(part) <= LONGEST:
            yield from split(part)
        else:
            for word in cut.findall(part):
                yield from split(word) if len(word) <= LONGEST else (word.lower(),)


def _signs(run: str) -> Iterator[str]:
    for match in SAME_SIGNS.finditer(run):
        signs = match.group()
        # Dots and hyphens are one token however many they are, other signs one each.
        tokens = _split_piece(signs[:SHORT])
        yield from (signs,) if len(tokens) == 1 else tokens if len(signs) <= SHORT else signs


@lru_cache(maxsize=None)
def _spacy_tokenizer() -> Any:
    # The rules of the English tokenizer need no trained pipeline; spaCy itself is imported when first used.
    import spacy

    return spacy.blank("en").tokenizer
