"""The former location of `attention_vat.regularizers.perturbation`, kept for programs that import from here."""

from attention_vat.nn.divergence import kl_divergence, symmetric_kl
from attention_vat.regularizers import Regularizer as AdversarialRegularizer
from attention_vat.regularizers.perturbation import *  # noqa: F403
