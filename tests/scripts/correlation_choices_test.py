import sys

import numpy
import pytest

from scripts import correlation_choices
from scripts.correlation_choices import correlation_of_all_words, mean_correlation
from tests.commands.evaluate_attention_test import archive, data  # noqa: F401

ATTENTION = [numpy.array([0.5, 0.3, 0.2]), numpy.array([0.5, 0.5])]
IMPORTANCE = [numpy.array([0.2, 0.3, 0.5]), numpy.array([1.0, 3.0])]


def test_padding_makes_correlations_of_nothing():
    # Without padding the second sentence, whose attention is constant, has none.
    first = numpy.corrcoef(ATTENTION[0], IMPORTANCE[0])[0, 1]
    assert mean_correlation(ATTENTION, IMPORTANCE, 1) == pytest.approx(first)
    second = numpy.corrcoef([0.5, 0.5, 0.0], [1.0, 3.0, 0.0])[0, 1]
    assert mean_correlation(ATTENTION, IMPORTANCE, 2) == pytest.approx((first + second) / 2)


def test_all_words_at_once():
    expected = numpy.corrcoef([0.5, 0.3, 0.2, 0.5, 0.5], [0.2, 0.3, 0.5, 0.25, 0.75])[0, 1]
    assert correlation_of_all_words(ATTENTION, IMPORTANCE) == pytest.approx(expected)


def test_the_table(archive, data, monkeypatch, capsys):  # noqa: F811
    monkeypatch.setattr(sys, "argv", ["correlation_choices", str(data), str(archive), "--importance", "gradient_norm"])
    correlation_choices.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "gradient_norm"
    assert len(lines) == 6
