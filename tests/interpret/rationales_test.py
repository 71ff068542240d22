import math
import warnings

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from attention_vat.interpret.rationales import (
    auprc,
    average_precision,
    roc_auc,
    span_id_matches,
    span_ids,
    span_matches,
    token_matches,
    top_words,
)


@st.composite
def texts(draw):
    """Scores and gold words of some texts; all or none may be gold, and scores may be equal."""
    rows = []
    for length in draw(st.lists(st.integers(1, 25), min_size=1, max_size=4)):
        scores = st.one_of(st.integers(0, 3).map(float), st.floats(0, 1, width=32))
        marks = draw(st.sampled_from([st.booleans(), st.just(True), st.just(False)]))
        rows.append([draw(st.lists(kind, min_size=length, max_size=length)) for kind in (scores, marks)])
    return rows


def padded(rows):
    width = max(len(scores) for scores, _ in rows) + 2
    scores = torch.tensor([scores + [0.5] * (width - len(scores)) for scores, _ in rows])
    gold = torch.tensor([gold + [True] * (width - len(gold)) for _, gold in rows])
    return scores, gold, torch.tensor([[place < len(scores) for place in range(width)] for scores, _ in rows])


def sklearn_auprc(gold, scores):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        precision, recall, _ = metrics.precision_recall_curve(gold, scores)
    return metrics.auc(recall, precision)


@given(texts())
def test_soft_scores_equal_scikit_learn(rows):
    references = {
        auprc: sklearn_auprc,
        average_precision: metrics.average_precision_score,
        roc_auc: metrics.roc_auc_score,
    }
    for function, expected in references.items():
        values, defined = function(*padded(rows))
        for (scores, gold), value, is_defined in zip(rows, values.tolist(), defined.tolist()):
            assert is_defined == (function is auprc or 0 < sum(gold) < len(gold))
            assert value == pytest.approx(expected(gold, scores) if is_defined else 0.0, abs=1e-9)


def test_texts_of_a_single_class_count_for_auprc_alone():
    scores, mask = torch.tensor([[0.2, 0.8]] * 2), torch.ones(2, 2).bool()
    gold = torch.tensor([[False, False], [True, True]])
    assert auprc(scores, gold, mask).value.tolist() == [0.5, 1.0]
    assert not roc_auc(scores, gold, mask).defined.any()
    assert not auprc(scores, gold, ~mask).defined.any()


@given(texts(), st.sampled_from([0.01, 0.1, 0.2, 0.5, 1.0]))
def test_top_words_takes_the_ceiling(rows, fraction):
    scores, _, mask = padded(rows)
    chosen = top_words(scores, mask, fraction)
    for row, (weights, _) in enumerate(rows):
        number = math.ceil(round(fraction * len(weights), 9))
        order = sorted(range(len(weights)), key=lambda i: (-weights[i], i))
        assert chosen[row].nonzero().flatten().tolist() == sorted(order[:number])


def test_floating_point_does_not_add_a_word():
    assert 0.07 * 100 > 7
    assert top_words(torch.rand(1, 100), torch.ones(1, 100).bool(), 0.07).sum() == 7


def literal_spans(words):
    spans, start = [], None
    for place, word in enumerate([*words, False]):
        if word and start is None:
            start = place
        if not word and start is not None:
            spans.append(set(range(start, place)))
            start = None
    return spans


@given(texts(), texts(), st.sampled_from([0.1, 0.3, 0.5, 1.0]))
def test_matches_equal_the_literal_sets(rows, others, threshold):
    chosen_rows = [[not mark for mark in (gold * 25)[: len(gold)]] for _, gold in others]
    rows = [(scores, gold) for scores, gold in rows][: len(chosen_rows)]
    chosen_rows = [(chosen * 25)[: len(gold)] for chosen, (_, gold) in zip(chosen_rows, rows)]
    _, gold, mask = padded(rows)
    _, chosen, _ = padded([([0.0] * len(chosen), chosen) for chosen in chosen_rows])

    tokens, spans = token_matches(chosen, gold, mask), span_matches(chosen, gold, mask, threshold)
    for row, ((_, marks), words) in enumerate(zip(rows, chosen_rows)):
        assert tokens.matched[row] == sum(a and b for a, b in zip(marks, words))
        assert (tokens.predicted[row], tokens.gold[row]) == (sum(words), sum(marks))
        predicted, true = literal_spans(words), literal_spans(marks)
        hits = sum(any(len(p & t) / len(p | t) >= threshold for t in true) for p in predicted)
        assert (spans.matched[row], spans.predicted[row], spans.gold[row]) == (hits, len(predicted), len(true))
        if sum(marks) and sum(words):
            expected = metrics.precision_recall_fscore_support(marks, words, average="binary", zero_division=0)
            found = [tokens.precision[row], tokens.recall[row], tokens.f1[row]]
            assert found == [pytest.approx(value) for value in expected[:3]]
        else:
            assert tokens.f1[row] == 0


def test_spans_are_not_matched_one_to_one():
    # Two predicted spans each cover half of the gold one, so recall is 2.
    chosen = torch.tensor([[1, 1, 0, 1, 1]])
    matches = span_id_matches(span_ids(chosen.bool()), torch.tensor([[1, 1, 1, 1, 1]]), threshold=0.4)
    assert (matches.matched.item(), matches.predicted.item(), matches.gold.item()) == (2, 2, 1)
    assert matches.recall.item() == 2


def test_neighbouring_spans_can_be_told_apart():
    matches = span_id_matches(torch.tensor([[1, 1, 2, 2]]), torch.tensor([[1, 1, 1, 1]]), threshold=0.5)
    assert (matches.matched.item(), matches.predicted.item()) == (2, 2)


def test_span_ids():
    assert span_ids(torch.tensor([[True, True, False, True], [False] * 4])).tolist() == [[1, 1, 0, 2], [0] * 4]
