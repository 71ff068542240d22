import pytest
import torch
from allennlp.common.checks import ConfigurationError

from tests.tiny import tiny_labels
from tests.tiny_transformers import tiny_pieces, tiny_transformer_model

NAME = "random_attention_mask"


def metrics_of(dropout=0.0, lengths=(9, 4, 6), seed=0, **settings):
    model = tiny_transformer_model([{"type": NAME, **settings}], dropout=dropout)
    torch.manual_seed(seed)
    model(tokens=tiny_pieces(lengths), label=tiny_labels(len(lengths)))["loss"].backward()
    return model.get_metrics(reset=True)


def test_the_share_of_closed_cells():
    metrics = metrics_of(share=0.3, lengths=[30] * 20)
    assert metrics["kept_share"] == pytest.approx(0.7, abs=0.01)
    assert metrics["kept_share_layer_0"] != metrics["kept_share_layer_1"]
    assert metrics["divergence"] > 0
    assert set(metrics_of(layers=[-1])) & {"kept_share_layer_0", "kept_share_layer_1"} == {"kept_share_layer_1"}


def test_nothing_closed_with_replayed_dropout_changes_nothing():
    metrics = metrics_of(share=0.0, dropout=0.4, replay_dropout=True)
    assert (metrics["divergence"], metrics["kept_share"]) == (0.0, 1.0)
    assert metrics_of(share=0.0, dropout=0.4)["divergence"] > 0


def test_masks_leave_replayed_dropout_alone():
    """The mask of the last layer cannot change what the units of the layers below drop."""
    model = tiny_transformer_model([{"type": NAME, "share": 0.5, "replay_dropout": True}], dropout=0.4)
    bert = model.text_field_embedder.token_embedder_tokens.transformer_model
    dropped = []
    bert.embeddings.dropout.register_forward_hook(lambda module, inputs, output: dropped.append(output.eq(0)))
    bert.encoder.layer[1].output.dropout.register_forward_hook(
        lambda module, inputs, output: dropped.append(output == 0)
    )
    model(tokens=tiny_pieces([5, 3]), label=tiny_labels(2))
    clean_first, clean_last, first, last = dropped
    assert torch.equal(clean_first, first)
    assert torch.equal(clean_last, last)


def test_seeds_reproduce():
    results = [metrics_of(seed=seed)["divergence"] for seed in (1, 1, 2)]
    assert results[0] == results[1] != results[2]


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_errors(share):
    with pytest.raises(ConfigurationError, match=f"share is {share}, but must be at least 0 and less than 1"):
        tiny_transformer_model([{"type": NAME, "share": share}])
