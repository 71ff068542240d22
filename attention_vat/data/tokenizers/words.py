from typing import Any, Dict, List, Optional

from allennlp.data.tokenizers import Token, Tokenizer

from attention_vat.data.corpora.cleaning import clean_words


@Tokenizer.register("words")
class WordsTokenizer(Tokenizer):
    """
    Splits a text into the words that `allennlp make-dataset` writes: lower case, split by the rules of spaCy's English
    tokenizer (no trained pipeline is needed), without non-word characters.  So prediction on raw text sees the words
    that the model was trained on, and a text that is already clean does not change.

    See `attention_vat.data.corpora.cleaning.clean_words` for the rule.

    Registered as a `Tokenizer` with name "words".

    # Parameters

    keep_punctuation : `bool`, optional (default = `False`)
        Keep non-word characters, as `make-dataset` does for AG News and SNLI.
    number_token : `str`, optional (default = `None`)
        Replaces each word with a digit; `make-dataset` uses `"qqq"` for AG News, 20 Newsgroups and SNLI.

    # Examples

    >>> [token.text for token in WordsTokenizer().tokenize("Don't miss it!")]
    ['do', 'n', 't', 'miss', 'it']
    """

    def __init__(self, keep_punctuation: bool = False, number_token: Optional[str] = None) -> None:
        self._keep_punctuation = keep_punctuation
        self._number_token = number_token

    def tokenize(self, text: str) -> List[Token]:
        return [Token(word) for word in clean_words(text, self._keep_punctuation, self._number_token)]

    def _to_params(self) -> Dict[str, Any]:
        return {"type": "words", "keep_punctuation": self._keep_punctuation, "number_token": self._number_token}
