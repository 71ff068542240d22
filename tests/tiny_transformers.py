"""Small encoders of every family with random weights, and AllenNLP models over them, without any network."""

import copy
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import numpy
import torch
import transformers
from allennlp.common import Params
from allennlp.models import Model

from attention_vat.models import AttentionClassifier
from tests.tiny import tiny_vocabulary

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


TINY_BERT = Path(__file__).parents[1] / "fixtures" / "tiny_bert"


def with_dropout(model: torch.nn.Module, rate: float) -> torch.nn.Module:
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = rate
    return model


def tiny_transformer_model(
    regularizers: Optional[List[Dict[str, Any]]] = None,
    num_labels: int = 2,
    dropout: float = 0.0,
    seed: int = 0,
    embedder: Optional[Dict[str, Any]] = None,
    **kwargs: Any,
) -> AttentionClassifier:
    """An attention classifier over a BERT. Weights are large, those of regularizers as they are."""
    torch.manual_seed(seed)
    embedder = {
        "type": "pretrained_transformer",
        "model_name": str(TINY_BERT),
        "load_weights": False,
        **(embedder or {}),
    }
    config = {
        "type": "single_sequence_attention",
        "text_field_embedder": {"token_embedders": {"tokens": embedder}},
        "encoder": {"type": "pass_through", "input_dim": 16},
        "regularizers": regularizers or [],
        **kwargs,
    }
    model = Model.from_params(Params(copy.deepcopy(config)), vocab=tiny_vocabulary(num_labels)).double()
    # AllenNLP keeps encoders it has made, so that how much was drawn so far depends on other tests.
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not name.startswith("adversaries") and not name.endswith("LayerNorm.weight"):
                parameter.normal_(0.0, 0.4)
    return with_dropout(model, dropout).train()


def tiny_pieces(lengths: Sequence[int], width: Optional[int] = None, seed: int = 0) -> Dict[str, Any]:
    """What `PretrainedTransformerIndexer` gives."""
    batch = tiny_ids(lengths, width, seed)
    mask = batch["attention_mask"].bool()
    return {"tokens": {"token_ids": batch["input_ids"], "mask": mask, "type_ids": torch.zeros_like(batch["input_ids"])}}


def tiny_transformer_classifier(
    regularizers: Optional[List[Dict[str, Any]]] = None, dtype: torch.dtype = torch.float64, seed: int = 0
) -> AttentionClassifier:
    """A `transformer_classifier` over a BERT without dropout."""
    config = {"type": "transformer_classifier", "model_name": str(TINY_BERT), "load_weights": False, "dropout": 0.0}
    model = Model.from_params(Params({**config, "regularizers": regularizers or []}), vocab=tiny_vocabulary()).to(dtype)
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not name.startswith("adversaries") and not name.endswith("LayerNorm.weight"):
                parameter.normal_(0.0, 0.2)
    return model.train()


def tiny_words(lengths: Sequence[int], seed: int = 0) -> Dict[str, Any]:
    """What the indexer `transformer_words` gives of words of one word piece each."""
    (indexed,) = tiny_pieces(lengths, seed=seed).values()
    ids, mask = indexed["token_ids"], indexed["mask"]
    offsets = torch.arange(ids.size(1)).view(1, -1, 1).repeat(len(ids), 1, 2)
    return {"tokens": {**indexed, "wordpiece_mask": mask, "offsets": offsets}}
