import re

from attention_vat.reports.attention_page import write_attention_page
from tests.reports.terminal_test import PREDICTION


def test_one_file_with_everything_escaped(tmp_path):
    nasty = {**PREDICTION, "tokens": ["<script>", "&amp;", '"', "b"], "label": "<b>", "labels": ["0", "<b>"]}
    write_attention_page(tmp_path / "page.html", [{"<i>": {**nasty, "query": "<u>"}, "other": PREDICTION}], "<title>")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not re.search("<(script|i|u|title>.*<title)>", page)
    assert "&lt;script&gt;" in page
    assert "&amp;amp;" in page
    assert "given: &lt;u&gt;" in page
    assert "&lt;i&gt;: <b>&lt;b&gt; (0.930)</b>" in page
    assert "prefers-color-scheme: dark" in page
    assert not re.search("https?:|<link|src=", page)


def test_colours(tmp_path):
    write_attention_page(
        tmp_path / "page.html", [{"m": PREDICTION}, {"m": {**PREDICTION, "tokens": [], "attention": []}}]
    )
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert '<span style="--a:1.000" title="80.0%">[bold]charming[/]</span>' in page
    assert page.count('<p class="verdict"><b>1 (0.930)</b>') == 2
    assert "(no words)" in page
    assert page.count("<article>") == 2
