"""
Which strings a vocabulary can keep. AllenNLP saves it as a file with a word on each line, in UTF-8; what does not come
back from there would make an archive that cannot be loaded, after all the training.
"""

import re
from typing import Any, List

from attention_vat.common.texts import quoted

# Halves of surrogate pairs, as in an emoji that was cut in two; they are no text, and no encoding has them.
HALVES = "\ud800-\udfff"
LINE_ENDS = "\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
UNSTORABLE = re.compile(f"[{HALVES}{LINE_ENDS}]")
HALF = re.compile(f"[{HALVES}]")

RESERVED = ("@@PADDING@@", "@@UNKNOWN@@")
# Stands for a line end in the file.
NEWLINE = "@@NEWLINE@@"


def mend(text: str) -> str:
    """
    A text before it is split into words: white space in place of what no word can keep (line ends, halves of emoji).
    """
    return text if text.isprintable() else UNSTORABLE.sub(" ", text)


def mend_halves(value: Any) -> Any:
    """
    A JSON value in which no string, at any depth, has half an emoji.
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
    Raises a `ValueError` if these are no words, and one that names the first of them that a vocabulary cannot keep.
    """
    # Most often nothing is odd, which is quickly seen for all.
    try:
        joined = " ".join(words)
    except TypeError as error:
        raise ValueError(f'"{name}" must be a text or a list of words, which are strings') from error
    if "@@" in joined or not joined.isprintable():
        for word in words:
            problem = _problem(word)
            if problem:
                raise ValueError(f'"{name}" has the word {quoted(word)}, {problem}')


def check_label(name: str, label: str) -> None:
    """
    Raises a `ValueError` if a vocabulary cannot keep a label, or if it is empty.
    """
    problem = "which is empty" if not label else _problem(label)
    if problem:
        raise ValueError(f'"{name}" has the label {quoted(label)}, {problem}')


def _problem(word: str) -> str:
    if word in RESERVED or NEWLINE in word:
        return "which has a meaning of its own in vocabularies; rename it"
    if HALF.search(word):
        return "which has half a character (a lone surrogate); take it out"
    if UNSTORABLE.search(word):
        return "which has a line end; split it there or take it out"
    return ""
