import pytest
import torch
from allennlp.common import Params

from attention_vat.regularizers.regularizer import Regularizer
from tests.tiny import tiny_labels, tiny_model, tiny_tokens


def test_the_loss_is_the_symmetric_divergence_of_two_passes():
    model = tiny_model([{"type": "r_drop", "weight": 0.5}], dropout=0.4, num_labels=3)
    batch = {"tokens": tiny_tokens([5, 3, 1]), "label": tiny_labels(3, 3)}
    torch.manual_seed(3)
    loss = model(**batch)["loss"]
    metrics = model.get_metrics(reset=True)
    torch.manual_seed(3)
    model.regularizers = []
    log_p, log_q = (model(**batch)["logits"].log_softmax(-1) for _ in range(2))
    expected = 0.5 * ((log_p.exp() - log_q.exp()) * (log_p - log_q)).sum(1).mean()
    assert metrics["divergence"] == pytest.approx(expected.item(), rel=1e-12)
    assert loss.item() == pytest.approx(metrics["supervised_loss"] + 0.5 * expected.item())
    assert expected > 0


def test_both_sides_learn():
    model = tiny_model([{"type": "r_drop"}], dropout=0.4)
    clean = model.clean_pass({"tokens": tiny_tokens([5, 3])})
    clean.logits.retain_grad()
    model.regularizers[0](model, [clean]).backward()
    assert clean.logits.grad.abs().min() > 0


def test_without_dropout_there_is_nothing_to_learn():
    model = tiny_model([{"type": "r_drop"}])
    model(tokens=tiny_tokens([5, 3]), label=tiny_labels(2))
    assert model.get_metrics(reset=True)["divergence"] == 0.0


def test_unlabeled_texts_count():
    regularizer = Regularizer.from_params(Params({"type": "r_drop"}))
    assert regularizer.uses_unlabeled
    model = tiny_model(dropout=0.4)
    passes = [model.clean_pass({"tokens": tiny_tokens(lengths)}) for lengths in ([5, 3, 4], [2])]
    loss = regularizer(model, passes)
    assert loss.item() == pytest.approx(regularizer.means.read()["divergence"])
