from typing import Any, Dict, List

from allennlp.data.tokenizers import Token, Tokenizer

from attention_vat.data.corpora.cleaning import clean_words


@Tokenizer.register("words")
class WordsTokenizer(Tokenizer):
    """
    The words of a text as `allennlp make-dataset` writes them: lower case, split by the rules of spaCy's English
    tokenizer (no trained pipeline is needed), without non-word characters.  So prediction on raw text sees the
    words that the model was trained on, and a text that was cleaned already stays as it is.

    See `attention_vat.data.corpora.cleaning.clean_words` for the rule.

    Registered as a `Tokenizer` with name "words".

    # Example

    ```python
    >>> [token.text for token in WordsTokenizer().tokenize("Don't miss it!")]
    ['do', 'n', 't', 'miss', 'it']
    ```
    """

    def tokenize(self, text: str) -> List[Token]:
        return [Token(word) for word in clean_words(text)]

    def _to_params(self) -> Dict[str, Any]:
        return {"type": "words"}
