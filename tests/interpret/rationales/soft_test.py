import warnings

import pytest
import torch
from hypothesis import given
from sklearn import metrics

from attention_vat.interpret.rationales import auprc, average_precision, roc_auc
from tests.interpret.rationales.made_up import padded, texts


def sklearn_auprc(gold, scores):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        precision, recall, _ = metrics.precision_recall_curve(gold, scores)
    return metrics.auc(recall, precision)


@given(texts())
def test_soft_scores_equal_scikit_learn(rows):
    references = {
        auprc: sklearn_auprc,
        average_precision: metrics.average_precision_score,
        roc_auc: metrics.roc_auc_score,
    }
    for function, expected in references.items():
        values, defined = function(*padded(rows))
        for (scores, gold), value, is_defined in zip(rows, values.tolist(), defined.tolist()):
            assert is_defined == (function is auprc or 0 < sum(gold) < len(gold))
            assert value == pytest.approx(expected(gold, scores) if is_defined else 0.0, abs=1e-9)


def test_texts_of_a_single_class_count_for_auprc_alone():
    scores, mask = torch.tensor([[0.2, 0.8]] * 2), torch.ones(2, 2).bool()
    gold = torch.tensor([[False, False], [True, True]])
    assert auprc(scores, gold, mask).value.tolist() == [0.5, 1.0]
    assert not roc_auc(scores, gold, mask).defined.any()
    assert not average_precision(scores, gold, mask).defined.any()
    assert not auprc(scores, gold, ~mask).defined.any()
