"""A small model and small batches, in float64 where gradients are checked."""

import copy
from typing import Any, Dict, List, Optional, Sequence

import torch
from allennlp.common import Params
from allennlp.data import Vocabulary
from allennlp.models import Model

from attention_vat.models import AttentionClassifier
from attention_vat.models.adversarial_regularizer import CleanPass

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
    model = Model.from_params(
        Params(
            copy.deepcopy(  # reading a configuration takes it apart
                {
                    "type": "single_sequence_attention",
                    "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 6}}},
                    "encoder": {"type": "lstm", "input_size": 6, "hidden_size": 5, "bidirectional": True},
                    "regularizers": regularizers or [],
                    **kwargs,
                }
            )
        ),
        vocab=tiny_vocabulary(num_labels),
    ).to(dtype)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0.0, 0.7)
    return model


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
    return model.clean_pass({"tokens": tiny_tokens(lengths, **kwargs)}, label)
