"""How much hidden states tell about their words."""

import math
from collections import Counter
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import numpy
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.measures.description import Description
from attention_vat.interpret.measures.measure import DatasetMeasure, Measure, check_at_least_one
from attention_vat.interpret.measures.states import no_states
from attention_vat.interpret.texts import Text
from attention_vat.interpret.word_information import word_information, word_share
from attention_vat.models import AttentionClassifier, CleanPass
from attention_vat.models.words import attended


class Seen(NamedTuple):
    """
    # Parameters

    states : `numpy.ndarray`
        Shape `(num_words, hidden_dim)`, of all sentences of a batch in sequence.
    words : `List[str]`
    sentences : `List[int]`
        The position in the data of each word's sentence.
    """

    states: numpy.ndarray
    words: List[str]
    sentences: List[int]


def _descriptions() -> Dict[str, Description]:
    group = "Hidden states"
    return {
        "word_share": Description(
            "Word share", "Share of the variance of hidden states that their words explain (adjusted η²).", group
        ),
        **{
            f"word_information_{noise:g}{suffix}": Description(
                f"Word information, noise {noise:g}{title}", text, group, (0.0, 7.0 if not suffix else 1.0)
            )
            for noise in (0.5, 1.0, 2.0)
            for suffix, title, text in (
                ("", "", "A lower bound, in nats, of what a noisy hidden state tells about its word."),
                ("_share", ", share", "The same as a share of the maximum."),
                ("_shuffled", ", shuffled", "The same with the words of other states, which should be 0."),
            )
        },
    }


@Measure.register("words_in_states")
class WordsInStates(DatasetMeasure):
    """
    How much hidden states tell about their own words, over a data set (see `word_share` and `word_information`):

    - `word_share`: the share of the variance of states that words explain;
    - `word_information_1`: a lower bound, in nats, of what a state with noise tells about its word (noise of 1 standard
      deviation; likewise for others), `word_information_1_share` the same as a share of the maximum, and
      `word_information_1_shuffled` the same with the words of other states, a control that should be 0.

    Only frequent words count, and at most `num_states` states, from sentences drawn at random. Compare models on the
    same data with the same parameters. High numbers do not prove that attention explains anything.

    Registered as a `Measure` with name "words_in_states".

    # Parameters

    num_words : `int`, optional (default = `500`)
        How many of the most frequent words count.
    min_count : `int`, optional (default = `10`)
        How often a word must occur to count.
    num_states : `int`, optional (default = `50000`)
    noise : `List[float]`, optional (default = `[0.5, 1, 2]`)
        In standard deviations of states.

    Raises `ConfigurationError` if a number is below 1, or a noise is negative.
    """

    descriptions = _descriptions()

    def __init__(
        self,
        num_words: int = 500,
        min_count: int = 10,
        num_states: int = 50000,
        noise: Optional[List[float]] = None,
    ) -> None:
        check_at_least_one(num_words=num_words, min_count=min_count, num_states=num_states)
        self.num_words, self.min_count, self.num_states = num_words, min_count, num_states
        self.noise = [0.5, 1.0, 2.0] if noise is None else noise
        if any(value < 0 for value in self.noise):
            raise ConfigurationError(f"noise is {noise}, but must not be negative.")

    def obstacle(self, model: AttentionClassifier, texts: Sequence[Text]) -> Optional[str]:
        return no_states(model)

    def observe(self, model: AttentionClassifier, clean: CleanPass, texts: Sequence[Text]) -> Seen:
        mask = clean.encoded.mask
        width = mask.size(1)
        read = clean.embedded.mask[:, :width].sum(dim=1).tolist()
        words, sentences = [], []
        for text, length in zip(texts, read):
            here = attended(text.tokens, length, model.boundary_tokens, f"The sentence '{text.id}'")
            words += here
            sentences += [text.index] * len(here)
        return Seen(clean.encoded.hidden[mask].float().cpu().numpy(), words, sentences)

    def conclude(self, observed: Sequence[Any], seed: int) -> Dict[str, Optional[float]]:
        words = [word for seen in observed for word in seen.words]
        # Alphabetical order breaks ties in frequency, whatever the order of the data.
        counts = sorted(Counter(words).items(), key=lambda item: (-item[1], item[0]))
        frequent = {word for word, count in counts[: self.num_words] if count >= self.min_count}
        numbers = {word: number for number, word in enumerate(sorted(frequent))}
        sentences = numpy.array([sentence for seen in observed for sentence in seen.sentences], dtype=int)
        index = numpy.array([numbers.get(word, -1) for word in words], dtype=int)
        chosen = (index >= 0) & self._sampled(sentences, index >= 0, seed)
        # In the order of the data, whatever the batches.
        order = numpy.argsort(sentences[chosen], kind="stable")
        index, sentences = index[chosen][order], sentences[chosen][order]
        # Chosen batch by batch, since there can be far more states than count.
        ends = numpy.cumsum([len(seen.words) for seen in observed])
        parts = [seen.states[here] for seen, here in zip(observed, numpy.split(chosen, ends[:-1]))]
        states = numpy.concatenate(parts)[order]

        result: Dict[str, Optional[float]] = {"word_share": _number(word_share(states, index))}
        shuffled = numpy.random.default_rng(seed).permutation(index)
        for noise in self.noise:
            name = f"word_information_{noise:g}"
            found = word_information(states, index, sentences, noise, seed)
            result[name], result[f"{name}_share"] = _number(found.nats), _number(found.share)
            result[f"{name}_shuffled"] = _number(word_information(states, shuffled, sentences, noise, seed).nats)
        return result

    def _sampled(self, sentences: numpy.ndarray, counted: numpy.ndarray, seed: int) -> numpy.ndarray:
        """Selects the states of randomly chosen sentences, with at most `num_states` that count."""
        if counted.sum() <= self.num_states:
            return numpy.ones(len(sentences), dtype=bool)
        drawn = numpy.random.default_rng(seed).permutation(sentences.max() + 1)
        sizes = numpy.bincount(sentences[counted], minlength=len(drawn))[drawn]
        taken = drawn[numpy.cumsum(sizes) <= self.num_states]
        return numpy.isin(sentences, taken)


def _number(value: float) -> Optional[float]:
    return value if math.isfinite(value) else None
