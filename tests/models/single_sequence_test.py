import pytest
import torch
from allennlp.common import Params
from allennlp.models import Model

from tests.tiny import clean_pass, tiny_labels, tiny_model, tiny_tokens, tiny_vocabulary


def test_forward_equals_a_literal_version():
    model = tiny_model(num_labels=3)
    model.eval()
    lengths = [4, 2, 1]
    tokens = tiny_tokens(lengths)
    output = model(tokens=tokens)
    for row, length in enumerate(lengths):
        words = model.text_field_embedder({"tokens": {"tokens": tokens["tokens"]["tokens"][row : row + 1, :length]}})
        hidden = model.encoder(words, torch.ones(1, length, dtype=torch.bool))[0]
        scores = torch.stack(
            [model.scorer.context.weight[0] @ torch.tanh(model.scorer.hidden_projection(state)) for state in hidden]
        )
        attention = torch.softmax(scores, 0)
        pooled = sum(weight * state for weight, state in zip(attention, hidden))
        torch.testing.assert_close(output["attention"][row, :length], attention)
        torch.testing.assert_close(output["logits"][row], model.decoder(pooled))


@pytest.mark.parametrize(
    "encoder",
    [
        {"type": "gru", "input_size": 6, "hidden_size": 4},
        {"type": "pass_through", "input_dim": 6},
        {
            "type": "feedforward",
            "feedforward": {"input_dim": 6, "num_layers": 1, "hidden_dims": 4, "activations": "tanh"},
        },
        {"type": "gated-cnn-encoder", "input_dim": 6, "layers": [[[2, 6]]]},
    ],
)
@pytest.mark.parametrize("scorer", ["additive", "scaled_dot_product"])
def test_any_encoder_and_scorer(encoder, scorer):
    model = tiny_model(
        encoder=encoder, scorer={"type": scorer}, regularizers=[{"type": "attention_ivat"}], dtype=torch.float32
    )
    model.train()
    output = model(tokens=tiny_tokens([5, 3, 1, 0]), label=tiny_labels(4))
    output["loss"].backward()
    assert output["loss"].isfinite()
    assert model.scorer.context.weight.grad.abs().sum() > 0


@pytest.mark.parametrize("lengths", [[0], [0, 0, 0], [1], [0, 5, 0, 2], [5000, 1]])
def test_texts_of_any_length(lengths):
    model = tiny_model(regularizers=[{"type": "attention_ivat"}], dtype=torch.float32)
    model.train()
    output = model(tokens=tiny_tokens(lengths), label=tiny_labels(len(lengths)))
    output["loss"].backward()
    assert output["loss"].isfinite()
    assert all(parameter.grad is None or parameter.grad.isfinite().all() for parameter in model.parameters())
    # A text without words is decided by the bias alone.
    for row in [row for row, length in enumerate(lengths) if length == 0]:
        assert output["logits"][row].item() == pytest.approx(model.decoder.bias.item())


def test_a_sentence_does_not_depend_on_its_neighbours():
    model = tiny_model()
    model.eval()
    together = clean_pass(model, [3, 9, 1], width=12)
    alone = clean_pass(model, [3])
    torch.testing.assert_close(together.logits[:1], alone.logits)
    torch.testing.assert_close(together.encoded.scores[:1, :3], alone.encoded.scores)


def test_dropout_acts_before_the_decoder():
    model = tiny_model(dropout=0.5)
    model.train()
    clean = clean_pass(model, [6, 4])
    assert torch.equal(model.decode(clean.encoded, clean.encoded.scores), clean.logits)
    assert not torch.allclose(clean_pass(model, [6, 4]).logits, clean.logits)


def test_initializer_and_regularizer_of_allennlp():
    torch.manual_seed(0)
    model = Model.from_params(
        Params(
            {
                "type": "single_sequence_attention",
                "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 3}}},
                "encoder": {"type": "pass_through", "input_dim": 3},
                "initializer": {"regexes": [["decoder.bias", {"type": "constant", "val": 7.0}]]},
                "regularizer": {"regexes": [["decoder.bias", {"type": "l2", "alpha": 0.5}]]},
            }
        ),
        vocab=tiny_vocabulary(),
    )
    assert model.decoder.bias.tolist() == [7.0]
    assert model.get_regularization_penalty().item() == pytest.approx(0.5 * 49)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_attention_stays_in_float32(dtype):
    """Mixed precision without a GPU: what lies behind the encoder must not lose the small divergences of the search."""
    model = tiny_model(
        encoder={"type": "pass_through", "input_dim": 6}, regularizers=[{"type": "attention_vat"}], dtype=torch.float32
    )
    model.train()
    if dtype == torch.float16:
        half = model.half()
        try:
            clean = clean_pass(half, [5, 3])
        except RuntimeError:
            pytest.skip("this torch has no float16 on the CPU")
    else:
        with torch.autocast("cpu", dtype=dtype):
            clean = clean_pass(model, [5, 3])
            assert model.scorer(clean.encoded.hidden).dtype == dtype
            loss = model(tokens=tiny_tokens([5, 3]), label=tiny_labels(2))["loss"]
        loss.backward()
        assert loss.dtype == torch.float32
        assert loss.isfinite()
    assert clean.encoded.scores.dtype == clean.encoded.values.dtype == torch.float32
    perturbation = model.regularizers[0].perturbation(model, clean)
    torch.testing.assert_close(perturbation.norm(dim=1), torch.full((2,), 5.0), rtol=0, atol=1e-4)
