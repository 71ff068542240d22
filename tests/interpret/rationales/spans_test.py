import torch
from hypothesis import given

from attention_vat.interpret.rationales import runs, spans_from
from tests.interpret.rationales.made_up import literal_spans, padded, texts


def as_pairs(spans):
    rows = zip(spans.start.tolist(), spans.end.tolist(), spans.mask.tolist())
    return [[(s, e) for s, e, real in zip(*row) if real] for row in rows]


@given(texts())
def test_runs_equal_the_literal_ones(rows):
    _, gold, mask = padded(rows)
    assert as_pairs(runs(gold & mask)) == [literal_spans(marks) for _, marks in rows]


def test_runs_of_nothing():
    assert runs(torch.zeros(2, 3).bool()).mask.shape == (2, 0)
    assert runs(torch.zeros(2, 0).bool()).mask.shape == (2, 0)
    assert runs(torch.zeros(0, 3).bool()).mask.shape == (0, 0)


def test_given_spans_may_touch_overlap_and_be_empty():
    rows = [[(4, 6), (1, 3), (3, 4), (5, 9), (1, 3)], [], [(2, 2)]]
    spans = spans_from(rows)
    assert as_pairs(spans) == [[(1, 3), (3, 4), (4, 6), (5, 9)], [], [(2, 2)]]
    assert spans.length[0].tolist() == [2, 1, 2, 4]
    assert spans_from([[], []]).mask.shape == (2, 0)
