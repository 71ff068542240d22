from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.search.runs import seconds


@given(st.integers(0, 10**12))
def test_reads_what_timedelta_writes(microseconds):
    duration = timedelta(microseconds=microseconds)
    assert seconds(str(duration)) == pytest.approx(duration.total_seconds(), abs=1e-6)


def test_nothing_and_nonsense():
    assert seconds(None) == seconds("") == 0.0
    with pytest.raises(ValueError, match="'soon' is not a duration"):
        seconds("soon")
