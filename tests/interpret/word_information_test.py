"""On channels whose information is known."""

import math

import numpy
import pytest

from attention_vat.interpret.word_information import word_information, word_share

TRUE_BIT = 0.336831  # nats of a bit that is sent as ±1 with noise of variance 1


def bits(number, k=3, a=1.0, dim=20, nuisance=1.0, seed=0):
    """A word is k fair bits; a state is a rotation of the bits with noise and of other dimensions."""
    generator = numpy.random.default_rng(seed)
    sent = generator.integers(0, 2, (number, k))
    signal = a * (2 * sent - 1) + generator.standard_normal((number, k))
    states = numpy.concatenate([signal, nuisance * generator.standard_normal((number, dim - k))], axis=1)
    rotation, _ = numpy.linalg.qr(generator.standard_normal((dim, dim)))
    return states @ rotation, sent @ (1 << numpy.arange(k)), numpy.arange(number) // 10


@pytest.mark.parametrize(("k", "a", "dim", "nuisance"), [(3, 1.0, 20, 1.0), (4, 2.0, 30, 0.5)])
def test_share_of_a_channel(k, a, dim, nuisance):
    states, words, _ = bits(20000, k, a, dim, nuisance)
    expected = k * a**2 / (k * a**2 + k + (dim - k) * nuisance**2)
    assert word_share(states, words) == pytest.approx(expected, abs=0.005)
    assert word_share(states * 1000 + 5, words) == pytest.approx(word_share(states, words))
    shuffled = numpy.random.default_rng(1).permutation(words)
    assert word_share(states, shuffled) == pytest.approx(0.0, abs=0.005)


def test_share_by_hand():
    states = numpy.array([[0.0], [2.0], [10.0], [12.0]])
    # Within: 4 times 1, by 2 degrees of freedom; total: 36 + 16 + 16 + 36, by 3.
    assert word_share(states, [7, 7, 3, 3]) == pytest.approx(1 - (4 / 2) / (104 / 3))
    assert word_share(numpy.array([[1.0], [1.0], [2.0], [2.0]]), [0, 0, 1, 1]) == 1.0
    for states, words in (([[1.0], [2.0]], [0, 1]), ([[1.0]] * 4, [0, 0, 1, 1]), (numpy.zeros((0, 3)), [])):
        assert math.isnan(word_share(numpy.array(states), words))


def test_information_of_a_channel():
    states, words, sentences = bits(20000)
    found = word_information(states, words, sentences, noise=0.0)
    assert 0.96 < found.nats < 1.05
    assert found.nats <= 3 * TRUE_BIT + 0.04
    assert found.ceiling == pytest.approx(3 * math.log(2), abs=0.01)
    assert found.share == found.nats / found.ceiling < 1
    shuffled = numpy.random.default_rng(1).permutation(words)
    assert abs(word_information(states, shuffled, sentences, noise=0.0).nats) < 0.01


def capacity(a):
    """What one bit tells that is sent as ±a with noise of variance 1."""
    places, weights = numpy.polynomial.hermite_e.hermegauss(80)
    return math.log(2) - (weights * numpy.log1p(numpy.exp(-2 * a * (a + places)))).sum() / math.sqrt(2 * math.pi)


def test_noise_hides_words():
    assert capacity(1.0) == pytest.approx(TRUE_BIT, abs=1e-6)
    states, words, sentences = bits(20000, a=4.0)
    spread = (3 * (16 + 1) + 17) / 20
    for noise in (0.0, 0.5, 1.0, 2.0):
        found = word_information(states, words, sentences, noise).nats
        assert found == pytest.approx(3 * capacity(4 / math.sqrt(1 + noise**2 * spread)), abs=0.04)


def test_a_state_that_is_its_word():
    """Where the covariance within words is singular."""
    generator = numpy.random.default_rng(0)
    words = generator.integers(0, 5, 3000)
    states = generator.standard_normal((5, 8))[words]
    assert word_share(states, words) == pytest.approx(1.0)
    found = word_information(states, words, numpy.arange(3000) // 5, noise=0.0)
    assert found.nats == pytest.approx(math.log(5), abs=0.02)


def test_order_changes_nothing_but_the_noise():
    states, words, sentences = bits(5000)
    other = numpy.random.default_rng(2).permutation(5000)
    first = word_information(states, words, sentences, noise=0.0)
    second = word_information(states[other], words[other], sentences[other], noise=0.0)
    assert second.nats == pytest.approx(first.nats, abs=1e-9)
    assert word_information(states, words, sentences, 1.0, seed=3) == word_information(states, words, sentences, 1.0, 3)


def test_too_little_to_say():
    assert math.isnan(word_information(numpy.zeros((3, 2)), [0, 1, 2], [0, 0, 0]).nats)
    assert math.isnan(word_information(numpy.zeros((0, 2)), [], []).share)


def test_many_states_in_seconds():
    import time

    states, words, sentences = bits(50000, k=9, dim=256)
    start = time.perf_counter()
    word_share(states, words)
    word_information(states, words, sentences)
    assert time.perf_counter() - start < 60, "it takes a few seconds on a machine that has nothing else to do"


def test_means_of_few_states_are_shrunk():
    """Twelve states for each of 256 words: 1.15 nats are found without shrinking, 1.35 with too little of it."""
    found = word_information(*bits(5000, k=8, dim=100), noise=0.0)
    assert 1.38 < found.nats < 8 * TRUE_BIT
