import pytest
import torch
from allennlp.common import Params

from attention_vat.modules import AttentionScorer, UniformScorer
from tests.tiny import clean_pass, tiny_model, tiny_pair_model


def test_attention_is_the_mean_over_words():
    scorer = AttentionScorer.from_params(Params({"type": "uniform", "hidden_dim": 4, "query_dim": 3}))
    assert isinstance(scorer, UniformScorer)
    assert list(scorer.parameters()) == []
    hidden = torch.randn(2, 3, 4, dtype=torch.float64)
    scores = scorer(hidden, torch.randn(2, 3))
    assert scores.dtype == torch.float64
    assert torch.equal(scores, torch.zeros(2, 3, dtype=torch.float64))


@pytest.mark.parametrize("make", [tiny_model, tiny_pair_model])
@pytest.mark.parametrize("regularizers", [[], [{"type": "attention_vat"}], [{"type": "attention_ivat"}]])
def test_trains(make, regularizers):
    model = make(regularizers=regularizers, scorer="uniform", num_labels=3)
    clean = clean_pass(model, [4, 2])
    weights = model.attend(clean.encoded, clean.encoded.scores)
    assert weights.tolist() == [[0.25] * 4, [0.5, 0.5, 0.0, 0.0]]
    loss = model.sentence_losses(clean.logits, clean.label).mean()
    for regularizer in model.regularizers:
        loss = loss + regularizer(model, [clean])
    loss.backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in model.parameters() if parameter.grad is not None)
