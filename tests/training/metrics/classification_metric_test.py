import pytest
import torch
from allennlp.training.metrics import CategoricalAccuracy, F1Measure, FBetaMeasure
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.training.metrics.classification_metric import ClassificationMetric


def test_known_counts():
    metric = ClassificationMetric(num_labels=2, positive_index=1)
    # Two true positives, one false positive, one false negative, in two batches.
    metric(torch.eye(2)[[1, 1, 1]], torch.tensor([1, 1, 0]))
    metric(torch.eye(2)[[0, 0]], torch.tensor([1, 0]))
    expected = {"accuracy": 3 / 5, "precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3}
    assert metric.get_metric() == pytest.approx(expected)
    assert metric.get_metric(reset=True) == pytest.approx(expected)


def test_nothing_of_nothing():
    metric = ClassificationMetric(num_labels=2, positive_index=1)
    assert metric.get_metric() == {}
    metric(torch.zeros(0, 2), torch.zeros(0, dtype=torch.long))
    assert metric.get_metric(reset=True) == {}
    # A class that was never predicted is another matter.
    metric(torch.eye(2)[[0]], torch.tensor([0]))
    assert metric.get_metric() == {"accuracy": 1.0, "precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_a_mask_takes_sentences_out():
    metric = ClassificationMetric(num_labels=2, positive_index=1)
    metric(torch.eye(2)[[1, 0]], torch.tensor([1, 1]), torch.tensor([True, False]))
    assert metric.get_metric()["recall"] == 1.0


@given(st.integers(2, 4), st.lists(st.integers(0, 1_000_000), min_size=1, max_size=12), st.booleans())
def test_the_numbers_of_allennlp(num_labels, seeds, one_class):
    positive = num_labels - 1 if one_class else None
    metric = ClassificationMetric(num_labels, positive)
    accuracy = CategoricalAccuracy()
    others = FBetaMeasure(average="macro") if positive is None else F1Measure(positive)
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        probabilities = torch.rand(3, num_labels, generator=generator)
        labels = torch.randint(0, num_labels, (3,), generator=generator)
        for one in (metric, accuracy, others):
            one(probabilities, labels)
    expected = {{"fscore": "f1"}.get(name, name): value for name, value in others.get_metric().items()}
    assert metric.get_metric() == pytest.approx({"accuracy": accuracy.get_metric(), **expected}, abs=1e-6)
