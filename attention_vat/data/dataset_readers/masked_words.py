import random
from typing import Any, Dict, List, Optional, Tuple

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance
from allennlp.data.fields import MetadataField, TensorField, TextField
from allennlp.data.token_indexers import PretrainedTransformerIndexer
from allennlp.data.tokenizers import PretrainedTransformerTokenizer, Token

from attention_vat.common.numbers import check_rates
from attention_vat.data.dataset_readers.json_lines import Example, JsonLinesReader, Words, as_strings
from attention_vat.data.dataset_readers.pair_sequence import parse_pair
from attention_vat.data.dataset_readers.single_sequence import parse_line
from attention_vat.data.storable import mend


@DatasetReader.register("masked_words")
class MaskedWordsReader(JsonLinesReader):
    """
    Reads texts for masked language modeling with a Transformer: some word pieces of each text are chosen and replaced
    with the mask token, and the model predicts the originals (Devlin et al. 2019, section 3.1). The files are those of
    `transformer_text`, but only the words are used, and only the first text of a pair.

    The instances have `tokens` (a `TextField` of word pieces), `chosen` (a `TensorField` of shape `(num_pieces,)`, 1
    where the model predicts), `target_ids` (the original word pieces, of the same shape), and `metadata` with `words`.
    The choice depends only on the text and the seed, so it is the same in all epochs and processes.

    Registered as a `DatasetReader` with name "masked_words".

    # Parameters

    model_name : `str`, required.
        The Transformer whose word pieces are used: a name on Hugging Face, or a folder.
    mask_rate : `float`, optional (default = `0.15`)
        The share of word pieces that are chosen.
    keep_rate, random_rate : `float`, optional (default = `0.1`)
        The shares of the chosen word pieces that are kept, and that are replaced with random ones instead of the mask.
    max_length : `int`, optional (default = `128`)
        The limit in word pieces, special tokens included; longer texts are cut.
    seed : `int`, optional (default = `0`)

    Raises `ConfigurationError` for rates outside [0, 1], a `max_length` below 8, and a tokenizer without a mask token.

    # Example

    ```python
    reader = MaskedWordsReader("fixtures/tiny_bert")
    instance = reader.text_to_instance("the film is a masterpiece")
    ```
    """

    words_keys = {"tokens": "words"}

    def __init__(
        self,
        model_name: str,
        mask_rate: float = 0.15,
        keep_rate: float = 0.1,
        random_rate: float = 0.1,
        max_length: int = 128,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_rates("masked_words", mask_rate, keep_rate, random_rate)
        if max_length < 8:
            raise ConfigurationError(f"masked_words: max_length must be at least 8, not {max_length}.")
        self._rates = {"mask_rate": mask_rate, "keep_rate": keep_rate, "random_rate": random_rate}
        self._max_length, self._seed, self._model_name = max_length, seed, model_name
        self._pieces = PretrainedTransformerTokenizer(model_name)
        self._indexers = {"tokens": PretrainedTransformerIndexer(model_name)}
        self._mask_id = self._pieces.tokenizer.mask_token_id
        if self._mask_id is None:
            raise ConfigurationError(f"masked_words: the tokenizer of {model_name} has no mask token.")
        special = set(self._pieces.tokenizer.all_special_ids)
        self._usual_ids = [number for number in range(len(self._pieces.tokenizer)) if number not in special]

    def parse(self, line: str) -> Optional[Example]:
        try:
            text, _, metadata = parse_line(line)
        except ValueError:
            if '"premise"' not in line:
                raise
            text, _, _, _, metadata = parse_pair(line)
        return self.make_example(text, {"id": metadata["id"]} if "id" in metadata else {})

    def text_to_instance(self, text_or_tokens: Words, **metadata: Any) -> Instance:  # type: ignore[override]
        """
        # Parameters

        text_or_tokens : `Union[str, List[str]]`
            A text, which is split at spaces, or its words.
        metadata : `Any`

        Raises a `ConfigurationError` for input that would also be invalid in a file.
        """
        return self.instance_of(text_or_tokens, metadata)

    def make_example(self, text: Words, metadata: Dict[str, Any]) -> Example:  # type: ignore[override]
        words = self._words("tokens", mend(text).split() if isinstance(text, str) else text)
        return Example({"tokens": words}, None, None, metadata)

    def make_instance(self, example: Example) -> Instance:
        words = as_strings(example.texts["tokens"])
        # (num_pieces,), without special tokens
        pieces, _ = self._pieces._intra_word_tokenize(words)
        del pieces[self._max_length - self._pieces.num_special_tokens_for_sequence() :]
        masked, chosen = self._masked(pieces)
        start = len(self._pieces.single_sequence_start_tokens)
        tokens = self._pieces.add_special_tokens(masked)
        asked = torch.zeros(len(tokens), dtype=torch.bool)
        targets = torch.zeros(len(tokens), dtype=torch.long)
        for place in chosen:
            asked[start + place], targets[start + place] = True, pieces[place].text_id
        return Instance(
            {
                "tokens": TextField(tokens),
                "chosen": TensorField(asked, dtype=torch.bool),
                "target_ids": TensorField(targets, dtype=torch.long),
                "metadata": MetadataField(self.make_metadata(example)),
            }
        )

    def apply_token_indexers(self, instance: Instance) -> None:
        instance["tokens"].token_indexers = self._indexers

    def _masked(self, pieces: List[Token]) -> Tuple[List[Token], List[int]]:
        """Returns the pieces with some of them replaced, and the positions of the chosen ones."""
        # A separate generator, so that neither the order of the texts nor other processes change the draws.
        rng = random.Random(f"{self._seed} {' '.join(str(piece.text_id) for piece in pieces)}")
        chosen = [place for place in range(len(pieces)) if rng.random() < self._rates["mask_rate"]]
        masked = list(pieces)
        for place in chosen:
            draw = rng.random()
            if draw >= self._rates["keep_rate"] + self._rates["random_rate"]:
                masked[place] = self._piece(self._mask_id, pieces[place])
            elif draw >= self._rates["keep_rate"]:
                masked[place] = self._piece(rng.choice(self._usual_ids), pieces[place])
        return masked, chosen

    def _piece(self, text_id: int, original: Token) -> Token:
        text = self._pieces.tokenizer.convert_ids_to_tokens(text_id)
        return Token(text, text_id=text_id, type_id=original.type_id)

    def _to_params(self) -> Dict[str, Any]:
        return {
            "type": "masked_words",
            "model_name": self._model_name,
            **self._rates,
            "max_length": self._max_length,
            "seed": self._seed,
            "max_instances": self.max_instances,
        }
