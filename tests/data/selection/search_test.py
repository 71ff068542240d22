import sys
import threading

import numpy
import pytest
from allennlp.common.checks import ConfigurationError
from scipy.sparse import csr_matrix

from attention_vat.data.selection.search import ExactSearch, IndexSearch, in_threads, nearest


def unit_vectors(number, dimension=8, seed=0):
    vectors = numpy.random.default_rng(seed).normal(size=(number, dimension)).astype(numpy.float32)
    return vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)


def by_definition(queries, pool, k):
    ids, distances = [], []
    for query in queries:
        all_distances = [1 - float(query.astype(float) @ vector.astype(float)) for vector in pool]
        order = sorted(range(len(pool)), key=lambda number: (all_distances[number], number))[:k]
        ids.append(order)
        distances.append([all_distances[number] for number in order])
    return numpy.array(ids), numpy.array(distances)


@pytest.mark.parametrize("form", [numpy.asarray, csr_matrix])
@pytest.mark.parametrize(
    ("size", "k"),
    [(500, 10), (512, 3), (33, 1), (33, 32), (7, 7), (7, 20), (300, 299)],
)
def test_exact_search_by_definition(monkeypatch, form, size, k):
    # Several blocks, the last one smaller, of both the pool and the queries.
    monkeypatch.setattr(ExactSearch, "BLOCK", 200)
    monkeypatch.setattr(ExactSearch, "QUERIES", 5)
    monkeypatch.setattr(ExactSearch, "GROUP", 8)
    queries, pool = unit_vectors(13, seed=1), unit_vectors(size)
    ids, distances = ExactSearch(form(pool)).search(form(queries), k)
    expected_ids, expected_distances = by_definition(queries, pool, k)
    assert ids.tolist() == expected_ids.tolist()
    assert distances.dtype == numpy.float32
    numpy.testing.assert_allclose(distances, expected_distances, atol=1e-6)


def test_negative_cosines_are_found():
    pool = numpy.array([[-1, 0], [-0.6, -0.8]], dtype=numpy.float32)
    ids, distances = ExactSearch(pool).search(numpy.array([[1, 0]], dtype=numpy.float32), 2)
    assert ids.tolist() == [[1, 0]]
    numpy.testing.assert_allclose(distances, [[1.6, 2]], rtol=1e-6)


def test_nearest_of_several_parts():
    ids = numpy.array([[5, 1, 9, 2]])
    distances = numpy.array([[0.5, 0.2, 0.2, -1e-7]])
    for k, expected in ((4, [2, 1, 9, 5]), (3, [2, 1, 9]), (10, [2, 1, 9, 5])):
        found, nearest_distances = nearest(ids, distances, k)
        assert found.tolist() == [expected]
        assert nearest_distances[0, 0] == 0


@pytest.fixture
def small_shards(monkeypatch):
    pytest.importorskip("voyager")
    monkeypatch.setattr(IndexSearch, "SHARD", 700)
    monkeypatch.setattr(IndexSearch, "CHUNK", 64)


def test_index_finds_almost_what_exact_search_finds(small_shards):
    queries, pool = unit_vectors(150, seed=1), unit_vectors(2000)
    found, distances = IndexSearch(pool, seed=3).search(queries, 10)
    right, right_distances = ExactSearch(pool).search(queries, 10)
    recall = numpy.mean([len(set(a) & set(b)) / 10 for a, b in zip(found.tolist(), right.tolist())])
    assert recall > 0.99
    same = found == right
    numpy.testing.assert_allclose(distances[same], right_distances[same], atol=1e-5)
    # The distances are of the sentences that are named, in whatever shard they are.
    numpy.testing.assert_allclose(distances, 1 - numpy.einsum("qd,qkd->qk", queries, pool[found]), atol=1e-5)


def test_index_depends_on_the_seed_alone(small_shards, monkeypatch):
    # A graph with few links finds less, so that different graphs find different neighbours.
    for option in ("LINKS", "EF_CONSTRUCTION", "EF"):
        monkeypatch.setattr(IndexSearch, option, 4)
    queries, pool = unit_vectors(100, 64, seed=1), unit_vectors(3000, 64)
    first, again, other = (IndexSearch(pool, seed).search(queries, 10)[0] for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_index_of_fewer_than_asked(small_shards):
    ids, _ = IndexSearch(unit_vectors(5), seed=0).search(unit_vectors(2, seed=1), 20)
    assert [sorted(row) for row in ids.tolist()] == [[0, 1, 2, 3, 4]] * 2


def test_voyager_is_named_when_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "voyager", None)
    with pytest.raises(ConfigurationError, match="run `pip install voyager`, or use --exact"):
        IndexSearch(unit_vectors(5), seed=0)


def test_threads_keep_the_order_and_stop_at_an_error():
    assert in_threads(lambda number: number**2, list(range(50))) == [number**2 for number in range(50)]
    begun = []
    gate = threading.Event()

    def work(number):
        begun.append(number)
        if number == 0:
            raise KeyError("first")
        gate.wait(0.01)

    with pytest.raises(KeyError):
        in_threads(work, list(range(2000)))
    assert len(begun) < 2000
