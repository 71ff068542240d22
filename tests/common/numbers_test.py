import math

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.common.numbers import check_number, check_rates
from attention_vat.models import AttentionClassifier
from attention_vat.regularizers.perturbation import PerturbationRegularizer
from attention_vat.training.callbacks.virtual_adversarial_training import VirtualAdversarialTraining
from attention_vat.training.weight_schedule import LinearWarmup
from tests.tiny import tiny_model


@pytest.mark.parametrize("value", [-1, -1e-30, math.inf, -math.inf, math.nan])
def test_numbers_that_cannot_be_computed_with(value):
    for build, key in [
        (lambda: PerturbationRegularizer.attention_ivat(epsilon=value), "regularizers: epsilon is"),
        (lambda: PerturbationRegularizer.word_at(weight=value), "regularizers: weight is"),
        (lambda: PerturbationRegularizer.word_vat(xi=value), "regularizers: xi is"),
        (lambda: LinearWarmup(value), "schedule: num_steps is"),
        (lambda: VirtualAdversarialTraining(".", unlabeled_ratio=value), "unlabeled_ratio is"),
        (lambda: tiny_model(class_weights={"0": value}), "class_weights: 0 is"),
    ]:
        with pytest.raises(ConfigurationError, match=key):
            build()


def test_zero():
    check_number("weight", 0)
    with pytest.raises(ConfigurationError, match="xi is 0, but must be positive and finite"):
        check_number("xi", 0, positive=True)
    assert isinstance(tiny_model(class_weights={"0": 0.0}), AttentionClassifier)


def test_rates():
    check_rates("reader", 1.0, 0.5, 0.5)
    with pytest.raises(ConfigurationError, match="reader: mask_rate is -0.1, but must be from 0 to 1"):
        check_rates("reader", -0.1, 0.0, 0.0)
    with pytest.raises(ConfigurationError, match=r"keep_rate \+ random_rate is 1.2"):
        check_rates("reader", 0.1, 0.6, 0.6)
