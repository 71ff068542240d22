"""Turns the words of a text, or of a pair of texts, into the word pieces of a Transformer."""

from typing import Any, List, Optional, Tuple

from allennlp.common.checks import ConfigurationError
from allennlp.data import Token, TokenIndexer, Vocabulary
from allennlp.data.token_indexers import PretrainedTransformerMismatchedIndexer
from allennlp.data.token_indexers.token_indexer import IndexedTokenList

Offsets = List[Optional[Tuple[int, int]]]


@TokenIndexer.register("transformer_words")
class TransformerWordsIndexer(PretrainedTransformerMismatchedIndexer):
    """
    Extends AllenNLP's `pretrained_transformer_mismatched` to pairs of texts: words whose `type_id` is 1 form the second
    text, and the Transformer reads `[CLS] first [SEP] second [SEP]` with its own token types. Use it with the embedder
    `pretrained_transformer_mismatched`, or with the model `transformer_classifier`.

    Registered as a `TokenIndexer` with name "transformer_words".

    # Parameters

    model_name : `str`, required.
        The Transformer: a name on Hugging Face, or a folder.
    max_length : `int`, optional (default = `512`)
        The limit in word pieces, special tokens included. Words are dropped from the end of the longer text until the
        input fits; a dropped word has no word pieces.
    kwargs : `Any`
        The other parameters of `pretrained_transformer_mismatched`.

    Raises `ConfigurationError` if `max_length` is below 8.

    # Examples

        "token_indexers": {"tokens": {"type": "transformer_words", "model_name": "bert-base-uncased"}}
    """

    def __init__(self, model_name: str, max_length: int = 512, **kwargs: Any) -> None:
        super().__init__(model_name, **kwargs)
        if max_length < 8:
            raise ConfigurationError(f"transformer_words: max_length must be at least 8, not {max_length}")
        self._longest = max_length

    def tokens_to_indices(self, tokens: List[Token], vocabulary: Vocabulary) -> IndexedTokenList:
        self._matched_indexer._add_encoding_to_vocabulary_if_needed(vocabulary)
        tokenizer = self._allennlp_tokenizer
        texts = [[token.ensure_text() for token in tokens if (token.type_id or 0) == text] for text in (0, 1)]
        pieces: List[List[Token]] = []
        places: List[Offsets] = []
        for text in texts:
            of_text, offsets = tokenizer._intra_word_tokenize(text)
            pieces.append(of_text)
            places.append(offsets)
        is_pair = bool(texts[1])
        num_special = (
            tokenizer.num_special_tokens_for_pair() if is_pair else tokenizer.num_special_tokens_for_sequence()
        )
        while sum(map(len, pieces)) + num_special > self._longest:
            _leave_out_last_word(*max(zip(pieces, places), key=lambda text: len(text[0])))
        all_pieces = tokenizer.add_special_tokens(*(pieces if is_pair else pieces[:1]))
        starts = [len(tokenizer.single_sequence_start_tokens)]
        if is_pair:
            starts = [len(tokenizer.sequence_pair_start_tokens)]
            starts.append(starts[0] + len(pieces[0]) + len(tokenizer.sequence_pair_mid_tokens))
        offsets = [
            (-1, -1) if place is None else (place[0] + start, place[1] + start)
            for start, of_text in zip(starts, places)
            for place in of_text
        ]
        output: IndexedTokenList = {
            "token_ids": [piece.text_id for piece in all_pieces],
            "mask": [True] * len(tokens),
            "type_ids": [piece.type_id for piece in all_pieces],
            "offsets": offsets,
            "wordpiece_mask": [True] * len(all_pieces),
        }
        return self._matched_indexer._postprocess_output(output)


def _leave_out_last_word(pieces: List[Token], offsets: Offsets) -> None:
    last = max(number for number, place in enumerate(offsets) if place is not None)
    del pieces[offsets[last][0] :]  # type: ignore[index]
    offsets[last] = None
