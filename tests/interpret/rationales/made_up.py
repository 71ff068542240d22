"""Scores and marks of made-up texts."""

import torch
from hypothesis import strategies as st


@st.composite
def texts(draw):
    """Scores and gold words of some texts; all or none may be gold, and scores may be equal or all the same."""
    rows = []
    for length in draw(st.lists(st.integers(1, 25), min_size=1, max_size=4)):
        scores = st.one_of(st.integers(0, 3).map(float), st.floats(0, 1, width=32))
        scores = draw(st.sampled_from([scores, st.just(0.25)]))
        marks = draw(st.sampled_from([st.booleans(), st.just(True), st.just(False)]))
        rows.append([draw(st.lists(kind, min_size=length, max_size=length)) for kind in (scores, marks)])
    return rows


def padded(rows):
    """Scores, marks and mask; what stands at padding must not matter."""
    width = max(len(scores) for scores, _ in rows) + 2
    scores = torch.tensor([scores + [0.5] * (width - len(scores)) for scores, _ in rows])
    gold = torch.tensor([gold + [True] * (width - len(gold)) for _, gold in rows])
    return scores, gold, torch.tensor([[place < len(scores) for place in range(width)] for scores, _ in rows])


def literal_spans(words):
    """The runs of true words, as pairs."""
    spans, start = [], None
    for place, word in enumerate([*words, False]):
        if word and start is None:
            start = place
        if not word and start is not None:
            spans.append((start, place))
            start = None
    return spans
