"""
Checks which strings a vocabulary can store. AllenNLP saves a vocabulary as a UTF-8 file with one word per line; a word
that cannot be read back makes an archive that cannot be loaded, which shows only after training.
"""

import re
from typing import Any, List

from attention_vat.common.texts import quoted

# Halves of surrogate pairs, as in an emoji that was cut in two; they are not valid text, and UTF-8 cannot encode them.
HALVES = "\ud800-\udfff"
LINE_ENDS = "\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
UNSTORABLE = re.compile(f"[{HALVES}{LINE_ENDS}]")
HALF = re.compile(f"[{HALVES}]")

RESERVED = ("@@PADDING@@", "@@UNKNOWN@@")
# Stands for a line end in the vocabulary file.
NEWLINE = "@@NEWLINE@@"


def mend(text: str) -> str:
    """
    Replaces what no word can contain (line ends, halves of emoji) with spaces, before a text is split into words.
    """
    return text if text.isprintable() else UNSTORABLE.sub(" ", text)


def mend_halves(value: Any) -> Any:
    """
    Removes halves of emoji from all strings of a JSON value, at any depth.
    """
    if isinstance(value, str):
        return HALF.sub("", value)
    if isinstance(value, list):
        return list(map(mend_halves, value))
    if isinstance(value, dict):
        return {mend_halves(key): mend_halves(item) for key, item in value.items()}
    return value


def check_words(name: str, words: List[str]) -> None:
    """
    Raises a `ValueError` if `words` are not strings, or if a vocabulary cannot store one of them; it names the first.
    """
    # Usually all words are fine, which a single check of the joined text shows.
    try:
        joined = " ".join(words)
    except TypeError as error:
        raise ValueError(f'"{name}" must be a text or a list of strings') from error
    if "@@" in joined or not joined.isprintable():
        for word in words:
            problem = _problem(word)
            if problem:
                raise ValueError(f'"{name}" has the word {quoted(word)}, {problem}')


def check_label(name: str, label: str) -> None:
    """
    Raises a `ValueError` if a label is empty or a vocabulary cannot store it.
    """
    problem = "which is empty" if not label else _problem(label)
    if problem:
        raise ValueError(f'"{name}" has the label {quoted(label)}, {problem}')


def _problem(word: str) -> str:
    if word in RESERVED or NEWLINE in word:
        return "which is reserved in vocabularies; rename it"
    if HALF.search(word):
        return "which contains half a character (a lone surrogate); remove it"
    if UNSTORABLE.search(word):
        return "which contains a line end; split it there or remove the line end"
    return ""
