import copy
import json

import numpy
import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.data.selection import MeanEmbedding, NearestNeighbors, RandomSelection, SelectionStrategy
from attention_vat.data.selection.search import ExactSearch
from attention_vat.data.selection.sentence_file import SentenceFile, new_vocabulary
from attention_vat.data.selection.strategies import take_in_rounds


@pytest.fixture
def plane(tmp_path):
    """Sentences of one word, whose vectors lie on a circle at the angle that is their name, in degrees."""

    def make(labeled, pool):
        vocabulary = new_vocabulary()
        files = []
        for name, angles in (("labeled", labeled), ("pool", pool)):
            lines = (json.dumps({"tokens": [str(angle)]}) + "\n" for angle in angles)
            (tmp_path / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
            files.append(SentenceFile(tmp_path / f"{name}.jsonl", vocabulary))
        radians = {angle: numpy.deg2rad(angle) for angle in [*labeled, *pool] if isinstance(angle, int)}
        lines = (f"{angle} {numpy.cos(at):.9f} {numpy.sin(at):.9f}\n" for angle, at in radians.items())
        (tmp_path / "v.txt").write_text("".join(lines), encoding="utf-8")
        return (*files, MeanEmbedding(str(tmp_path / "v.txt")))

    return make


def chosen(plane, labeled, pool, count):
    labeled_file, pool_file, representation = plane(labeled, pool)
    strategy = NearestNeighbors(representation, exact=True)
    selected = strategy.select(labeled_file, pool_file, numpy.arange(len(pool)), count)
    return [pool[number] for number in selected.sentences], selected


def test_rounds_by_hand():
    ids = numpy.array([[3, 4, 7], [3, 5, 6], [4, 3, 0]])
    distances = numpy.array([[0.1, 0.5, 0.9], [0.2, 0.4, 0.6], [0.3, 0.4, 0.7]])
    for count, expected, rounds in [
        (1, [3], 1),
        (2, [3, 4], 1),  # 3 is the nearest of two
        (3, [3, 4, 5], 2),  # of the second round only 5 is new
        (4, [3, 4, 5, 6], 3),  # 6 before 0 and 7, since it is nearest
        (5, [0, 3, 4, 5, 6], 3),
        (9, [0, 3, 4, 5, 6, 7], 3),
    ]:
        taken, used = take_in_rounds((ids, distances), count, size=8)
        assert (taken.tolist(), used) == (expected, rounds), count


def test_every_labelled_sentence_takes_its_share(plane):
    # Around 0 the pool is dense; still 90 gets as many as 0 does.
    angles, selected = chosen(plane, [0, 90], [1, 2, 3, 4, 100, 110, 120, 180], 4)
    assert angles == [1, 2, 100, 110]
    expected = 1 - numpy.cos(numpy.deg2rad([1, 2, 10, 20]))
    numpy.testing.assert_allclose(selected.distances, expected, atol=1e-6)
    assert selected.details == {"neighbors_taken": 2, "labeled_compared": 2}


def test_overlap_is_made_up_by_next_neighbours(plane):
    # Both have the same nearest two; a total of four needs four rounds.
    angles, selected = chosen(plane, [0, 1], [3, 4, 5, 6, 7, 90], 4)
    assert angles == [3, 4, 5, 6]
    assert selected.details["neighbors_taken"] == 4


def test_distance_is_to_the_nearest_labelled_sentence(plane):
    _, selected = chosen(plane, [0, 40], [30, 70, 300], 3)
    numpy.testing.assert_allclose(selected.distances, 1 - numpy.cos(numpy.deg2rad([10, 30, 60])), atol=1e-6)


def test_searches_deeper_when_many_overlap(plane, monkeypatch):
    depths = []
    search = ExactSearch.search

    def counting(self, queries, k):
        depths.append(k)
        return search(self, queries, k)

    monkeypatch.setattr(ExactSearch, "search", counting)
    pool = list(range(100, 200))
    angles, _ = chosen(plane, list(range(20)), pool, 60)
    assert depths == [24, 48, 96]
    assert angles == pool[:60], "they all prefer the same side"
    monkeypatch.setattr(NearestNeighbors, "MOST", 20 * 60)
    with pytest.raises(ConfigurationError, match="the 48 nearest of each labelled sentence are only .* different ones"):
        chosen(plane, list(range(20)), pool, 60)


def test_sentences_without_vectors_are_neither_asked_nor_taken(plane):
    angles, selected = chosen(plane, [0, "new"], [10, "strange", 20], 2)
    assert angles == [10, 20]
    assert selected.details["labeled_compared"] == 1
    with pytest.raises(ConfigurationError, match="3 sentences were asked for, but only 2 new ones"):
        chosen(plane, [0, "new"], [10, "strange", 20], 3)


def test_only_candidates_are_taken(plane):
    labeled, pool, representation = plane([0], [1, 2, 3, 4])
    for strategy in (NearestNeighbors(representation, exact=True), NearestNeighbors(), RandomSelection()):
        if strategy.describe().get("representation") == {"type": "bag_of_words"}:
            labeled, pool, _ = plane([2], [1, 2, 3, 4])
        assert strategy.select(labeled, pool, numpy.array([1, 3]), 2).sentences.tolist() == [1, 3]


def test_random_depends_on_the_seed_alone(plane):
    labeled, pool, _ = plane([0], list(range(1, 101)))
    candidates = numpy.arange(0, 100, 2)
    first, again, other = (RandomSelection(seed).select(labeled, pool, candidates, 20) for seed in (1, 1, 2))
    assert first.sentences.tolist() == again.sentences.tolist() != other.sentences.tolist()
    assert len(set(first.sentences.tolist()) & set(candidates.tolist())) == 20
    assert first.sentences.tolist() == sorted(first.sentences.tolist())
    assert first.distances is None


def test_random_gives_each_the_same_chance(plane):
    labeled, pool, _ = plane([0], list(range(1, 9)))
    counts = numpy.zeros(8)
    for seed in range(2000):
        counts[RandomSelection(seed).select(labeled, pool, numpy.arange(8), 3).sentences] += 1
    # Binomial with mean 750 and standard deviation 21.7: five of them either way.
    assert (abs(counts - 750) < 110).all()


def test_from_params():
    params = {"type": "nearest_neighbors", "representation": {"type": "mean_embedding", "vectors": "v.txt"}, "seed": 3}
    strategy = SelectionStrategy.from_params(Params(copy.deepcopy(params)))
    assert strategy.describe() == {**params, "exact": False}
    assert SelectionStrategy.from_params(Params({"type": "nearest_neighbors"})).describe()["exact"] is True
    assert SelectionStrategy.from_params(Params({})).describe() == {"type": "random", "seed": 13370}
