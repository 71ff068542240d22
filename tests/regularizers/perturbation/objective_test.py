import pytest
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.nn import kl_divergence
from attention_vat.regularizers.perturbation import VirtualAdversarial
from attention_vat.regularizers.perturbation.directions import FreeDirections
from attention_vat.regularizers.perturbation.objective import Objective
from tests.tiny import clean_pass, tiny_model


def test_virtual_adversarial_needs_no_labels():
    model = tiny_model()
    clean = clean_pass(model, [3, 1], labeled=False)
    logits = clean.logits + 1
    losses = VirtualAdversarial().losses(model, clean, logits)
    torch.testing.assert_close(losses, kl_divergence(clean.logits, logits))
    assert VirtualAdversarial.uses_unlabeled


def test_start_is_random_and_follows_the_seed():
    point, mask = torch.randn(2, 4), torch.ones(2, 4, dtype=torch.bool)
    starts = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        starts.append(VirtualAdversarial().start(FreeDirections(), point, mask))
    assert torch.equal(starts[0], starts[1])
    assert not torch.equal(starts[0], starts[2])
    torch.testing.assert_close(starts[0].norm(dim=1), torch.ones(2))


def test_the_base_attacks_the_label():
    model = tiny_model()
    clean = clean_pass(model, [3, 2])
    losses = Objective(xi=0.0, num_power_iterations=1).losses(model, clean, clean.logits)
    torch.testing.assert_close(losses, model.sentence_losses(clean.logits, clean.label))


@pytest.mark.parametrize(
    ("arguments", "message"), [({"xi": 0}, "xi is 0"), ({"num_power_iterations": 0}, "at least 1")]
)
def test_errors(arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        VirtualAdversarial(**arguments)
