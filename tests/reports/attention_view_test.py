import doctest

import pytest

from attention_vat.reports import AttentionView, attention_view

PREDICTION = {"tokens": ["a", "<b>", "film"], "attention": [0.1, 0.8, 0.1], "labels": ["1", "0"], "probs": [0.9, 0.1]}


def test_notebooks_show_a_heat_map():
    page = AttentionView([PREDICTION, PREDICTION], ["vanilla", "iVAT & more"])._repr_html_()

    assert "iVAT &amp; more: 1 (0.900)" in page
    assert "&lt;b&gt;" in page and "<b>" not in page
    assert page.count("rgba(96, 168, 235, 0.800)") == 2
    assert page.count("rgba(96, 168, 235, 0.100)") == 4
    assert "<script" not in page and "<style" not in page


def test_names_of_classes():
    view = AttentionView([{**PREDICTION, "label_names": ["positive", "negative"]}])
    assert repr(view) == "positive (0.900) negative (0.100): a <b> film"


def test_a_sentence_without_words():
    assert "<span" not in AttentionView([{**PREDICTION, "tokens": [], "attention": []}])._repr_html_()


def test_names_that_do_not_fit():
    with pytest.raises(ValueError, match="2 names for 1 predictions"):
        AttentionView([PREDICTION], ["a", "b"])


def test_the_example_of_the_docstring():
    assert doctest.testmod(attention_view).failed == 0
