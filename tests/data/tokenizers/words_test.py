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


def test_options_go_to_cleaning_and_to_params():
    tokenizer = Tokenizer.from_params(Params({"type": "words", "keep_punctuation": True, "number_token": "qqq"}))
    assert [token.text for token in tokenizer.tokenize("Don't pay $20!")] == ["do", "n't", "pay", "$", "qqq", "!"]
    again = Tokenizer.from_params(Params(tokenizer.to_params().as_dict()))
    assert [token.text for token in again.tokenize("Don't pay $20!")] == ["do", "n't", "pay", "$", "qqq", "!"]
