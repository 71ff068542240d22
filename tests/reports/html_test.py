import json
import re
from html.parser import HTMLParser

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.plots import COLORS
from attention_vat.reports import write_report
from attention_vat.reports.html import render_report
from attention_vat.reports.sentences import levels
from tests.interpret.made_up import evaluation, evaluations, sentence
from tests.reports.made_up import all_measures, three_models

EVIL = "</script><script>alert(1)</script><!--<b>&amp;\u2028\u2029'\"`${x}"


class Page(HTMLParser):
    """The elements of a page and the text of its scripts."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.scripts, self.text, self._open = [], [], [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self._open = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        self._open = ""

    def handle_data(self, data):
        if self._open == "script":
            self.scripts[-1] += data
        else:
            self.text.append(data)

    def named(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def page_of(*results, title="Title", **kwargs):
    names = ["vanilla", "Attention iVAT"]
    return Page(render_report(dict(zip(names, results)), title, **kwargs))


def data_of(page):
    return json.loads(page.scripts[0])


def test_text_cannot_become_markup():
    odd = sentence(
        id=EVIL, tokens=[EVIL, "\ud800"], label=EVIL, prediction=EVIL, rationale=[1, 0], scores={"pearson": 0.5}
    )
    result = evaluation([odd], labels=[EVIL, "other"])
    page = Page(render_report({EVIL: result, "b": result}, EVIL, data=EVIL))
    assert len(page.scripts) == 2
    assert "alert(1)" not in page.scripts[1]
    assert "<" not in page.scripts[0]
    assert "\u2028" not in page.scripts[0]
    first = data_of(page)["sentences"][0]
    assert first[:3] == [EVIL, EVIL, [EVIL, "\ufffd"]]
    assert data_of(page)["models"] == [EVIL, "b"]
    assert not page.named("b")
    assert any(EVIL in text for text in page.text)


def test_nothing_is_loaded_from_elsewhere(tmp_path):
    write_report(tmp_path / "report.html", {"a": evaluations(5)[0]})
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert not re.findall(r"(?:https?:)?//[a-z]", re.sub(r"/\*.*?\*/|^\s*//.*$", "", text, flags=re.M | re.S))
    assert "@import" not in text
    assert "url(" not in text
    for tag, attributes in page.elements:
        assert "src" not in attributes, tag
        assert attributes.get("href", "#")[:1] == "#" or attributes["href"] == "data:,"
    (policy,) = [m["content"] for m in page.named("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")


def test_is_readable_on_a_phone_and_by_a_screen_reader():
    page = page_of(*all_measures())
    assert page.named("html") == [{"lang": "en"}]
    assert [m for m in page.named("meta") if m.get("name") == "viewport"]
    assert len(page.named("h1")) == 1
    assert len(page.named("caption")) == len(page.named("table")) == 2
    assert all(cell.get("scope") in ("col", "row", "rowgroup") for cell in page.named("th"))
    for svg in page.named("svg"):
        assert svg.get("aria-hidden") == "true" or svg["aria-label"]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def luminance(color):
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    high, low = sorted([luminance(first), luminance(second)], reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_contrast(scheme):
    page = render_report({"a": evaluations(3)[0]}, "T", pictures=[])
    # A block for daylight and one for the dark in what all pages share, and another two in what the report adds.
    block = "".join(re.findall(r":root \{(.*?)\}", page, flags=re.S)[scheme::2])
    colors = dict(re.findall(r"--([\w]+): (#\w{6});", block))
    triples = {name: [int(c) for c in value.split()] for name, value in re.findall(r"--(\w+): ([\d ]+);", block)}
    attention = "#{:02x}{:02x}{:02x}".format(*triples["attention"])
    # WCAG AA: 4.5 for text, 3 for what is drawn.
    for name in ("ink", "soft", "accent", "good", "bad"):
        assert contrast(colors[name], colors["card"]) >= 4.5, name
        assert contrast(colors[name], colors["page"]) >= 4.5, name
    assert contrast(colors["ink"], attention) >= 4.5
    for name in (name for name in COLORS if name.startswith("model")):
        assert contrast(colors[name], colors["card"]) >= 3, name


def test_numbers_stand_beside_each_other_with_their_difference():
    first, second = evaluations()
    text = " ".join(page_of(first, second).text)
    for result in (first, second):
        estimate = result.metrics["pearson"]
        assert f"{estimate.value:.3f}".replace("-", "−") in text
        assert f"[{estimate.low:.3f}, {estimate.high:.3f}]".replace("-", "−") in text
    difference = second.metrics["pearson"].value - first.metrics["pearson"].value
    assert text.count(f"{difference:+.3f}".replace("-", "−")) >= 2
    assert "Difference" not in " ".join(page_of(first).text)


def test_half_a_page_is_never_left(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    write_report(path, {"a": evaluations(3)[0]}, title="First")
    monkeypatch.setattr("os.replace", lambda *args: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(ConfigurationError, match="full"):
        write_report(path, {"a": evaluations(3)[0]}, title="Second")
    assert "<h1>First</h1>" in path.read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_no_model():
    with pytest.raises(ConfigurationError, match="at least one model, but there is none"):
        render_report({}, "Title")


def test_three_models():
    results = three_models(12)
    page = Page(render_report(results, "Title"))
    assert page.named("body") == [{"class": "comparison several"}]
    assert not page.named("ivat")
    assert data_of(page)["models"] == list(results)
    for index, rows in enumerate(zip(*(result.sentences for result in results.values()))):
        shown = data_of(page)["sentences"][index][4:]
        assert [model[3] for model in shown] == [levels(row.attention) for row in rows]
        assert shown[1][3] != shown[2][3] or len(rows[1].tokens) == 1
    classes = {attributes.get("class") for _, attributes in page.elements}
    assert {"marks model0", "marks model1", "marks model2", "mark model2"} <= classes
    assert not {"marks model3", "mark model3"} & classes
    text = " ".join(page.text)
    assert "third − plain" in text and "adjusted for 2 comparisons" in text


def test_classes_have_their_names():
    first, second = evaluations(12)
    first.label_names = {"0": "negative", "1": "<positive>"}
    page = page_of(first, second)
    text = " ".join(page.text)
    assert "labels negative, <positive>" in text
    assert "Predicted negative" in text and "Predicted <positive>" in text
    assert "of the positive class, <positive>." in text
    data = data_of(page)
    assert data["labels"] == [["negative", "<positive>"]] * 2
    for sentence_, row, other in zip(data["sentences"], first.sentences, second.sentences):
        assert sentence_[1] == first.label_names[row.label]
        assert [model[0] for model in sentence_[4:]] == [first.label_names[r.prediction] for r in (row, other)]
