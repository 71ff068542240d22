"""What surrounds CUDA graphs. Here a step is 'replayed' by doing it again on the memory that it was recorded with."""

import copy
from contextlib import nullcontext

import pytest
import torch

from attention_vat.training.recorded_forward import RecordedForward, _copy, _map
from tests.tiny import steady_noise, tiny_inputs, tiny_labels, tiny_model, tiny_pair_model
from tests.tiny_transformers import tiny_transformer_classifier, tiny_words


class Recorder:
    """As `CudaRecorder`, for a CPU."""

    def __init__(self):
        self.steps = []

    def on_its_stream(self):
        return nullcontext()

    def record(self, run, fields, parameters):
        self.steps.append(Again(run, fields, parameters))
        return self.steps[-1]


class Again:
    """As `CudaStep`, for a CPU."""

    def __init__(self, run, fields, parameters):
        self.fields = _map(torch.clone, fields)
        self.run, self.parameters = run, parameters
        self.output = {}

    def take(self, fields):
        _copy(fields, self.fields)

    def forward(self):
        with torch.enable_grad():
            output = self.run(self.fields)
        self.loss = output["loss"]
        self.output.update({name: part.detach() for name, part in output.items() if isinstance(part, torch.Tensor)})
        return self.loss.detach().clone()

    def backward(self, factor):
        return torch.autograd.grad(self.loss, self.parameters, factor, allow_unused=True)


def trained(make, recorded, unlabeled, regularizers=({"type": "attention_vat"},), **kwargs):
    model = make(regularizers=[dict(regularizer) for regularizer in regularizers], **kwargs).train()
    model.reads_in_one_pass = True
    if recorded:
        model.forward = RecordedForward(model, Recorder())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    lengths = [[4, 2], [12, 9], [3, 3], [7, 1], [11, 4], [4, 2]]
    outputs = []
    for number, here in enumerate(lengths):
        torch.manual_seed(number)
        model.unlabeled_batches = iter([tiny_inputs(model, [6, 5, 2], seed=number + 10)]) if unlabeled else None
        optimizer.zero_grad()
        fields = tiny_inputs(model, here, seed=number)
        output = model(**fields, label=tiny_labels(2), metadata=[{}, {}])
        output["loss"].backward()
        optimizer.step()
        outputs.append({name: copy.copy(part) for name, part in output.items()})
    model.unlabeled_batches = None
    metrics = model.get_metrics(reset=True)
    return model, metrics, outputs


@pytest.mark.parametrize("technique", ["r_drop", "adversarial_self_attention"])
def test_word_pieces_and_their_places_are_padded_alike(technique):
    losses = []
    for recorded in (False, True):
        model = tiny_transformer_classifier(regularizers=[{"type": technique}])
        model.reads_in_one_pass = True
        if recorded:
            model.forward = RecordedForward(model, Recorder())
        for number, lengths in enumerate([[4, 2], [9, 3], [3, 5], [12, 2]]):
            model.unlabeled_batches = iter([{"tokens": tiny_words([6, 2, 7], seed=number + 9)}])
            losses.append(model(tokens=tiny_words(lengths, seed=number), label=tiny_labels(2))["loss"])
            losses[-1].backward()
            torch.optim.SGD(model.parameters(), lr=0.01).step()
    torch.testing.assert_close(losses[:4], losses[4:], rtol=1e-6, atol=1e-9)
    assert model.forward.num_recorded == 2


@pytest.mark.parametrize("make", [tiny_model, tiny_pair_model])
@pytest.mark.parametrize("unlabeled", [False, True])
def test_training_is_the_same(make, unlabeled, monkeypatch):
    # What is drawn depends on how much padding there is.
    monkeypatch.setattr(torch, "randn_like", steady_noise)
    model, metrics, outputs = trained(make, True, unlabeled)
    plain, expected, plain_outputs = trained(make, False, unlabeled)
    torch.testing.assert_close(model.state_dict(), plain.state_dict(), rtol=1e-6, atol=1e-9)
    assert metrics == pytest.approx(expected, rel=1e-6)
    assert "kl_unlabeled" in metrics or not unlabeled
    for output, other in zip(outputs, plain_outputs):
        torch.testing.assert_close(output["loss"], other["loss"], rtol=1e-6, atol=1e-9)
        assert output["metadata"] == other["metadata"]
    # Two shapes, each recorded when it came for the second time.
    assert model.forward.num_recorded == 2


def test_a_factor_on_the_loss_reaches_the_gradients():
    model = tiny_model(regularizers=[{"type": "attention_vat"}]).train()
    model.forward = RecordedForward(model, Recorder())
    gradients = []
    for factor in (1.0, 1.0, 8.0):
        torch.manual_seed(3)
        model.zero_grad()
        (factor * model(**tiny_inputs(model, [4, 3]), label=tiny_labels(2))["loss"]).backward()
        gradients.append(model.decoder.weight.grad / factor)
    torch.testing.assert_close(gradients[1], gradients[0])
    torch.testing.assert_close(gradients[2], gradients[0])


def test_each_weight_of_the_schedule_is_a_step_of_its_own():
    model = tiny_model(regularizers=[{"type": "attention_vat"}]).train()
    model.forward = RecordedForward(model, Recorder())
    losses = []
    for scale in (0.0, 0.0, 1.0, 1.0):
        torch.manual_seed(3)
        model.regularization_scale = scale
        losses.append(model(**tiny_inputs(model, [4, 3]), label=tiny_labels(2))["loss"].item())
    assert losses[0] == pytest.approx(losses[1]) and losses[2] == pytest.approx(losses[3])
    assert losses[2] > losses[0] and model.forward.num_recorded == 2


def test_further_shapes_are_computed_as_usual():
    model = tiny_model(regularizers=[{"type": "attention_vat"}]).train()
    model.forward = RecordedForward(model, Recorder(), max_shapes=1)
    for length in (4, 4, 12, 12, 20, 4):
        model(**tiny_inputs(model, [length, 2]), label=tiny_labels(2))["loss"].backward()
    assert model.forward.num_recorded == 1


def test_outside_of_training_nothing_is_recorded():
    model = tiny_model(regularizers=[{"type": "attention_vat"}])
    model.forward = RecordedForward(model, Recorder())
    for _ in range(3):
        expected = type(model).forward(model.eval(), **tiny_inputs(model, [4, 3]))
        torch.testing.assert_close(model(**tiny_inputs(model, [4, 3]))["probs"], expected["probs"])
        model.train()(**tiny_inputs(model, [4, 3]))
    assert model.forward.num_recorded == 0
