import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.nn.util import move_to_device
from numpy.testing import assert_allclose

from attention_vat.interpret.importance import differentiable_pass, gradient_importance, importance_of
from tests.tiny import tiny_model, tiny_tokens

LENGTHS = [5, 2, 7]


def tiny_batch(lengths, **kwargs):
    return {"tokens": tiny_tokens(lengths, **kwargs)}


def literal_importance(model, batch, attention, output, method):
    """By finite differences, one embedding component after the other."""
    with torch.no_grad():
        embedded = model.embed(model.inputs(batch))
        fixed = model.encode(embedded).scores

        def y(words):
            encoded = model.encode(embedded._replace(words=words))
            logits = model.decode(encoded, encoded.scores if attention == "through" else fixed)
            if output == "logit":
                return logits[:, 0] if model.positive_index is not None else logits.max(dim=1).values
            probs = model.probabilities(logits)
            return probs[:, model.positive_index] if model.positive_index is not None else probs.max(dim=1).values

        words, step = embedded.words, 1e-5
        gradient = torch.zeros_like(words)
        for t in range(words.size(1)):
            for d in range(words.size(2)):
                change = torch.zeros_like(words)
                change[:, t, d] = step
                gradient[:, t, d] = (y(words + change) - y(words - change)) / (2 * step)
    value = (words * gradient).sum(-1).abs() if method == "gradient_x_input" else (gradient**2).sum(-1).sqrt()
    return value * embedded.mask


@pytest.mark.parametrize("num_labels", [2, 3])
@pytest.mark.parametrize("attention", ["through", "constant"])
@pytest.mark.parametrize("output", ["probability", "logit"])
@pytest.mark.parametrize("method", ["gradient_x_input", "gradient_norm"])
def test_equals_finite_differences(num_labels, attention, output, method):
    model = tiny_model(num_labels=num_labels).eval()
    batch = tiny_batch(LENGTHS)
    importance = gradient_importance(model, batch, attention, output, method)
    assert importance.dtype == torch.float64
    assert_allclose(importance, literal_importance(model, batch, attention, output, method), rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("num_labels", [2, 3])
@pytest.mark.parametrize("attention", ["through", "constant"])
@pytest.mark.parametrize("output", ["probability", "logit"])
def test_integrated_gradients_equal_a_finer_sum_of_gradients(num_labels, attention, output):
    model = tiny_model(num_labels=num_labels).eval()
    batch = tiny_batch(LENGTHS)
    importance = gradient_importance(model, batch, attention, output, "integrated_gradients")
    with torch.no_grad():
        embedded = model.embed(model.inputs(batch))
        fixed = model.encode(embedded).scores
        chosen = model.decode(model.encode(embedded), fixed).argmax(dim=1)
    total, steps = torch.zeros_like(embedded.words), 200
    for share in (torch.arange(steps) + 0.5) / steps:
        words = (share * embedded.words).requires_grad_()
        encoded = model.encode(embedded._replace(words=words))
        logits = model.decode(encoded, encoded.scores if attention == "through" else fixed)
        values = logits if output == "logit" else model.probabilities(logits)
        which = chosen if num_labels == 3 else torch.full_like(chosen, 0 if output == "logit" else 1)
        (gradient,) = torch.autograd.grad(values.gather(1, which.unsqueeze(1)).sum(), words)
        total += gradient / steps
    assert_allclose(importance, (embedded.words * total).sum(-1).abs() * embedded.mask, atol=5e-4)


def test_integrated_gradients_of_the_only_word_are_what_it_changes():
    model, batch = tiny_model().eval(), tiny_batch([1])
    importance = gradient_importance(model, batch, method="integrated_gradients")
    with torch.no_grad():
        embedded = model.embed(model.inputs(batch))
        outputs = []
        for words in (embedded.words, torch.zeros_like(embedded.words)):
            encoded = model.encode(embedded._replace(words=words))
            outputs.append(model.probabilities(model.decode(encoded, encoded.scores))[0, 1])
    assert float(importance) == pytest.approx(float((outputs[0] - outputs[1]).abs()), abs=1e-4)


def test_attention_constant_or_not_differ():
    model, batch = tiny_model().eval(), tiny_batch(LENGTHS)
    difference = gradient_importance(model, batch) - gradient_importance(model, batch, attention="constant")
    assert difference.abs().max() > 1e-3


def test_positive_label_decides_nothing_but_the_logit_sign():
    batch = tiny_batch(LENGTHS)
    importances = []
    for positive_label in ("0", "1"):
        model = tiny_model(positive_label=positive_label).eval()
        importances.append(gradient_importance(model, batch))
    # p(0) = 1 - p(1) have the same gradients but for the sign; here both are of the class of the same logit.
    assert_allclose(importances[0], importances[1])


def test_a_sentence_depends_neither_on_padding_nor_on_its_neighbours():
    model = tiny_model().eval()
    together = gradient_importance(model, tiny_batch(LENGTHS, width=12))
    alone = gradient_importance(model, tiny_batch(LENGTHS[:1]))
    assert_allclose(together[0, :5], alone[0])
    assert (together[0, 5:] == 0).all()


def test_touches_neither_gradients_nor_mode_nor_metrics():
    model = tiny_model().eval()
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 3.0)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    gradient_importance(model, tiny_batch(LENGTHS))
    assert not model.training
    for parameter, value in zip(model.parameters(), before):
        assert (parameter.grad == 3.0).all()
        assert parameter.requires_grad
        assert torch.equal(parameter, value)


