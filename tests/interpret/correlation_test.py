import math
import warnings

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from attention_vat.interpret.correlation import kendall, pearson, spearman

# Few different values make ties, many make none.
NUMBERS = st.one_of(
    st.integers(0, 2).map(float),
    st.integers(-1000, 1000).map(float),
    st.floats(-1e3, 1e3, width=32, allow_subnormal=False),
)


@st.composite
def sentences(draw, max_words=40):
    """Some sentences of different lengths, as two lists of numbers each."""
    lengths = draw(st.lists(st.integers(0, max_words), min_size=1, max_size=4))
    rows = []
    for length in lengths:
        kind = draw(st.sampled_from([st.integers(0, 2).map(float), st.just(1.0), NUMBERS]))
        rows.append([draw(st.lists(kind, min_size=length, max_size=length)) for _ in range(2)])
    return rows


def padded(rows, padding=float("nan"), dtype=torch.float64):
    width = max(len(x) for x, _ in rows) + 1
    x, y = (torch.tensor([row[i] + [padding] * (width - len(row[i])) for row in rows], dtype=dtype) for i in range(2))
    mask = torch.tensor([[place < len(row[0]) for place in range(width)] for row in rows])
    return x, y, mask


def reference(function, x, y):
    """None where scipy has no value, and where we want three words."""
    if len(x) < 3:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = function(x, y)
    return None if math.isnan(result[0]) else result


def varies_clearly(x):
    """Where the deviation from the mean is rounding, a correlation has no meaning, and scipy only warns."""
    return len(set(x)) > 1 and max(x) - min(x) > 1e-6 * max(map(abs, x))


@given(sentences())
def test_pearson_equals_scipy(rows):
    values, defined = pearson(*padded(rows))
    for (x, y), value, is_defined in zip(rows, values.tolist(), defined.tolist()):
        if len(x) >= 3 and len(set(x)) > 1 and len(set(y)) > 1 and not (varies_clearly(x) and varies_clearly(y)):
            continue
        expected = reference(stats.pearsonr, x, y) if len(set(x)) > 1 and len(set(y)) > 1 else None
        assert is_defined == (expected is not None)
        assert value == pytest.approx(expected[0] if expected else 0.0, abs=1e-9)


@given(sentences())
def test_spearman_equals_scipy(rows):
    values, defined = spearman(*padded(rows))
    for (x, y), value, is_defined in zip(rows, values.tolist(), defined.tolist()):
        expected = reference(stats.spearmanr, x, y)
        assert is_defined == (expected is not None)
        assert value == pytest.approx(expected[0] if expected else 0.0, abs=1e-9)


@given(sentences())
def test_kendall_and_its_p_value_equal_scipy(rows):
    values, p_values, defined = kendall(*padded(rows))
    for (x, y), value, p_value, is_defined in zip(rows, values.tolist(), p_values.tolist(), defined.tolist()):
        expected = reference(stats.kendalltau, x, y)
        assert is_defined == (expected is not None)
        assert value == pytest.approx(expected[0] if expected else 0.0, abs=1e-9)
        assert p_value == pytest.approx(expected[1] if expected else 1.0, abs=1e-9)


@pytest.mark.parametrize("num_words", [3, 20, 33, 34, 60])
def test_kendall_p_value_without_ties(num_words):
    generator = torch.Generator().manual_seed(num_words)
    x, y = (torch.randn(5, num_words, generator=generator, dtype=torch.float64) for _ in range(2))
    y = y + torch.linspace(0, 2, 5, dtype=torch.float64).unsqueeze(1) * x
    result = kendall(x, y, torch.ones_like(x).bool())
    for row in range(5):
        expected = stats.kendalltau(x[row], y[row])
        assert result.p_value[row].item() == pytest.approx(expected[1], rel=1e-6, abs=1e-12)


def test_kendall_by_hand():
    x = torch.tensor([[0.5, 0.2, 0.2, 0.1, 9.0], [1.0, 1.0, 1.0, 1.0, 1.0]])
    y = torch.tensor([[4.0, 3.0, 1.0, 2.0, 0.0], [1.0, 2.0, 3.0, 4.0, 5.0]])
    mask = torch.tensor([[True, True, True, True, False], [True] * 5])
    # Four pairs agree, one does not, and one is tied in x.
    tau, _, defined = kendall(x, y, mask)
    assert tau.tolist() == pytest.approx([(4 - 1) / math.sqrt(5 * 6), 0.0])
    assert defined.tolist() == [True, False]


@pytest.mark.parametrize("function", [pearson, spearman, kendall])
def test_undefined_is_said_and_never_nan(function):
    x = torch.tensor([[0.1, 0.1, 0.1, 0.1], [0.2, 0.8, 9.0, 9.0], [float("nan"), 0.2, 0.3, 0.1], [0.4, 0.3, 0.2, 0.1]])
    y = torch.tensor([[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]])
    mask = torch.ones(4, 4).bool()
    mask[1, 2:] = False
    result = function(x, y, mask)
    assert result.defined.tolist() == [False, False, False, True]
    assert result.value.tolist()[:3] == [0.0, 0.0, 0.0]
    assert result.value[3].item() == pytest.approx(-1.0)


def test_rounding_is_no_variation():
    thirds = torch.tensor([[1 / 3, 1 / 3, 1 / 3 + 3e-8]], dtype=torch.float32)
    y = torch.tensor([[1.0, 2.0, 3.0]])
    mask = torch.ones(1, 3).bool()
    assert thirds[0, 2] != thirds[0, 0]
    assert not pearson(thirds, y, mask).defined
    assert pearson(torch.tensor([[0.3333, 0.3333, 0.3334]]), y, mask).defined


def test_tiny_gradients_keep_their_correlation():
    x = torch.tensor([[1.0, 5.0, 2.0, 8.0]])
    mask = torch.ones(1, 4).bool()
    assert pearson(x, x.double() * 1e-200, mask).value.item() == pytest.approx(1.0)
    assert pearson(x, x * 1e-30, mask).value.item() == pytest.approx(1.0)


def test_no_words_at_all():
    empty, mask = torch.zeros(2, 0), torch.zeros(2, 0).bool()
    for function in (pearson, spearman, kendall):
        assert function(empty, empty, mask).defined.tolist() == [False, False]
