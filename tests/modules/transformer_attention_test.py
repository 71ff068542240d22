import io
import pickle

import pytest
import torch
import transformers
from allennlp.common.checks import ConfigurationError

from attention_vat.modules.transformer_attention import AttentionBias, TransformerAttention
from tests.tiny_transformers import FAMILIES, SMALL, tiny_encoder, tiny_ids

LENGTHS = [6, 3, 1]


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param


def hooks_of(encoder):
    """Everything that a pass could leave behind."""
    return [
        (name, list(module._forward_pre_hooks), list(module._forward_hooks), sorted(vars(module)))
        for name, module in encoder.named_modules()
    ]


def biases(encoder, heads, batch, dtype=torch.float64):
    """One for each layer, exactly 0 at padding."""
    generator = torch.Generator().manual_seed(3)
    real = batch["attention_mask"].to(dtype)
    cells = (real[:, None, :, None] * real[:, None, None, :]).to(dtype)
    num_layers = TransformerAttention(encoder).num_layers
    size = (num_layers, len(real), heads, real.size(1), real.size(1))
    return torch.randn(size, generator=generator, dtype=dtype) * cells


def attentions_of(output):
    # ALBERT gives those of each group together.
    parts = [part if isinstance(part, tuple) else (part,) for part in output.attentions]
    return [weights for part in parts for weights in part]


@pytest.mark.parametrize("heads", [1, 4])
def test_the_weights_are_those_of_scores_plus_bias(family, heads):
    encoder, batch = tiny_encoder(family), tiny_ids(LENGTHS)
    attention, bias = TransformerAttention(encoder), biases(tiny_encoder(family), heads, batch)
    bias.requires_grad_()
    clean = encoder(**batch, output_attentions=True)
    with attention.biased(lambda layer, hidden, mask: mask + bias[0] if layer == 0 else None):
        first_only = encoder(**batch, output_attentions=True)
    # The first layer reads the same in both passes. Real rows only: what padding attends to means nothing.
    real = batch["attention_mask"].bool()
    expected = torch.softmax(attentions_of(clean)[0].clamp_min(1e-300).log() + bias[0], dim=-1)
    torch.testing.assert_close(
        attentions_of(first_only)[0].transpose(1, 2)[real], expected.transpose(1, 2)[real], rtol=1e-9, atol=1e-12
    )
    assert not torch.equal(attentions_of(first_only)[-1], attentions_of(clean)[-1])
    with attention.biased(lambda layer, hidden, mask: mask + bias[layer]):
        everywhere = encoder(**batch, output_attentions=True)
    for weights in attentions_of(everywhere):
        assert weights.transpose(2, 3).transpose(1, 2).eq(0).flatten(2).all(2)[~real].all()
    (gradient,) = torch.autograd.grad(everywhere.last_hidden_state[real].square().sum(), bias)
    assert gradient.flatten(2).abs().sum(2)[:, :2].gt(0).all()
    assert gradient[:, 2].abs().max() < 1e-12  # one token attends to itself whatever is added


def test_every_layer_is_asked_once_with_what_it_reads(family):
    encoder, batch = tiny_encoder(family), tiny_ids(LENGTHS)
    attention, asked = TransformerAttention(encoder), []

    def look(layer, hidden, mask):
        asked.append((layer, hidden.detach()))
        assert mask.shape == (3, 1, 1, 6)
        assert torch.equal(mask[:, 0, 0] == 0, batch["attention_mask"].bool())

    with attention.biased(look):
        output = encoder(**batch, output_hidden_states=True)
    assert [layer for layer, _ in asked] == list(range(attention.num_layers))
    if "groups" not in family:
        for (_, hidden), expected in zip(asked, output.hidden_states):
            torch.testing.assert_close(hidden, expected)
    assert attention.hidden_sizes == [16] * attention.num_layers
    assert attention.num_heads == [4] * attention.num_layers


def test_nothing_added_is_the_clean_pass_bit_for_bit(family):
    encoder, batch = tiny_encoder(family, dropout=0.3), tiny_ids(LENGTHS)
    attention, real = TransformerAttention(encoder), batch["attention_mask"].bool()
    outputs = []
    for bias in (None, lambda layer, hidden, mask: None, lambda layer, hidden, mask: mask.expand(-1, -1, 6, -1)):
        torch.manual_seed(1)
        if bias is None:
            outputs.append(encoder(**batch).last_hidden_state[real])
        else:
            with attention.biased(bias):
                outputs.append(encoder(**batch).last_hidden_state[real])
    assert torch.equal(outputs[0], outputs[1])
    assert torch.equal(outputs[0], outputs[2])


def test_nothing_is_left_behind(family):
    encoder, batch = tiny_encoder(family), tiny_ids(LENGTHS)
    before = hooks_of(encoder)
    attention = TransformerAttention(encoder)
    with attention.biased(lambda layer, hidden, mask: mask + 0.5):
        encoder(**batch)
        assert hooks_of(encoder) != before
    assert hooks_of(encoder) == before

    def fail(layer, hidden, mask):
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"), attention.biased(fail):
        encoder(**batch)
    assert hooks_of(encoder) == before
    assert pickle.loads(pickle.dumps(encoder)).config.model_type == encoder.config.model_type
    torch.save(encoder.state_dict(), io.BytesIO())


