import pytest
from allennlp.common import cached_transformers
from allennlp.common.checks import ConfigurationError
from allennlp.data import Token, Vocabulary
from allennlp.data.token_indexers import PretrainedTransformerMismatchedIndexer

from attention_vat.data.token_indexers import TransformerWordsIndexer

TINY_BERT = "fixtures/tiny_bert"


def indexed(first, second=(), **settings):
    words = [Token(word, type_id=0) for word in first] + [Token(word, type_id=1) for word in second]
    return TransformerWordsIndexer(TINY_BERT, **settings).tokens_to_indices(words, Vocabulary())


def pieces(output):
    return cached_transformers.get_tokenizer(TINY_BERT).convert_ids_to_tokens(output["token_ids"])


def test_a_text_is_what_allennlps_indexer_makes_of_it():
    words = [Token(word) for word in ["the", "filming", "é", "\u200b", "is"]]
    expected = PretrainedTransformerMismatchedIndexer(TINY_BERT).tokens_to_indices(words, Vocabulary())
    assert TransformerWordsIndexer(TINY_BERT).tokens_to_indices(words, Vocabulary()) == expected


def test_a_pair_is_what_the_tokenizer_of_the_transformer_makes_of_it():
    output = indexed(["the", "filming"], ["is", "good", "the"])
    expected = cached_transformers.get_tokenizer(TINY_BERT)("the filming", "is good the")
    assert output["token_ids"] == expected["input_ids"]
    assert output["type_ids"] == expected["token_type_ids"]
    # Each word finds its pieces.
    found = ["".join(pieces(output)[first : last + 1]).replace("##", "") for first, last in output["offsets"]]
    assert found == ["the", "filming", "is", "good", "the"]
    assert output["mask"] == [True] * 5 and len(output["wordpiece_mask"]) == len(output["token_ids"])


def test_the_longer_text_loses_its_last_words():
    output = indexed(["the"] * 9, ["is"] * 2, max_length=8)
    assert pieces(output) == ["[CLS]", *["the"] * 3, "[SEP]", *["is"] * 2, "[SEP]"]
    assert output["offsets"] == [(1, 1), (2, 2), (3, 3), *[(-1, -1)] * 6, (5, 5), (6, 6)]
    assert len(output["mask"]) == 11, "the words stay, without word pieces"


def test_a_word_is_left_out_as_a_whole():
    assert pieces(indexed(["filming"])) == ["[CLS]", "film", "##ing", "[SEP]"]
    output = indexed(["the", *["filming"] * 9], max_length=8)
    assert pieces(output)[1] == "the" and len(pieces(output)) == 7
    kept = [place for place in output["offsets"] if place != (-1, -1)]
    assert len(output["token_ids"]) - 2 == 1 + sum(last - first + 1 for first, last in kept[1:])


def test_no_words():
    assert pieces(indexed([])) == ["[CLS]", "[SEP]"]


def test_settings():
    with pytest.raises(ConfigurationError, match="max_length must be at least 8, not 7"):
        TransformerWordsIndexer(TINY_BERT, max_length=7)
