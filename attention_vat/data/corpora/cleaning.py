"""
How text becomes words: one rule for every corpus, for the `words` tokenizer and so for prediction on raw text.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Any, List, Optional, Tuple

# The underscore counts as a word character for Python, but no word is written with it.
NON_WORD = re.compile(r"[\W_]+")


def clean_words(text: str, keep_punctuation: bool = False, number_token: Optional[str] = None) -> List[str]:
    """
    The words of a text: lower case, split as spaCy's English rules split them, without non-word characters.

    A non-word character inside a word separates it (`well-made` becomes `well made`, `n't` becomes `n t`); this
    is what [Jain & Wallace (2019)](https://arxiv.org/abs/1902.10186) do to the Stanford Sentiment Treebank, and it
    gives the same words for the treebank's `do n't` and for a user's `don't`.  Applying it again changes nothing:
    `clean_words(" ".join(clean_words(text))) == clean_words(text)`.

    Letters and digits of every script are word characters; punctuation, emoji, control characters (NUL among them)
    and combining marks that have no composed letter are not.  A text without a letter or digit has no words.

    # Parameters

    text : `str`
        Raw or tokenised text, any length.
    keep_punctuation : `bool`, optional (default = `False`)
        Keep non-word characters: spaCy's tokens in lower case and nothing else, as Jain & Wallace clean AG News and
        SNLI (`do n't miss it !`).
    number_token : `str`, optional (default = `None`)
        Stands for each word that has a digit in it; Jain & Wallace use `qqq`.

    # Returns

    words : `List[str]`

    # Example

    ```python
    >>> clean_words("It isn't a well-made film ...")
    ['it', 'is', 'n', 't', 'a', 'well', 'made', 'film']
    ```
    """
    # White space always separates words in spaCy, so each piece can be cleaned alone, and most of them only once.
    text = unicodedata.normalize("NFC", text)
    if keep_punctuation:
        words = [word for piece in text.split() for word in _split_piece(piece)]
    else:
        words = [word for piece in text.lower().split() for word in _clean_piece(piece)]
    if number_token is not None:
        words = [number_token if any(character.isdigit() for character in word) else word for word in words]
    return words


@lru_cache(maxsize=2**17)
def _clean_piece(piece: str) -> Tuple[str, ...]:
    words: List[str] = []
    for token in _spacy_tokenizer()(piece):
        for word in NON_WORD.sub(" ", token.text).split():
            # What was cut loose may be split again by spaCy's rules, as in `x-dont`: cleaning must reach its end.
            words.extend([word] if word == piece else _clean_piece(word))
    return tuple(words)


@lru_cache(maxsize=2**17)
def _split_piece(piece: str) -> Tuple[str, ...]:
    # spaCy's rules know names by their capitals, so lower case comes last.
    return tuple(token.text.lower() for token in _spacy_tokenizer()(piece))


@lru_cache(maxsize=None)
def _spacy_tokenizer() -> Any:
    # The rules of the English tokenizer need no trained pipeline; spaCy itself is imported when first used.
    import spacy

    return spacy.blank("en").tokenizer
