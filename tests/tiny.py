"""A small model and small batches, in float64 where gradients are checked."""

import copy
from typing import Any, Dict, List, Optional, Sequence

import torch
from allennlp.common import Params
from allennlp.data import Vocabulary
from allennlp.models import Model

from attention_vat.models import AttentionClassifier
from attention_vat.models.stages import CleanPass

NUM_WORDS = 30


def tiny_vocabulary(num_labels: int = 2) -> Vocabulary:
    vocabulary = Vocabulary()
    for number in range(NUM_WORDS):
        vocabulary.add_token_to_namespace(f"w{number}")
    for number in range(num_labels):
        vocabulary.add_token_to_namespace(str(number), "labels")
    return vocabulary


def tiny_model(
    regularizers: Optional[List[Dict[str, Any]]] = None,
    num_labels: int = 2,
    dtype: torch.dtype = torch.float64,
    seed: int = 0,
    **kwargs: Any,
) -> AttentionClassifier:
    """Weights are drawn large, so that attention and predictions differ from sentence to sentence."""
    torch.manual_seed(seed)
    config = {
        "type": "single_sequence_attention",
        "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 6}}},
        "encoder": {"type": "lstm", "input_size": 6, "hidden_size": 5, "bidirectional": True},
        "regularizers": regularizers or [],
        **kwargs,
    }
    # Reading a configuration takes it apart.
    model = Model.from_params(Params(copy.deepcopy(config)), vocab=tiny_vocabulary(num_labels)).to(dtype)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0.0, 0.7)
    return model


def tiny_pair_model(shared: bool = False, **kwargs: Any) -> AttentionClassifier:
    """The model of two texts, with embeddings and encoders of their own unless `shared`."""
    own: Dict[str, Any] = {
        "hypothesis_text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 6}}},
        "hypothesis_encoder": {"type": "gru", "input_size": 6, "hidden_size": 7},
    }
    return tiny_model(**{"type": "pair_sequence_attention", **({} if shared else own), **kwargs})


def tiny_tokens(lengths: Sequence[int], seed: int = 0, width: Optional[int] = None) -> Dict[str, Any]:
    """Sentences of the given lengths, padded to the longest or to `width`. A sentence depends on its position only."""
    tokens = torch.zeros(len(lengths), width or max([*lengths, 1]), dtype=torch.long)
    for row, length in enumerate(lengths):
        generator = torch.Generator().manual_seed(1000 * seed + row)
        tokens[row, :length] = torch.randint(2, NUM_WORDS + 2, (length,), generator=generator)
    return {"tokens": {"tokens": tokens}}


def tiny_labels(size: int, num_labels: int = 2) -> torch.Tensor:
    return torch.arange(size) % num_labels


def clean_pass(model: AttentionClassifier, lengths: Sequence[int], labeled: bool = True, **kwargs: Any) -> CleanPass:
    label = tiny_labels(len(lengths), model.num_labels) if labeled else None
    return model.clean_pass(tiny_inputs(model, lengths, **kwargs), label)


def tiny_inputs(
    model: AttentionClassifier, lengths: Sequence[int], candidates: bool = False, **kwargs: Any
) -> Dict[str, Any]:
    """What `model.embed` reads, for either model; a pair's second text has three words or fewer."""
    if model.input_names[0] == "tokens":
        return {"tokens": tiny_tokens(lengths, **kwargs)}
    second = [min(length, 3) for length in lengths]
    inputs = {"premise": tiny_tokens(lengths, **kwargs), "hypothesis": tiny_tokens(second, seed=77)}
    if candidates:
        # The label and the class after it.
        label = tiny_labels(len(lengths), model.num_labels)
        possible = torch.nn.functional.one_hot(label, model.num_labels)
        inputs["candidates"] = possible + possible.roll(1, dims=1)
    return inputs


def steady_noise(point: torch.Tensor) -> torch.Tensor:
    """
    In place of `torch.randn_like`: where a search starts in a text, whatever stands beside the text and behind it.
    Scores that all move alike would change nothing, nor would the parts of an embedding before a layer normalization.
    """
    steps = torch.arange(point.size(-1), device=point.device)  # (num_words,) or (embedding_dim,)
    return torch.cos(steps).to(point.dtype).expand_as(point)
