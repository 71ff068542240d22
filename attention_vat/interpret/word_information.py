"""How much hidden states tell about their words, over a data set."""

from typing import NamedTuple, Sequence

import numpy

# Posterior = prior × likelihood to this power. 0 is the prior alone, so that the bound hardly falls below 0.
TEMPERATURES = (0.0, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5)
SPLITS = (0.6, 0.8)


def word_share(states: numpy.ndarray, words: Sequence[int]) -> float:
    """
    The share of the variance of states that their words explain, one-way η² adjusted for the number of words:

        1 − [SS_within / (n − V)] / [SS_total / (n − 1)]

    with sums of squares over all dimensions. It is 1 if a state is a function of its word, and 0 in expectation if it
    is independent of it; the scale of states does not matter.

    # Parameters

    states : `numpy.ndarray`
        Shape `(num_states, dim)`.
    words : `Sequence[int]`
        The word of each state, shape `(num_states,)`.

    # Returns

    share : `float`
        NaN if all words are different, or all states the same.
    """
    _, index = numpy.unique(numpy.asarray(words), return_inverse=True)
    states = numpy.asarray(states, dtype=numpy.float64)
    num_words, num_states = int(index.max(initial=-1)) + 1, len(states)
    if num_states <= max(num_words, 1):
        return float("nan")
    within = ((states - _means(states, index, num_words)[index]) ** 2).sum() / (num_states - num_words)
    total = ((states - states.mean(axis=0)) ** 2).sum() / (num_states - 1)
    return float(1 - within / total) if total > 0 else float("nan")


class WordInformation(NamedTuple):
    """
    # Parameters

    nats : `float`
        A lower bound of `I(word; state + noise)`.
    ceiling : `float`
        The maximum: the cross-entropy of word frequencies on held-out sentences.
    """

    nats: float
    ceiling: float

    @property
    def share(self) -> float:
        """The share of the ceiling."""
        return self.nats / self.ceiling if self.ceiling > 0 else float("nan")


def word_information(
    states: numpy.ndarray, words: Sequence[int], sentences: Sequence[int], noise: float = 1.0, seed: int = 0
) -> WordInformation:
    """
    A lower bound of the mutual information of a word and its state with noise, `I(W; H + σZ)`, where
    `σ = noise · sqrt(mean over dimensions of Var h)`.

    Without noise it says little: states are an injective function of the text, and nearly everything about a word can
    be read from the states of any model. With noise it measures how far apart the states of different words are, in
    units of the spread of all states.

    The bound is that of Barber & Agakov (2003), `I ≥ H(prior) − H(posterior)`, both cross-entropies on held-out
    sentences, with the posterior of a linear discriminant analysis: Gaussians of one covariance around the mean state
    of each word, shrunk towards the mean of all by empirical Bayes. One temperature is chosen on other held-out
    sentences. It is a lower bound for any distribution of states, and it falls with fewer states per word: compare
    models only on the same words.

    # Parameters

    states : `numpy.ndarray`
        Shape `(num_states, dim)`.
    words, sentences : `Sequence[int]`
        The word and the sentence of each state, shape `(num_states,)`.
    noise : `float`, optional (default = `1.0`)
    seed : `int`, optional (default = `0`)
        Seeds the noise and the split of the sentences: 60% for fitting, 20% for the temperature, 20% for measuring.
    """
    generator = numpy.random.default_rng(seed)
    _, index = numpy.unique(numpy.asarray(words), return_inverse=True)
    states = numpy.asarray(states, dtype=numpy.float64)
    sigma = noise * numpy.sqrt(states.var(axis=0).mean())
    noisy = states + sigma * generator.standard_normal(states.shape)

    _, sentence = numpy.unique(numpy.asarray(sentences), return_inverse=True)
    place = generator.random(int(sentence.max(initial=-1)) + 1)[sentence]
    parts = [place < SPLITS[0], (SPLITS[0] <= place) & (place < SPLITS[1]), SPLITS[1] <= place]
    num_words = int(index.max(initial=-1)) + 1
    if min(part.sum() for part in parts) == 0 or parts[0].sum() <= num_words:
        return WordInformation(float("nan"), float("nan"))
    learned = _Discriminant(noisy[parts[0]], index[parts[0]], num_words)
    tuning, test = (learned.log_likelihoods(noisy[part]) for part in parts[1:])
    losses = [learned.cross_entropy(tuning, index[parts[1]], temperature) for temperature in TEMPERATURES]
    best = TEMPERATURES[int(numpy.argmin(losses))]
    ceiling = learned.cross_entropy(test, index[parts[2]], 0.0)
    return WordInformation(ceiling - learned.cross_entropy(test, index[parts[2]], best), ceiling)


class _Discriminant:
    def __init__(self, states: numpy.ndarray, words: numpy.ndarray, num_words: int) -> None:
        counts = numpy.bincount(words, minlength=num_words).astype(float)
        # A word that occurs only in other sentences still gets some probability.
        self.log_prior = numpy.log((counts + 0.5) / (counts + 0.5).sum())
        center = states.mean(axis=0)
        means = _means(states, words, num_words)
        means[counts == 0] = center
        within = states - means[words]
        covariance = within.T @ within / max(len(states) - (counts > 0).sum(), 1)
        # A tiny ridge: without noise, a dimension may be a function of the others.
        covariance[numpy.diag_indices_from(covariance)] += 1e-9 * max(covariance.trace() / len(covariance), 1e-300)
        self._whiten = numpy.linalg.inv(numpy.linalg.cholesky(covariance)).T
        whitened = (means - center) @ self._whiten
        # In whitened units a mean of n states has a variance of 1/n on top of that of true means.
        here = counts > 0
        true = numpy.maximum((whitened[here] ** 2 - 1 / counts[here, None]).mean(axis=0), 0.0)
        shrink = true / (true + 1 / numpy.maximum(counts, 1)[:, None])
        self._means, self._center = whitened * shrink, center

    def log_likelihoods(self, states: numpy.ndarray) -> numpy.ndarray:
        """Log-likelihoods up to a constant per state, shape `(num_states, num_words)`."""
        whitened = (states - self._center) @ self._whiten
        return whitened @ self._means.T - 0.5 * (self._means**2).sum(axis=1)

    def cross_entropy(self, log_likelihoods: numpy.ndarray, words: numpy.ndarray, temperature: float) -> float:
        scores = temperature * log_likelihoods + self.log_prior
        top = scores.max(axis=1)
        normalizers = top + numpy.log(numpy.exp(scores - top[:, None]).sum(axis=1))
        return float((normalizers - scores[numpy.arange(len(words)), words]).mean())


def _means(states: numpy.ndarray, index: numpy.ndarray, num_words: int) -> numpy.ndarray:
    """The mean state of each word, shape `(num_words, dim)`."""
    order = numpy.argsort(index, kind="stable")
    counts = numpy.bincount(index, minlength=num_words)
    sums = numpy.zeros((num_words, states.shape[1]))
    starts = numpy.concatenate([[0], numpy.cumsum(counts)[:-1]])
    present = counts > 0
    sums[present] = numpy.add.reduceat(states[order], starts[present], axis=0)
    return sums / numpy.maximum(counts, 1)[:, None]
