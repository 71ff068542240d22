"""What regularizers ask of a model; labelled and unlabelled text in one pass, against two."""

import pytest
import torch

from attention_vat.regularizers.perturbation.directions import FreeDirections
from attention_vat.regularizers.regularizer import Regularizer
from tests.tiny import steady_noise, tiny_inputs, tiny_labels, tiny_model, tiny_pair_model

REGULARIZERS = [
    [{"type": "attention_vat"}],
    [{"type": "attention_ivat", "weight": 0.5}, {"type": "word_vat", "epsilon": 0.3}],
    [{"type": "word_ivat", "num_neighbors": 3}],
    [{"type": "conicity"}],
]


def step(make, regularizers, in_one_pass, monkeypatch):
    """Loss, gradients and metrics of a step; the search starts at the same place for a text, whatever is beside it."""
    monkeypatch.setattr(torch, "randn_like", steady_noise)
    model = make(regularizers=regularizers).train()
    model.reads_in_one_pass = in_one_pass
    labeled, unlabeled = tiny_inputs(model, [4, 2, 3]), tiny_inputs(model, [5, 3], seed=1)
    model.unlabeled_batches = iter([unlabeled])
    calls = []
    embed = model.embed
    model.embed = lambda inputs: calls.append(inputs) or embed(inputs)
    output = model(**labeled, label=tiny_labels(3))
    output["loss"].backward()
    assert len(output["probs"]) == len(output["attention"]) == len(output["mask"]) == 3
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    return output["loss"], gradients, model.get_metrics(reset=True), len(calls)


@pytest.mark.parametrize("make", [tiny_model, tiny_pair_model])
@pytest.mark.parametrize("regularizers", REGULARIZERS, ids=str)
def test_losses_gradients_and_metrics_are_those_of_two_passes(make, regularizers, monkeypatch):
    one = step(make, regularizers, True, monkeypatch)
    two = step(make, regularizers, None, monkeypatch)
    assert (one[3], two[3]) == (1, 2)
    torch.testing.assert_close(one[0], two[0], rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(one[1], two[1], rtol=1e-6, atol=1e-9)
    assert one[2] == pytest.approx(two[2], rel=1e-9)


def test_what_is_about_labels_takes_two_passes(monkeypatch):
    assert step(tiny_model, [{"type": "attention_vat"}, {"type": "word_at"}], True, monkeypatch)[3] == 2


def test_what_would_be_padding_mostly_takes_two_passes():
    model = tiny_model(regularizers=[{"type": "attention_vat"}]).train()
    model.reads_in_one_pass = True
    short = tiny_inputs(model, [2] * 20)
    assert model._in_one_pass(short, tiny_inputs(model, [40])) is None
    assert model._in_one_pass(short, tiny_inputs(model, [3])) is not None


def test_the_search_starts_elsewhere_by_default():
    directions = FreeDirections()
    point, mask = torch.zeros(2, 5), torch.ones(2, 5, dtype=torch.bool)
    assert not torch.equal(directions.random(point, mask), directions.random(point, mask))


def test_a_single_regularizer_has_plain_names_of_metrics_and_several_have_numbers():
    def metrics(regularizers):
        model = tiny_model(regularizers=regularizers).train()
        model(**tiny_inputs(model, [4, 2]), label=tiny_labels(2))
        return model.get_metrics()

    assert metrics([{"type": "attention_vat", "epsilon": 2.0}])["perturbation_norm"] == pytest.approx(2.0)
    two = metrics([{"type": "attention_vat", "epsilon": 2.0}, {"type": "attention_vat", "epsilon": 0.5}])
    assert "perturbation_norm" not in two
    assert two["perturbation_norm_0"] == pytest.approx(2.0)
    assert two["perturbation_norm_1"] == pytest.approx(0.5)


def test_losses_are_weighted_and_scaled():
    model = tiny_model(regularizers=[{"type": "conicity", "weight": 0.5}, {"type": "conicity", "weight": 0.25}]).train()
    clean = model.clean_pass(tiny_inputs(model, [4, 2, 3]))
    loss = model.regularizers[0](model, [clean])
    assert loss > 0
    torch.testing.assert_close(model._regularization(clean), 0.75 * loss)
    model.regularization_scale = 0.1
    torch.testing.assert_close(model._regularization(clean), 0.075 * loss)


def test_the_next_unlabeled_text_has_the_fields_that_the_model_reads():
    model = tiny_model(regularizers=[{"type": "attention_vat"}])
    assert model.next_unlabeled() is None
    batch = tiny_inputs(model, [4, 2])
    model.unlabeled_batches = iter([{**batch, "label": tiny_labels(2), "metadata": [{}, {}]}])
    assert model.next_unlabeled() == batch


def test_what_a_regularizer_learns_is_a_part_of_the_model():
    class Learns(Regularizer):
        def attach(self, model):
            return torch.nn.Linear(2, 1, bias=False)

    class LearnsNothing(Regularizer):
        def attach(self, model):
            return None

    model = tiny_model()
    model.regularizers = [LearnsNothing(), Learns()]
    model.attach_regularizers()
    assert [name for name, _ in model.adversaries.named_parameters()] == ["1.weight"]
    assert "adversaries.1.weight" in model.state_dict()