def test_the_gradient_of_a_bias_against_finite_differences(family):
    encoder, batch = tiny_encoder(family), tiny_ids([4, 2])
    attention, bias = TransformerAttention(encoder), biases(encoder, 1, batch)

    def loss(bias):
        with attention.biased(lambda layer, hidden, mask: mask + bias[layer]):
            return encoder(**batch).last_hidden_state[batch["attention_mask"].bool()].pow(3).sum()

    (gradient,) = torch.autograd.grad(loss(bias.requires_grad_()), bias)
    # The first DeBERTa normalizes its layers in float32 whatever its weights are.
    h, tolerance = (1e-4, 2e-2) if family == "deberta" else (1e-6, 1e-6)
    direction = torch.randn_like(bias) * bias.ne(0)
    with torch.no_grad():
        slope = (loss(bias + h * direction) - loss(bias - h * direction)) / (2 * h)
    torch.testing.assert_close((gradient * direction).sum(), slope, rtol=tolerance, atol=1e-8)


@pytest.mark.parametrize("family", ["bert", "roberta", "albert"])
def test_rows_without_scores(family):
    """Where the scores of a row are 0, its weights are the softmax of what is added."""
    encoder, batch = tiny_encoder(family), tiny_ids([5, 4])
    attention, bias = TransformerAttention(encoder), torch.randn(2, 1, 5, 5, dtype=torch.float64)
    scored_rows = torch.ones(2, 5)
    scored_rows[0, 2] = 0.0
    with attention.biased(lambda layer, hidden, mask: AttentionBias(mask + bias, scored_rows)):
        output = encoder(**batch, output_attentions=True)
    for weights in attentions_of(output):
        torch.testing.assert_close(weights[0, :, 2], bias[0, :, 2].softmax(-1).expand(4, 5))
        assert not torch.allclose(weights[0, :, 3], bias[0, :, 3].softmax(-1).expand(4, 5))


def test_layers_are_numbered_through_several_encoders():
    encoders = [tiny_encoder("bert"), tiny_encoder("albert", hidden_size=12), tiny_encoder("distilbert")]
    attention, asked = TransformerAttention(*encoders), []
    assert attention.hidden_sizes == [16] * 3 + [12] * 3 + [16] * 3
    with attention.biased(lambda layer, hidden, mask: asked.append(layer)):
        encoders[1](**tiny_ids([3]))
        encoders[1](**tiny_ids([4]))
        encoders[2](**tiny_ids([2]))
        encoders[0](**tiny_ids([2]))
    assert asked == [3, 4, 5, 3, 4, 5, 6, 7, 8, 0, 1, 2]
    with attention.observed() as calls:
        encoders[1](**tiny_ids([3, 2]))
        encoders[0](**tiny_ids([1, 4]))
    assert [(call.encoder, call.real.sum(1).tolist()) for call in calls] == [(1, [3, 2]), (0, [1, 4])]


def test_choosing_layers():
    attention = TransformerAttention(tiny_encoder("bert"))
    assert attention.choose(None) == [0, 1, 2]
    assert attention.choose([-1, 0]) == [0, 2]
    for wrong, message in [
        ([3], "layer 3 does not exist; the encoder has 3 layers"),
        ([-4], "layer -4 does not exist"),
        ([0, -3], "none twice"),
        ([], "at least one layer"),
    ]:
        with pytest.raises(ConfigurationError, match=message):
            attention.choose(wrong)


UNSUPPORTED = {
    "longformer": {**SMALL, "attention_window": 4},
    "convbert": {**SMALL, "embedding_size": 16},
    "mpnet": SMALL,
    "mobilebert": {**SMALL, "embedding_size": 8, "true_hidden_size": 16, "intra_bottleneck_size": 16},
    "xlnet": {"vocab_size": 40, "d_model": 16, "n_layer": 2, "n_head": 4, "d_inner": 16},
    "funnel": {"vocab_size": 40, "d_model": 16, "n_head": 4, "d_head": 4, "d_inner": 16},
    "big_bird": SMALL,
    "squeezebert": {**SMALL, "embedding_size": 16},
    "nystromformer": {**SMALL, "num_landmarks": 2, "segment_means_seq_len": 4},
    "yoso": SMALL,
    "gpt2": {"vocab_size": 40, "n_embd": 16, "n_layer": 2, "n_head": 4},
    "t5": {"vocab_size": 40, "d_model": 16, "d_kv": 4, "num_layers": 2, "num_heads": 4, "d_ff": 16},
}


@pytest.mark.parametrize("model_type", UNSUPPORTED)
def test_other_kinds_of_attention_are_refused_by_name(model_type):
    config = transformers.AutoConfig.for_model(model_type, **UNSUPPORTED[model_type])
    config.architectures = ["FunnelModel"] if model_type == "funnel" else None
    encoder = transformers.AutoModel.from_config(config)
    with pytest.raises(ConfigurationError, match=f"of {type(encoder).__name__} cannot be perturbed. Supported .* BERT"):
        TransformerAttention(encoder)


@pytest.mark.parametrize(
    ("family", "settings"),
    [
        ("bert", {"is_decoder": True}),
        ("deberta", {"talking_head": True}),
        ("deberta", {"relative_attention": False}),
    ],
)
def test_variants_are_refused_too(family, settings):
    with pytest.raises(ConfigurationError, match="cannot be perturbed"):
        TransformerAttention(tiny_encoder(family, **settings))


def test_gradient_checkpointing_is_refused_whenever_it_begins():
    encoder = tiny_encoder("bert")
    attention = TransformerAttention(encoder)
    encoder.gradient_checkpointing_enable()
    for attempt in (lambda: TransformerAttention(encoder), lambda: attention.biased(lambda *_: None).__enter__()):
        with pytest.raises(ConfigurationError, match="BertModel uses gradient checkpointing.*switch it off"):
            attempt()
    encoder.gradient_checkpointing_disable()
    with attention.biased(lambda *_: None):
        encoder(**tiny_ids([2]))


def test_a_model_without_a_transformer():
    with pytest.raises(ConfigurationError, match="Linear has no token embedder of type 'pretrained_transformer'"):
        TransformerAttention.of(torch.nn.Linear(1, 1))
