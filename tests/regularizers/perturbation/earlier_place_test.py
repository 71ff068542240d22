from attention_vat import perturbations
from attention_vat.nn import kl_divergence
from attention_vat.regularizers import PerturbationRegularizer, Regularizer


def test_imports_from_the_earlier_place_are_the_same_objects():
    assert perturbations.PerturbationRegularizer is PerturbationRegularizer
    assert perturbations.AdversarialRegularizer is Regularizer
    assert perturbations.kl_divergence is kl_divergence
