import math

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.interpret.rationales import RationaleSelection, Spans, Threshold, TopWords
from tests.interpret.rationales.made_up import padded, texts


def places(chosen):
    return [row.nonzero().flatten().tolist() for row in chosen]


@given(texts(), st.sampled_from([0.01, 0.1, 0.2, 0.5, 1.0]))
def test_top_words_takes_the_ceiling(rows, fraction):
    scores, _, mask = padded(rows)
    for (weights, _), chosen in zip(rows, places(TopWords()(scores, mask, fraction))):
        number = math.ceil(round(fraction * len(weights), 9))
        order = sorted(range(len(weights)), key=lambda i: (-weights[i], i))
        assert chosen == sorted(order[:number])


def test_floating_point_does_not_add_a_word():
    assert 0.07 * 100 > 7
    assert TopWords(0.07)(torch.rand(1, 100), torch.ones(1, 100).bool(), None).sum() == 7


@given(texts(), st.integers(1, 6), st.integers(1, 4))
def test_spans_equal_the_literal_search(rows, length, number):
    scores, _, mask = padded(rows)
    for (weights, _), chosen in zip(rows, places(Spans(length, number)(scores, mask, None))):
        size, expected = min(length, len(weights)), set()
        for _ in range(number):
            free = [s for s in range(len(weights) - size + 1) if not expected & set(range(s, s + size))]
            if free:
                best = min(free, key=lambda s: (-math.fsum(weights[s : s + size]), s))
                expected |= set(range(best, best + size))
        assert chosen == sorted(expected)


def test_spans_hold_the_fraction():
    scores, mask = torch.rand(1, 100), torch.ones(1, 100).bool()
    assert Spans(3)(scores, mask, 0.07).sum() == 9
    assert Spans(3, fraction=0.2)(scores, mask, 0.07).sum() == 21


def test_spans_behind_a_mark_of_start():
    mask = torch.tensor([[False, True, True, False, False]])
    assert places(Spans(3, 2)(torch.ones(1, 5), mask, None)) == [[1, 2]]
    assert places(Spans(1, 1)(torch.ones(1, 5), mask, None)) == [[1]]


def test_threshold():
    scores, mask = torch.tensor([[0.1, 0.5, 0.4, 0.9], [0.1, 0.1, 0.1, 0.7]]), torch.tensor([[True] * 3 + [False]] * 2)
    assert places(Threshold(0.4)(scores, mask, None)) == [[1, 2], []]


@pytest.mark.parametrize("selection", [TopWords(0.5), Threshold(0.1), Spans(2, 3)])
def test_nothing_to_choose_from(selection):
    assert selection(torch.zeros(2, 0), torch.zeros(2, 0).bool(), None).shape == (2, 0)
    assert not selection(torch.ones(2, 3), torch.zeros(2, 3).bool(), None).any()


def test_without_any_fraction():
    assert TopWords()(torch.ones(1, 3), torch.ones(1, 3).bool(), None) is None
    assert Spans(2)(torch.ones(1, 3), torch.ones(1, 3).bool(), None) is None


@pytest.mark.parametrize(
    "settings",
    [{"type": "top_words", "fraction": 0.2}, {"type": "threshold", "threshold": 0.1}, {"type": "spans", "length": 3}],
)
def test_from_a_configuration_and_back(settings):
    assert RationaleSelection.from_params(Params(dict(settings))).settings() == settings


def test_out_of_range():
    for make in (lambda: TopWords(0), lambda: TopWords(1.5), lambda: Spans(0), lambda: Spans(2, 0)):
        with pytest.raises(ConfigurationError, match=r"is (0|1.5), but must be (above 0|at least 1)"):
            make()
