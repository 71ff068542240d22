from allennlp.common import Params
from allennlp.data import Tokenizer

from attention_vat.data.tokenizers.words import WordsTokenizer


def test_is_registered_and_splits_as_cleaning_does():
    tokenizer = Tokenizer.from_params(Params({"type": "words"}))
    assert isinstance(tokenizer, WordsTokenizer)
    assert [token.text for token in tokenizer.tokenize("Don't miss it!")] == ["do", "n", "t", "miss", "it"]
    assert tokenizer.tokenize("...") == []


def test_goes_to_params_and_back():
    params = WordsTokenizer().to_params().as_dict()
    assert isinstance(Tokenizer.from_params(Params(params)), WordsTokenizer)
