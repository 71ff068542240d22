import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.training.metrics import Metric
from scipy import stats

import attention_vat.interpret  # noqa: F401


@pytest.mark.parametrize(
    ("measure", "reference"),
    [("pearson", stats.pearsonr), ("spearman", stats.spearmanr), ("kendall", stats.kendalltau)],
)
def test_mean_over_sentences_of_all_batches(measure, reference):
    metric = Metric.from_params(Params({"type": "attention_correlation", "measure": measure}))
    generator = torch.Generator().manual_seed(0)
    expected = []
    for _ in range(2):
        x, y = (torch.rand(3, 6, generator=generator) for _ in range(2))
        mask = torch.arange(6) < torch.tensor([[6], [4], [2]])
        metric(x, y, mask)
        expected += [reference(x[row][mask[row]], y[row][mask[row]])[0] for row in range(2)]
    found = metric.get_metric(reset=True)
    assert found[measure] == pytest.approx(sum(expected) / 4, abs=1e-6)
    assert found["undefined"] == 2
    assert metric.get_metric() == {measure: 0.0, "undefined": 0}


def test_without_a_mask_all_words_count():
    metric = Metric.from_params(Params({"type": "attention_correlation"}))
    metric(torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([[2.0, 4.0, 6.0]]))
    assert metric.get_metric()["pearson"] == pytest.approx(1.0)


def test_unknown_measure():
    with pytest.raises(ConfigurationError, match="measure is 'cosine'"):
        Metric.from_params(Params({"type": "attention_correlation", "measure": "cosine"}))
