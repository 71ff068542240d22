"""Small encoders of every family with random weights, and AllenNLP models over them, without any network."""

from typing import Any, Dict, Optional, Sequence

import numpy
import torch
import transformers

SMALL: Dict[str, Any] = {
    "vocab_size": 40,
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 24,
    "max_position_embeddings": 48,
    # Large weights, so that attention differs from token to token.
    "initializer_range": 0.4,
}
DEBERTA = {**SMALL, "relative_attention": True, "max_relative_positions": 24, "pos_att_type": ["c2p", "p2c"]}
DISTILBERT = {
    **{"vocab_size": 40, "dim": 16, "n_layers": 3, "n_heads": 4, "hidden_dim": 24, "max_position_embeddings": 48},
    "initializer_range": 0.4,
}
FAMILIES: Dict[str, Any] = {
    "bert": SMALL,
    "roberta": SMALL,
    "xlm-roberta": SMALL,
    "camembert": SMALL,
    "electra": {**SMALL, "embedding_size": 8},
    "albert": {**SMALL, "embedding_size": 8},
    "albert in groups": {
        **SMALL,
        "embedding_size": 8,
        "num_hidden_layers": 4,
        "num_hidden_groups": 2,
        "inner_group_num": 2,
    },
    "distilbert": DISTILBERT,
    "deberta": DEBERTA,
    "deberta-v2": {**DEBERTA, "position_buckets": 8, "share_att_key": True, "norm_rel_ebd": "layer_norm"},
}
# DeBERTa v2 of transformers 4.20 asks numpy for a name that numpy 1.24 no longer has.
if transformers.__version__ < "4.21" and not hasattr(numpy, "int"):
    del FAMILIES["deberta-v2"]


def tiny_encoder(family: str = "bert", dropout: float = 0.0, seed: int = 0, **settings: Any) -> torch.nn.Module:
    """In float64 and training mode, with the dropout given."""
    model_type = family.split()[0]
    rates = ("dropout", "attention_dropout") if model_type == "distilbert" else DROPOUTS
    arguments = {**FAMILIES.get(family, SMALL), **dict.fromkeys(rates, dropout), **settings}
    torch.manual_seed(seed)
    encoder = transformers.AutoModel.from_config(transformers.AutoConfig.for_model(model_type, **arguments))
    return encoder.double().train()


DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob")


def tiny_ids(lengths: Sequence[int], width: Optional[int] = None, seed: int = 0) -> Dict[str, torch.Tensor]:
    """Texts of the given lengths, padded to the longest or to `width`."""
    ids = torch.ones(len(lengths), width or max(lengths), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, length in enumerate(lengths):
        generator = torch.Generator().manual_seed(1000 * seed + row)
        ids[row, :length] = torch.randint(4, 40, (length,), generator=generator)
        mask[row, :length] = 1
    return {"input_ids": ids, "attention_mask": mask}
