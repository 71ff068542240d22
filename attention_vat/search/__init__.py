"""Searches for hyperparameters."""

from attention_vat.search.job import Halving
from attention_vat.search.launch import Searched, search
from attention_vat.search.space import SearchSpace

__all__ = ["Halving", "SearchSpace", "Searched", "search"]
