import re

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.reports.attention_page import write_attention_page
from tests.reports.terminal_test import PREDICTION


def test_one_file_with_everything_escaped(tmp_path):
    nasty = {**PREDICTION, "tokens": ["<script>", "&amp;", '"', "b"], "label": "<b>", "labels": ["0", "<b>"]}
    write_attention_page(tmp_path / "page.html", [{"<i>": {**nasty, "query": "<u>"}, "other": PREDICTION}], "<title>")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not re.search("<(script|i|u|title>.*<title)>", page)
    assert "&lt;script&gt;" in page
    assert "&amp;amp;" in page
    assert "given: <bdi>&lt;u&gt;</bdi>" in page
    assert "&lt;i&gt;: <b>&lt;b&gt; (0.930)</b>" in page
    assert "prefers-color-scheme: dark" in page
    assert not re.search("https?:|<link|src=", page)


def test_names_of_classes(tmp_path):
    write_attention_page(tmp_path / "page.html", [{"m": {**PREDICTION, "label_names": ["<i>", "positive"]}}])
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert '<p class="verdict"><b>positive (0.930)</b> &lt;i&gt; (0.070)</p>' in page


def test_colours(tmp_path):
    write_attention_page(
        tmp_path / "page.html", [{"m": PREDICTION}, {"m": {**PREDICTION, "tokens": [], "attention": []}}]
    )
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert '<span style="--a:1.000" title="80.0%"><bdi>[bold]charming[/]</bdi></span>' in page
    assert page.count('<p class="verdict"><b>1 (0.930)</b>') == 2
    assert "(no words)" in page
    assert page.count("<article>") == 2


def test_nothing_runs_and_nothing_is_loaded(tmp_path):
    write_attention_page(tmp_path / "page.html", [{"m": PREDICTION}])
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert (
        """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""
        in page
    )


def test_words_of_any_kind(tmp_path):
    tokens = ["\0a\x1b", "\u202eb", "سلام", "\ud83d"]
    odd = {**PREDICTION, "tokens": tokens, "labels": ["0", "\0"], "query": "\x7f"}
    write_attention_page(tmp_path / "page.html", [{"\x85": odd, "m": odd}], "\0")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\\ud83d", page)
    for word in ("\ufffda\ufffd", "\u202eb", "سلام", "\ufffd"):
        assert page.count(f"<bdi>{word}</bdi>") >= 2


def test_words_and_weights_are_of_one_number(tmp_path):
    with pytest.raises(ConfigurationError, match="There are 3 words, but 4 attention weights"):
        write_attention_page(tmp_path / "page.html", [{"m": {**PREDICTION, "tokens": ["a", "b", "c"]}}])
    assert not (tmp_path / "page.html").exists()
