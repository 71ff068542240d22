import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from attention_vat.interpret.ranking import average_ranks, tie_groups

ROWS = st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.5, float("inf")]), max_size=12), min_size=1, max_size=4)


def padded(rows):
    width = max(map(len, rows))
    values = torch.tensor([row + [float("inf")] * (width - len(row)) for row in rows])
    return values, torch.tensor([[place < len(row) for place in range(width)] for row in rows]).bool()


@given(ROWS)
def test_ranks_equal_scipy(rows):
    ranks = average_ranks(*padded(rows))
    for row, found in zip(rows, ranks.tolist()):
        assert found[: len(row)] == rankdata(row).tolist()
        assert set(found[len(row) :]) <= {0.0}


@given(ROWS, st.booleans())
def test_groups_are_the_runs_of_equal_values(rows, descending):
    values, mask = padded(rows)
    groups = tie_groups(values, mask, descending)
    for index, row in enumerate(rows):
        ordered = values[index][groups.order[index]].tolist()
        assert ordered[: len(row)] == sorted(row, reverse=descending)
        for place in range(len(row)):
            first, last = groups.first[index, place].item(), groups.last[index, place].item()
            same = [other for other in range(len(row)) if ordered[other] == ordered[place]]
            assert (first, last) == (same[0], same[-1])