def test_frozen_parameters_and_no_grad_change_nothing():
    model, batch = tiny_model().eval(), tiny_batch(LENGTHS)
    expected = gradient_importance(model, batch)
    model.requires_grad_(False)
    with torch.no_grad():
        assert_allclose(gradient_importance(model, batch), expected)


@pytest.mark.parametrize("frozen", [False, True])
def test_sentences_without_words_have_no_importance(frozen):
    model = tiny_model().eval().requires_grad_(not frozen)
    assert gradient_importance(model, tiny_batch([0, 0], width=1)).tolist() == [[0.0], [0.0]]
    assert gradient_importance(model, tiny_batch([0, 3]))[0].tolist() == [0.0, 0.0, 0.0]


def test_one_pass_serves_several_importances():
    model, batch = tiny_model().eval(), tiny_batch(LENGTHS)
    clean = differentiable_pass(model, batch)
    for attention in ("through", "constant", "through"):
        assert_allclose(importance_of(model, clean, attention), gradient_importance(model, batch, attention))


def test_float32():
    batch = tiny_batch(LENGTHS)
    model = tiny_model(dtype=torch.float32).eval()
    single = gradient_importance(model, batch)
    assert single.dtype == torch.float32
    assert_allclose(single, gradient_importance(model.double(), batch), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attention": "none"}, "attention is 'none', but must be one of"),
        ({"output": "loss"}, "output is 'loss', but must be one of"),
        ({"method": "magic"}, "method is 'magic', but must be one of"),
    ],
)
def test_unknown_options(options, message):
    with pytest.raises(ConfigurationError, match=message):
        gradient_importance(tiny_model(), tiny_batch([2]), **options)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_cudnn_in_eval_mode():
    model = tiny_model(dtype=torch.float32).eval()
    batch = tiny_batch(LENGTHS)
    expected = gradient_importance(model, batch)
    model = model.cuda()
    batch = move_to_device(batch, 0)
    assert_allclose(gradient_importance(model, batch).cpu(), expected, rtol=1e-3, atol=1e-5)
    assert torch.backends.cudnn.enabled


def test_cudnn_is_off_only_on_a_gpu_and_only_meanwhile():
    from attention_vat.interpret.importance import differentiable_encoder

    with differentiable_encoder(torch.device("cpu")):
        assert torch.backends.cudnn.enabled
    with differentiable_encoder(torch.device("cuda")):
        assert not torch.backends.cudnn.enabled
    assert torch.backends.cudnn.enabled
