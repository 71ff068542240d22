import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from attention_vat.training.metrics.token_f1 import TokenF1

TAGS = 4


def test_numbers_by_hand():
    metric = TokenF1(outside=0)
    found = torch.tensor([[1, 2, 0, 1], [0, 0, 3, 3]])
    gold = torch.tensor([[1, 1, 0, 0], [2, 0, 3, 3]])
    mask = torch.tensor([[True, True, True, True], [True, True, True, False]])
    metric(torch.eye(TAGS)[found], gold, mask)
    # Right are two of the four that are found, and two of the four that are there.
    assert metric.get_metric() == {"precision": 2 / 4, "recall": 2 / 4, "f1": 2 / 4}


def test_what_is_over_nothing_is_absent():
    metric = TokenF1(outside=0)
    assert metric.get_metric() == {}
    metric(torch.eye(TAGS)[torch.tensor([[0]])], torch.tensor([[0]]))
    assert metric.get_metric() == {}
    metric(torch.eye(TAGS)[torch.tensor([[0]])], torch.tensor([[1]]))
    assert metric.get_metric(reset=True) == {"recall": 0.0, "f1": 0.0}
    assert metric.get_metric() == {}


@given(st.lists(st.tuples(st.integers(0, TAGS - 1), st.integers(0, TAGS - 1)), min_size=2, max_size=20))
def test_the_numbers_of_scikit_learn(pairs):
    found, gold = map(list, zip(*pairs))
    metric = TokenF1(outside=0)
    half = len(pairs) // 2
    for part in (slice(0, half), slice(half, None)):
        metric(torch.eye(TAGS)[torch.tensor([found[part]])], torch.tensor([gold[part]]))
    expected = precision_recall_fscore_support(
        gold, found, labels=list(range(1, TAGS)), average="micro", zero_division=0
    )
    for name, value in metric.get_metric().items():
        assert value == pytest.approx(dict(zip(("precision", "recall", "f1"), expected))[name])
