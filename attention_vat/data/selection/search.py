"""
Finds the nearest vectors of a pool: exactly, block by block, or with an index.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, List, Tuple, TypeVar

import numpy
from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError

T = TypeVar("T")

Neighbors = Tuple[numpy.ndarray, numpy.ndarray]
"""Indices into the pool (int64) and cosine distances (float32), both of shape `(queries, k)`, nearest first."""


class ExactSearch:
    """
    Compares each query with the whole pool, dense or sparse, in blocks, on all cores.

    # Parameters

    pool : `Any`
        Vectors of length 1, shape `(sentences, dimension)`, a `numpy.ndarray` or a `scipy.sparse.csr_matrix`.
    """

    BLOCK = 2**16
    """Sentences of the pool in a block."""

    QUERIES = 64
    """Queries in a block, so that a block of scores takes 16 MB."""

    GROUP = 32
    """Scores in a group; a first pass looks only at the largest of each group."""

    def __init__(self, pool: Any) -> None:
        self._blocks = [pool[start : start + self.BLOCK] for start in range(0, pool.shape[0], self.BLOCK)]

    def search(self, queries: Any, k: int) -> Neighbors:
        """
        Returns the `k` nearest of each query; `queries` are like the pool, shape `(queries, dimension)`.
        """
        blocks = [queries[start : start + self.QUERIES] for start in range(0, queries.shape[0], self.QUERIES)]
        found = in_threads(lambda block: self._search_block(block, k), blocks, "comparing")
        return numpy.concatenate([ids for ids, _ in found]), numpy.concatenate([distances for _, distances in found])

    def _search_block(self, queries: Any, k: int) -> Neighbors:
        dense = queries if isinstance(queries, numpy.ndarray) else queries.toarray()
        columns = numpy.ascontiguousarray(dense.T)
        ids: List[numpy.ndarray] = []
        distances: List[numpy.ndarray] = []
        for number, block in enumerate(self._blocks):
            best, scores = self._best(block @ columns, k)
            ids.append(best + number * self.BLOCK)
            distances.append(1 - scores)
        return nearest(numpy.concatenate(ids, axis=1), numpy.concatenate(distances, axis=1), k)

    def _best(self, scores: numpy.ndarray, k: int) -> Tuple[numpy.ndarray, numpy.ndarray]:
        """
        Returns the rows of the `k` largest scores of each column, and these scores; both of shape `(columns, k)`.

        They are in the `k` groups with the largest maxima, so most scores are read only once.
        """
        padding = -len(scores) % self.GROUP
        if padding:
            scores = numpy.pad(scores, ((0, padding), (0, 0)), constant_values=-numpy.inf)
        grouped = scores.reshape(-1, self.GROUP, scores.shape[1])
        groups = _largest(grouped.max(axis=1).T, k)
        rows = (groups[:, :, None] * self.GROUP + numpy.arange(self.GROUP)).reshape(len(groups), -1)
        members = numpy.take_along_axis(scores.T, rows, axis=1)
        positions = _largest(members, min(k, len(scores) - padding))
        return numpy.take_along_axis(rows, positions, axis=1), numpy.take_along_axis(members, positions, axis=1)


class IndexSearch:
    """
    Searches an index: a navigable small-world graph ([Malkov & Yashunin, 2018](https://arxiv.org/abs/1603.09320)) from
    the library voyager.

    The pool is split into shards, each with its own index, built in the order of the pool by one thread.  So all cores
    have work, and the same seed gives the same neighbours, unlike an index built by several threads.

    # Parameters

    pool : `numpy.ndarray`
        Shape `(sentences, dimension)`.  Raises a `ConfigurationError` if voyager is not installed.
    seed : `int`
    """

    SHARD = 2**17
    CHUNK = 2**12
    """Sentences added, or queries searched, per step of the progress bar."""

    LINKS = 16
    EF_CONSTRUCTION = 100
    EF = 200
    """Candidates followed in a search: more candidates take more time and improve the recall."""

    def __init__(self, pool: numpy.ndarray, seed: int) -> None:
        voyager = require_voyager()
        # Shards of equal size, so that none has fewer than `k` sentences unless the pool is small.
        shards = -(-len(pool) // self.SHARD)
        bounds = numpy.linspace(0, len(pool), shards + 1).astype(int)
        self._starts = bounds[:-1]
        self._indexes = [
            voyager.Index(
                voyager.Space.Cosine,
                pool.shape[1],
                M=self.LINKS,
                ef_construction=self.EF_CONSTRUCTION,
                random_seed=seed + shard,
                max_elements=int(end - start),
            )
            for shard, (start, end) in enumerate(zip(bounds, bounds[1:]))
        ]
        with Tqdm.tqdm(total=len(pool), desc="indexing", unit=" sentences") as progress:

            def build(shard: int) -> None:
                for start in range(bounds[shard], bounds[shard + 1], self.CHUNK):
                    vectors = pool[start : min(start + self.CHUNK, bounds[shard + 1])]
                    self._indexes[shard].add_items(vectors, num_threads=1)
                    progress.update(len(vectors))

            in_threads(build, list(range(shards)))

    def search(self, queries: numpy.ndarray, k: int) -> Neighbors:
        """
        Returns approximately the `k` nearest of each query; `queries` are like the pool, shape `(queries, dimension)`.
        """
        blocks = [queries[start : start + self.CHUNK] for start in range(0, len(queries), self.CHUNK)]
        found = in_threads(lambda block: self._search_block(block, k), blocks, "asking")
        return numpy.concatenate([ids for ids, _ in found]), numpy.concatenate([distances for _, distances in found])

    def _search_block(self, queries: numpy.ndarray, k: int) -> Neighbors:
        ids, distances = [], []
        for start, index in zip(self._starts, self._indexes):
            asked = min(k, len(index))
            try:
                found, shard_distances = index.query(queries, k=asked, num_threads=1, query_ef=max(self.EF, 2 * asked))
            except require_voyager().RecallError as error:
                raise ConfigurationError(
                    f"the index finds fewer than {asked} neighbours of a sentence; use --exact instead"
                ) from error
            ids.append(found.astype(numpy.int64) + start)
            distances.append(shard_distances)
        return nearest(numpy.concatenate(ids, axis=1), numpy.concatenate(distances, axis=1), k)


def require_voyager() -> Any:
    """
    Returns the module `voyager`.  Raises a `ConfigurationError` if it is not installed.
    """
    try:
        import voyager
    except ImportError as error:
        raise ConfigurationError(
            "the index needs voyager, which is not installed: run `pip install voyager`, or use --exact"
        ) from error
    return voyager


def nearest(ids: numpy.ndarray, distances: numpy.ndarray, k: int) -> Neighbors:
    """
    Returns the `k` nearest of each query, or all if there are fewer, among the neighbours found in several parts of a
    pool.  Equally near ones are in the order of the pool.
    """
    positions = _largest(-distances, k)
    ids, distances = (numpy.take_along_axis(array, positions, axis=1) for array in (ids, distances))
    # Rounding makes the distance of a sentence to itself a little less than 0.
    distances = numpy.maximum(distances, 0, dtype=numpy.float32)
    order = numpy.lexsort((ids, distances), axis=1)
    return numpy.take_along_axis(ids, order, axis=1), numpy.take_along_axis(distances, order, axis=1)


def in_threads(work: Callable[[Any], T], items: List[Any], description: str = "") -> List[T]:
    """
    Returns the results of `work` for all items, in their order.  It helps if a library that releases the GIL does the
    work, such as scipy, numpy and voyager.
    """
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        futures = [threads.submit(work, item) for item in items]
        try:
            waiting = Tqdm.tqdm(futures, desc=description, unit=" blocks") if description else futures
            return [future.result() for future in waiting]
        finally:
            # After an error or Ctrl-C, drop the tasks that have not started.
            for future in futures:
                future.cancel()


def _largest(values: numpy.ndarray, k: int) -> numpy.ndarray:
    """Returns the positions of the `k` largest values in each row, unordered, or of all if there are fewer."""
    if k >= values.shape[1]:
        return numpy.broadcast_to(numpy.arange(values.shape[1]), values.shape)
    return numpy.argpartition(values, values.shape[1] - k, axis=1)[:, -k:]
