"""The baseline of the benchmarks computes what the package computes, or the comparison would mean nothing."""

import pytest
import torch
from allennlp.common import Params
from allennlp.models import Model

from benchmarks.straightforward import kl_divergence
from tests.tiny import tiny_labels, tiny_model, tiny_tokens, tiny_vocabulary

# The names of the same weights in the two models.
RENAMED = {"hidden_projection": "scorer.hidden_projection", "context": "scorer.context"}


def pair_of_models(technique):
    ours = tiny_model([] if technique == "vanilla" else [{"type": technique, "epsilon": 2.0}])
    params = {
        "type": "straightforward",
        "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 6}}},
        "encoder": {"type": "lstm", "input_size": 6, "hidden_size": 5, "bidirectional": True},
        "technique": technique,
        "epsilon": 2.0,
    }
    theirs = Model.from_params(Params(params), vocab=tiny_vocabulary()).double()
    weights = ours.state_dict()
    theirs.load_state_dict({name: weights[renamed(name)] for name in theirs.state_dict()})
    return ours.train(), theirs.train()


def renamed(name):
    first, _, rest = name.partition(".")
    return f"{RENAMED.get(first, first)}.{rest}"


@pytest.mark.parametrize("unlabeled", [False, True])
@pytest.mark.parametrize("technique", ["vanilla", "attention_vat", "attention_ivat", "word_vat"])
def test_loss_and_gradients_are_those_of_the_package(technique, unlabeled):
    ours, theirs = pair_of_models(technique)
    results = []
    for model in (ours, theirs):
        torch.manual_seed(5)
        if unlabeled:
            model.unlabeled_batches = iter([{"tokens": tiny_tokens([2, 6, 4], seed=1)}])
        loss = model(tokens=tiny_tokens([5, 3, 4]), label=tiny_labels(3))["loss"]
        loss.backward()
        results.append((loss, {name: parameter.grad for name, parameter in model.named_parameters()}))
    (our_loss, our_gradients), (their_loss, their_gradients) = results
    torch.testing.assert_close(our_loss, their_loss, rtol=1e-5, atol=1e-7)
    for name, gradient in their_gradients.items():
        torch.testing.assert_close(our_gradients[renamed(name)], gradient, rtol=1e-4, atol=1e-6)


def test_kl_divergence_of_known_numbers():
    # Probabilities 1/2 and 3/4: ½ ln (½ / ¾) + ½ ln (½ / ¼) = 0.143841.
    clean, logits = torch.tensor([0.0]), torch.tensor([3.0]).log()
    torch.testing.assert_close(kl_divergence(clean, logits), torch.tensor([0.143841]), rtol=1e-5, atol=0)
