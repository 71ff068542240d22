"""
Strategies to choose sentences from a pool.
"""

import random
from typing import Any, Dict, NamedTuple, Optional, Tuple, Union

import numpy
from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError

from attention_vat.data.selection.representations import BagOfWords, Representation
from attention_vat.data.selection.search import ExactSearch, IndexSearch, Neighbors, require_voyager
from attention_vat.data.selection.sentence_file import SentenceFile


class Selected(NamedTuple):
    """
    The choice of a strategy.

    # Parameters

    sentences : `numpy.ndarray`
        Shape `(count,)`, int64: indices into the pool, ascending.
    distances : `Optional[numpy.ndarray]`
        Shape `(count,)`: cosine distance of each to the nearest labelled sentence, if the strategy knows it.
    details : `Dict[str, Any]`
        Additional entries of `selection.json`.
    """

    sentences: numpy.ndarray
    distances: Optional[numpy.ndarray]
    details: Dict[str, Any]


class SelectionStrategy(Registrable):
    """
    Takes a number of sentences from a pool.
    """

    default_implementation = "random"

    def check(self) -> None:
        """
        Raises a `ConfigurationError` if a requirement is missing, before any file is read.
        """

    def describe(self) -> Dict[str, Any]:
        """
        Returns name and parameters, for `selection.json`.
        """
        raise NotImplementedError

    def select(self, labeled: SentenceFile, pool: SentenceFile, candidates: numpy.ndarray, count: int) -> Selected:
        """
        # Parameters

        labeled : `SentenceFile`
        pool : `SentenceFile`
            A pool with the same vocabulary.
        candidates : `numpy.ndarray`
            The sentences of the pool that may be taken (int64, ascending): all different, and none is labelled.
        count : `int`
            How many to take, at most `len(candidates)`.
        """
        raise NotImplementedError


@SelectionStrategy.register("random")
class RandomSelection(SelectionStrategy):
    """
    Takes each sentence with the same probability.

    Registered as a `SelectionStrategy` with name "random".

    # Parameters

    seed : `int`, optional (default = `13370`)
    """

    def __init__(self, seed: int = 13370) -> None:
        self.seed = seed

    def describe(self) -> Dict[str, Any]:
        return {"type": "random", "seed": self.seed}

    def select(self, labeled: SentenceFile, pool: SentenceFile, candidates: numpy.ndarray, count: int) -> Selected:
        drawn = sorted(random.Random(self.seed).sample(range(len(candidates)), count))
        return Selected(candidates[drawn], distances=None, details={})


@SelectionStrategy.register("nearest_neighbors")
class NearestNeighbors(SelectionStrategy):
    """
    Takes the sentences nearest to the labelled ones, as in section 6.4 of
    [Kitada & Iyatomi (2022)](https://arxiv.org/abs/2104.08763).

    Labelled sentences share neighbours, so ten neighbours of each are fewer than ten times as many sentences.  To reach
    the requested number, sentences are taken in rounds: the nearest of each labelled sentence, then the second nearest
    of each, and so on; no sentence is taken twice.  The last round takes the nearest of its candidates.  So all
    labelled sentences are treated alike, and their order in the file does not matter.

    Registered as a `SelectionStrategy` with name "nearest_neighbors".

    # Parameters

    representation : `Representation`, optional (default = `BagOfWords()`)
    exact : `bool`, optional (default = `False`)
        Compare with the whole pool instead of searching an index.  Sparse representations are always compared exactly.
    seed : `int`, optional (default = `13370`)
        The seed of the index.
    """

    MOST = 2**27
    """The largest number of neighbours held in memory (1.5 GB)."""

    def __init__(self, representation: Optional[Representation] = None, exact: bool = False, seed: int = 13370) -> None:
        self.representation = representation or BagOfWords()
        self.exact = exact
        self.seed = seed

    def check(self) -> None:
        if not (self.exact or self.representation.sparse):
            require_voyager()
        self.representation.check()

    def describe(self) -> Dict[str, Any]:
        # Report the search that is used: sparse vectors are compared exactly whatever the option says.
        exact = self.exact or self.representation.sparse
        representation = self.representation.describe()
        return {"type": "nearest_neighbors", "representation": representation, "exact": exact, "seed": self.seed}

    def search_in(self, vectors: Any) -> Union[ExactSearch, IndexSearch]:
        """
        Returns the search over the `vectors`.
        """
        if self.exact or self.representation.sparse:
            return ExactSearch(vectors)
        return IndexSearch(vectors, self.seed)

    def select(self, labeled: SentenceFile, pool: SentenceFile, candidates: numpy.ndarray, count: int) -> Selected:
        queries, vectors = self.representation.vectors(labeled, pool, candidates)
        if not self.representation.sparse:
            # A sentence without a known word has no neighbours.
            queries = queries[queries.any(axis=1)]
            known = vectors.any(axis=1)
            candidates, vectors = candidates[known], vectors[known]
        if len(candidates) < count:
            raise ConfigurationError(
                f"{count} sentences were asked for, but only {len(candidates)} new ones in {pool.path} have a word "
                "with a vector; lower --count or --neighbors, or take a larger pool"
            )
        search = self.search_in(vectors)

        # Usually enough: a second search costs more than a few extra neighbours.
        k = 8 * -(-count // queries.shape[0])
        while True:
            k = min(k, len(candidates))
            neighbors = search.search(queries, k)
            chosen, rounds = take_in_rounds(neighbors, count, len(candidates))
            if len(chosen) == count:
                break
            if 2 * k * queries.shape[0] > self.MOST:
                raise ConfigurationError(
                    f"{count} sentences were asked for, but the {k} nearest of each labelled sentence are only "
                    f"{len(chosen)} different ones; lower --count or --neighbors"
                )
            k *= 2
        distances: numpy.ndarray = numpy.full(len(candidates), numpy.inf, dtype=numpy.float32)
        numpy.minimum.at(distances, neighbors[0].ravel(), neighbors[1].ravel())
        details = {"neighbors_taken": rounds, "labeled_compared": queries.shape[0]}
        return Selected(candidates[chosen], distances[chosen], details)


def take_in_rounds(neighbors: Neighbors, count: int, size: int) -> Tuple[numpy.ndarray, int]:
    """
    Takes the first `count` distinct neighbours: the nearest of all queries first, then the second nearest, and so on;
    within a round in the order of their distance.

    # Parameters

    neighbors : `Neighbors`
    count : `int`
    size : `int`
        The size of the pool.

    # Returns

    chosen, rounds : `Tuple[numpy.ndarray, int]`
        Ascending indices, at most `count`, and the number of neighbours considered per query.
    """
    taken: numpy.ndarray = numpy.zeros(size, dtype=bool)
    missing, rounds = count, 0
    for ids, distances in zip(neighbors[0].T, neighbors[1].T):
        if missing == 0:
            break
        rounds += 1
        ids = ids[numpy.lexsort((ids, distances))]
        _, first = numpy.unique(ids, return_index=True)
        ids = ids[numpy.sort(first)]
        ids = ids[~taken[ids]][:missing]
        taken[ids] = True
        missing -= len(ids)
    return numpy.flatnonzero(taken), rounds
