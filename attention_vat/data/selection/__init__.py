"""
Selects the sentences of a large pool to use without labels: at random, or the nearest to the labelled ones.
"""

from attention_vat.data.selection.representations import BagOfWords, MeanEmbedding, Representation
from attention_vat.data.selection.select import select_unlabeled
from attention_vat.data.selection.strategies import NearestNeighbors, RandomSelection, SelectionStrategy
