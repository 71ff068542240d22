"""
Turns text into words, with one rule for all corpora, the `words` tokenizer and so prediction on raw text.
"""

import html
import re
import unicodedata
from functools import lru_cache
from typing import Any, Iterator, List, Optional, Tuple

from attention_vat.data.storable import mend


def _marks() -> str:
    """
    Returns the combining marks of all scripts (categories Mn and Mc) for a character set of `re`, which has no
    categories.
    """
    # Beyond these planes there are only variation selectors.
    places = {place for place in range(0x300, 0x20000) if unicodedata.category(chr(place)) in ("Mn", "Mc")}
    starts = sorted(place for place in places if place - 1 not in places)
    ends = sorted(place for place in places if place + 1 not in places)
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends))


# A word consists of letters and numbers (`\w`), marks after the first character, and the two joiners that Persian,
# Sinhala and other scripts use inside words.  The underscore is not part of a word, although `\w` includes it.
_LETTER = r"[^\W_]"
_MARK = f"[{_marks()}]"
_LETTERS = rf"(?:{_LETTER}|{_MARK})"
_WORD = rf"{_LETTER}{_LETTERS}*(?:[\u200c\u200d]{_LETTERS}+)*"
WORD = re.compile(_WORD)
_WORD_OR_SIGN = re.compile(rf"{_WORD}|.", re.DOTALL)

# spaCy strips one sign at a time from both ends of a piece without white space, and scans the rest again each time: a
# long run of signs takes quadratic time.
SIGNS = re.compile(r"([\W_]{8,})")
SAME_SIGNS = re.compile(r"(.)\1*", re.DOTALL)
SHORT, LONGEST = 50, 500

# Normalizing takes quadratic time for a run of marks. No word has runs of this length.
MARKS = re.compile(f"({_MARK}{{30}}){_MARK}+")
# Says where such runs may be; it is much faster to search for.
BEYOND_LATIN = re.compile("[^\x00-\u02ff]{31}")

# Soft hyphens and variation selectors occur in words or next to emoji and do not change them.
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
    Splits a text into words: lower case, by spaCy's English rules, without non-word characters.

    A non-word character inside a word splits it (`well-made` becomes `well made`, `n't` becomes `n t`), as
    [Jain & Wallace (2019)](https://arxiv.org/abs/1902.10186) do for the Stanford Sentiment Treebank.  So the treebank's
    `do n't` and a user's `don't` give the same words.  Applying it again changes nothing:
    `clean_words(" ".join(clean_words(text))) == clean_words(text)`.

    Letters, numbers and combining marks of every script are word characters; punctuation, emoji and control characters
    (NUL among them) are not.  A text without a letter or number has no words.  HTML tags (`<br />`) separate words and
    disappear, and entities (`&amp;`) become the characters that they stand for.

    It takes time linear in the length of the text, whatever its content.

    # Parameters

    text : `str`
        Raw or tokenised text of any length.
    keep_punctuation : `bool`, optional (default = `False`)
        Keep non-word characters, tags and entities: spaCy's tokens in lower case and nothing else, as Jain & Wallace
        clean AG News and SNLI (`do n't miss it !`).
    number_token : `str`, optional (default = `None`)
        Replaces each word that contains a digit; Jain & Wallace use `qqq`.

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
    # White space always separates words in spaCy, so each piece can be cleaned alone, and most come from a cache.
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
    # İ in lower case is an i with a combining dot, a mark that occurs nowhere else.
    if BEYOND_LATIN.search(text):
        text = MARKS.sub(r"\1", text)
    text = unicodedata.normalize("NFC", mend(text)).replace("İ", "I").replace("i\u0307", "i")
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=2**17)
def _clean_piece(piece: str) -> Tuple[str, ...]:
    words: List[str] = []
    for token in _spacy_tokenizer()(piece):
        for word in WORD.findall(token.text):
            # spaCy's rules may split the parts again, as in `x-dont`, so repeat until nothing changes.
            words.extend([word] if word == piece else _clean_piece(word))
    return tuple(words)


@lru_cache(maxsize=2**17)
def _split_piece(piece: str) -> Tuple[str, ...]:
    # spaCy's rules recognise names by their capitals, so lower case comes last.
    return tuple(token.text.lower() for token in _spacy_tokenizer()(piece))


def _long_piece(piece: str, keep_punctuation: bool) -> Iterator[str]:
    """
    Yields the words of a piece of any length, in linear time: spaCy's words, except in long runs of signs.
    """
    split, cut = (_split_piece, _WORD_OR_SIGN) if keep_punctuation else (_clean_piece, WORD)
    # Every other part is a run of signs.
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
        # A run of dots or of hyphens is one token; each other sign is a token.
        tokens = _split_piece(signs[:SHORT])
        yield from (signs,) if len(tokens) == 1 else tokens if len(signs) <= SHORT else signs


@lru_cache(maxsize=None)
def _spacy_tokenizer() -> Any:
    # The rules of the English tokenizer need no trained pipeline; spaCy itself is imported when first used.
    import spacy

    return spacy.blank("en").tokenizer
