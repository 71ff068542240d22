import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from attention_vat.interpret.rationales import exact_matches, runs, span_matches, spans_from, token_matches
from tests.interpret.rationales.made_up import literal_spans, padded, texts

SPANS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 4)).map(lambda s: (s[0], s[0] + s[1])), max_size=5)


@given(texts(), st.data())
def test_tokens_equal_scikit_learn(rows, data):
    chosen_rows = [data.draw(st.lists(st.booleans(), min_size=len(g), max_size=len(g))) for _, g in rows]
    _, gold, mask = padded(rows)
    _, chosen, _ = padded([([0.0] * len(chosen), chosen) for chosen in chosen_rows])
    tokens = token_matches(chosen, gold, mask)
    for row, ((_, marks), words) in enumerate(zip(rows, chosen_rows)):
        assert tokens.matched[row] == sum(a and b for a, b in zip(marks, words))
        assert (tokens.predicted[row], tokens.gold[row]) == (sum(words), sum(marks))
        if sum(marks) and sum(words):
            expected = metrics.precision_recall_fscore_support(marks, words, average="binary", zero_division=0)
            found = [tokens.precision[row], tokens.recall[row], tokens.f1[row]]
            assert found == [pytest.approx(value) for value in expected[:3]]
        else:
            assert tokens.f1[row] == 0


@given(st.lists(st.tuples(SPANS, SPANS), min_size=1, max_size=3), st.sampled_from([0.0, 0.1, 1 / 3, 0.5, 1.0]))
def test_spans_equal_the_literal_sets(rows, threshold):
    predicted, gold = (spans_from(part) for part in zip(*rows))
    near, exact = span_matches(predicted, gold, threshold), exact_matches(predicted, gold)
    for row, (mine, true) in enumerate(rows):
        hits = 0
        for start, end in set(mine):
            best = 0.0
            for other_start, other_end in set(true):
                here, there = set(range(start, end)), set(range(other_start, other_end))
                best = max(best, len(here & there) / len(here | there) if here | there else 0.0)
            hits += best >= threshold
        counts = (len(set(mine)), len(set(true)))
        assert (near.matched[row], near.predicted[row], near.gold[row]) == (hits, *counts)
        assert (exact.matched[row], exact.predicted[row], exact.gold[row]) == (len(set(mine) & set(true)), *counts)


@given(texts())
def test_runs_of_words_against_themselves(rows):
    _, gold, mask = padded(rows)
    spans = runs(gold & mask)
    number = [len(literal_spans(marks)) for _, marks in rows]
    for matches in (span_matches(spans, spans, 1.0), exact_matches(spans, spans)):
        assert matches.matched.tolist() == matches.gold.tolist() == number


def test_spans_are_not_matched_one_to_one():
    # Two predicted spans each cover two fifths of the gold one, so recall is 2.
    chosen = torch.tensor([[1, 1, 0, 1, 1]]).bool()
    matches = span_matches(runs(chosen), spans_from([[(0, 5)]]), threshold=0.4)
    assert (matches.matched.item(), matches.predicted.item(), matches.gold.item()) == (2, 2, 1)
    assert matches.recall.item() == 2


def test_neighbouring_spans_can_be_told_apart():
    gold = spans_from([[(0, 4)]])
    assert span_matches(spans_from([[(0, 2), (2, 4)]]), gold).matched.item() == 2
    assert exact_matches(spans_from([[(0, 2), (2, 4)]]), gold).matched.item() == 0


def test_an_empty_gold_span_can_only_be_missed():
    matches = span_matches(spans_from([[(0, 2)]]), spans_from([[(0, 2), (3, 3)]]))
    assert (matches.precision.item(), matches.recall.item()) == (1.0, 0.5)
