"""The report in a real browser."""

import json
import re

import pytest

from attention_vat.reports.html import render_report
from scripts.browser import Browser, find_browser
from tests.interpret.made_up import evaluation, evaluations, sentence
from tests.reports.made_up import all_measures, three_models
from tests.stacks import on_modern_stack

pytestmark = [
    on_modern_stack,
    pytest.mark.skipif(find_browser() is None, reason="needs Chromium or Chrome to draw the report"),
]
DEFAULTS = {"query": "", "model": "1", "filter": "all", "sort": "data", "order": "low", "strip": "importance"}


@pytest.fixture(scope="module")
def browser():
    with Browser() as started:
        yield started


@pytest.fixture
def draw(browser, tmp_path):
    """Opens a report and says what was in its way."""

    def draw(results, fragment="", **look):
        path = tmp_path / "report.html"
        path.write_text(render_report(results, "Title"), encoding="utf-8", errors="backslashreplace")
        browser.look(**look)
        browser.open(path, fragment)
        return browser

    yield draw
    assert browser.messages == []


def choose(browser, **choice):
    """Sets the controls as a reader does; gives the sentences that are then shown."""
    script = """
        const choice = %s;
        for (const [id, value] of Object.entries(choice)) {
          document.getElementById(id).value = value;
          document.getElementById(id).dispatchEvent(new Event("change", {bubbles: true}));
        }
        document.getElementById("controls").requestSubmit();
        const more = document.getElementById("more");
        for (let i = 0; i < 100 && !more.hidden; i++) more.click();
        [...document.querySelectorAll("#list > li")].map((item) => item.dataset.id)
    """
    return browser.run("{" + script % json.dumps({**DEFAULTS, **choice}) + "}")


def ids(sentences, key=None):
    """Their names in an order; where the key is `None`, last."""
    if key is not None:
        sentences = sorted(sentences, key=lambda s: (key(s) is None, key(s) or 0))
    return [s.id for s in sentences]


def score(name, sign=1):
    return lambda s: None if s.scores[name] is None else sign * round(s.scores[name], 4)


def distance(first, second):
    total = sum(first), sum(second)
    return sum(abs(a / total[0] - b / total[1]) for a, b in zip(first, second)) / 2


def test_sorting(draw):
    results = all_measures(30)
    browser = draw(dict(zip("ab", results)))
    first, second = (result.sentences for result in results)
    assert choose(browser) == ids(second)
    assert choose(browser, order="high") == ids(second)[::-1]
    for name in ("pearson", "adversarial_jsd", "max_attention"):
        assert choose(browser, sort=name, order="low") == ids(second, score(name)), name
        assert choose(browser, sort=name, order="high", model="0") == ids(first, score(name, -1)), name
    assert choose(browser, sort="confidence") == ids(second, lambda s: round(max(s.probs), 4))
    assert choose(browser, sort="length", order="high") == ids(second, lambda s: -len(s.tokens))
    rounded = [[score("pearson")(s) for s in sentences] for sentences in (first, second)]
    gains = {s.id: None if None in pair else pair[1] - pair[0] for s, *pair in zip(first, *rounded)}
    assert choose(browser, sort="gain", order="high") == ids(
        second, lambda s: None if gains[s.id] is None else -gains[s.id]
    )
    # Weights are drawn in 64 steps, so these orders are right up to a small difference.
    models = {a.id: distance(a.attention, b.attention) for a, b in zip(first, second)}
    found = [models[name] for name in choose(browser, sort="models", order="high")]
    assert all(a >= b - 0.02 for a, b in zip(found, found[1:]))


def test_filtering(draw):
    results = all_measures(30)
    browser = draw(dict(zip("ab", results)))
    both = list(zip(*(result.sentences for result in results)))
    wrong = [[s.label != s.prediction for s in row] for row in both]
    second = [row[1] for row in both]
    for name, model, keep in (
        ("wrong", "1", [row[1] for row in wrong]),
        ("wrong", "0", [row[0] for row in wrong]),
        ("differ", "1", [a.prediction != b.prediction for a, b in both]),
        ("fixed", "1", [a and not b for a, b in wrong]),
        ("broken", "1", [b and not a for a, b in wrong]),
        ("marked", "1", [s.rationale is not None for s in second]),
        ("undefined", "1", [s.scores["pearson"] is None for s in second]),
        ("changed-uniform", "1", [s.prediction != s.predictions["uniform"] for s in second]),
    ):
        expected = [s.id for s, kept in zip(second, keep) if kept]
        assert expected
        assert choose(browser, filter=name, model=model) == expected, name
    apart = {s.id: distance(s.attention, s.importance) for s in second}
    found = choose(browser, filter="disagreement", sort="apart", order="high")
    assert len(found) == 3
    assert min(apart[name] for name in found) >= max(apart[name] for name in apart if name not in found) - 0.02


def test_search(draw):
    results = evaluations(60)
    browser = draw(dict(zip("ab", results)))
    words = [s for s in results[1].sentences if "w7" in " ".join(s.tokens) and "w1" in " ".join(s.tokens)]
    assert words
    assert choose(browser, query="W7  w1") == ids(words)
    wrong = [s for s in words if s.label != s.prediction]
    assert choose(browser, query="w7 w1", filter="wrong", sort="pearson", order="high") == ids(
        wrong, score("pearson", -1)
    )
    assert choose(browser, query="no such word") == []
    assert "No sentence matches" in browser.run("document.getElementById('status').textContent")
    choose(browser, query="w7")
    found = browser.run("[...document.querySelectorAll('.found')].map((word) => word.textContent)")
    assert set(found) == {"w7"}
    # Typing is enough.
    browser.run("document.getElementById('query').value = 'nothing'")
    browser.run("document.getElementById('query').dispatchEvent(new Event('input', {bubbles: true}))")
    browser.run("new Promise((done) => setTimeout(done, 300))")
    assert browser.run("document.querySelectorAll('#list > li').length") == 0


def test_a_link_carries_the_choice(draw):
    result = evaluations(20)[0]
    browser = draw({"a": result}, "#filter=wrong&sort=confidence&query=w1&model=9&nothing=1")
    wrong = [s for s in result.sentences if s.label != s.prediction and "w1" in " ".join(s.tokens)]
    shown = browser.run("[...document.querySelectorAll('#list > li')].map((item) => item.dataset.id)")
    # The usual order of confidence is from high to low.
    assert shown == ids(wrong, lambda s: -max(s.probs))
    assert browser.run("document.getElementById('status').textContent") == f"{len(wrong)} of 20 sentences"
    # One model offers no choice of models, and nothing about a second one.
    filters = browser.run("[...document.getElementById('filter').options].map((option) => option.value)")
    assert "wrong" in filters
    assert "differ" not in filters
    assert browser.run("document.getElementById('model-choice').hidden")
    choose(browser, model="0", filter="undefined", sort="pearson", order="low")
    address = browser.run("location.hash")
    assert "filter=undefined" in address
    assert "order=low" in address


def test_text_stays_text(draw):
    evil = "<img src=x onerror=alert(1)></script>&lt;"
    odd = sentence(
        id=evil, tokens=[evil, "\0", ""], label=evil, prediction=evil, attention=[0.5, 0.3, 0.2], importance=[0.1] * 3,
        importance_attention_constant=[0.1] * 3,
    )  # fmt: skip
    empty = sentence(tokens=[], attention=[], importance=[], label=None)
    browser = draw({evil: evaluation([odd, empty], [evil, "1"]), "b": evaluation([odd, empty], [evil, "1"])})
    assert browser.run("document.images.length") == 0
    assert browser.run("[...document.querySelectorAll('#list > li')].map((item) => item.dataset.id)") == [evil, "1"]
    assert browser.run("document.querySelector('.w').textContent") == evil
    assert browser.run("document.querySelectorAll('.empty').length") == 2


def test_words_show_their_weights_in_words_and_colours(draw):
    one = sentence(rationale=[1, 0], scores={"pearson": -0.123}, prediction="0", words={"leave_one_out": [0.1, 0.3]})
    browser = draw({"a": evaluation([one])})
    word = "document.querySelector('.w')"
    assert browser.run(f"{word}.title") == "\u2068good\u2069: attention 75%, gradient importance 67%, marked by people"
    assert browser.run(f"{word}.className") == "w h"
    # The strongest word has its full share, the next one a third of it, in 64 steps.
    strengths = browser.run("[...document.querySelectorAll('.w')].map((word) => word.style.getPropertyValue('--a'))")
    assert [float(value) for value in strengths] == [pytest.approx(0.75, abs=1 / 63), pytest.approx(0.25, abs=1 / 63)]
    assert "r −0.12" in browser.run("document.querySelector('.verdict').textContent")
    assert browser.run("document.querySelector('.wrong').textContent") == "✗ wrong: 0 90%"
    # What stands below the words can be chosen.
    choose(browser, model="0", strip="leave_one_out")
    assert (
        browser.run(f"{word}.title")
        == "\u2068good\u2069: attention 75%, leave-one-out importance 25%, marked by people"
    )
    assert "leave-one-out" in browser.run("document.getElementById('strip-name').textContent")


def test_numbers_open_as_tables(draw):
    results = all_measures(3)
    browser = draw(dict(zip("ab", results)))
    browser.run("document.querySelector('.card summary').click()")
    browser.run("new Promise((done) => setTimeout(done, 50))")
    rows = browser.run(
        "[...document.querySelectorAll('.card:first-child table')].map((table) =>"
        " [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent)))"
    )
    scores, weights = rows
    first = [result.sentences[0] for result in results]
    largest = [f"{s.scores['max_attention']:.3f}" for s in first]
    assert ["Largest attention weight", *largest] in scores
    assert [row[0] for row in weights[1:]] == first[0].tokens
    # A word, three weights of each model, and the marks of people.
    assert {len(row) for row in weights} == {1 + 2 * 4 + 1}
    browser.run("document.querySelector('.card summary').click()")
    browser.run("new Promise((done) => setTimeout(done, 50))")
    assert browser.run("document.querySelectorAll('.card table').length") == 0


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [320, 390, 768, 1300])
def test_nothing_needs_scrolling_to_the_side(draw, width, dark):
    results = all_measures(12)
    long = "w" * 80
    for result in results:
        result.sentences[0].tokens[0] = long
    browser = draw(
        {"a model with a rather long name": results[0], long: results[1]}, width=width, height=700, dark=dark
    )
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    browser.run("new Promise((done) => setTimeout(done, 50))")
    assert browser.run("document.documentElement.scrollWidth") <= width
    # The charts' smallest letters, as they appear.
    sizes = browser.run(
        "[...document.querySelectorAll('.chart text')].map((tick) =>"
        " parseFloat(getComputedStyle(tick).fontSize) * tick.ownerSVGElement.getScreenCTM().a)"
    )
    assert min(sizes) >= (8.5 if width > 320 else 7.5)


def luminance(color):
    channels = [int(channel) / 255 for channel in re.findall(r"\d+", color)[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True])
def test_colours_follow_the_reader_and_can_be_read(draw, dark):
    browser = draw(dict(zip("ab", all_measures(12))), dark=dark)

    def style(selector, name):
        return luminance(browser.run(f"getComputedStyle(document.querySelector('{selector}')).{name}"))

    page, card = style("body", "backgroundColor"), style(".card", "backgroundColor")
    assert (max(page, card) < 0.05) == dark
    assert (min(page, card) > 0.8) == (not dark)
    for selector, name, background, least in (
        ("h1", "color", page, 4.5),
        (".summary", "color", page, 4.5),
        (".explain", "color", card, 4.5),
        (".w", "color", card, 4.5),
        (".right", "color", card, 4.5),
        (".wrong", "color", card, 4.5),
        (".chart text", "fill", card, 4.5),
        (".bar.model0 path", "fill", card, 3),
        (".bar.model1 path", "fill", card, 3),
        (".curve path", "stroke", card, 3),
    ):
        low, high = sorted([style(selector, name), background])
        assert (high + 0.05) / (low + 0.05) >= least, selector


def test_many_sentences_are_drawn_a_few_at_a_time(draw):
    browser = draw({"a": evaluations(3000)[0]})
    assert browser.run("document.getElementById('status').textContent") == "3,000 of 3,000 sentences"
    cards = "document.querySelectorAll('#list > li').length"
    before = browser.run(cards)
    assert 20 < before < 1000
    # More come when the reader gets there.
    browser.run("window.scrollTo(0, document.documentElement.scrollHeight)")
    browser.run("new Promise((done) => setTimeout(done, 200))")
    assert before < browser.run(cards) < 2000


def test_charts_stay_within_their_pictures(draw):
    browser = draw(dict(zip("ab", all_measures(60))))
    assert browser.run("document.querySelectorAll('figure svg.chart').length") == 12
    outside = browser.run(
        """[...document.querySelectorAll('.chart')].flatMap((chart) => {
          const box = chart.getBoundingClientRect();
          return [...chart.querySelectorAll('text, path, use')].filter((part) => !part.closest('defs'))
            .filter((part) => {
              const own = part.getBoundingClientRect();
              return own.left < box.left - 1 || own.right > box.right + 1
                || own.top < box.top - 1 || own.bottom > box.bottom + 1;
            }).map((part) => chart.textContent.slice(0, 40) + part.outerHTML);
        })"""
    )
    assert outside == []


def test_three_models(draw):
    results = three_models(30)
    browser = draw(results)
    rows = list(zip(*(result.sentences for result in results.values())))
    names = browser.run("[...document.querySelector('#list > li').querySelectorAll('.name')].map((n) => n.textContent)")
    assert names == list(results)
    wrong = [[s.label != s.prediction for s in row] for row in rows]
    for name, model, keep in (
        ("differ", "1", [len({s.prediction for s in row}) > 1 for row in rows]),
        ("fixed", "1", [row[0] and not row[1] for row in wrong]),
        ("fixed", "2", [row[0] and not row[2] for row in wrong]),
        ("broken", "2", [row[2] and not row[0] for row in wrong]),
    ):
        expected = [row[0].id for row, kept in zip(rows, keep) if kept]
        assert expected
        assert choose(browser, filter=name, model=model) == expected, (name, model)
    for model in (1, 2):
        pairs = {row[0].id: (score("pearson")(row[0]), score("pearson")(row[model])) for row in rows}
        gains = {name: pair[1] - pair[0] for name, pair in pairs.items() if None not in pair}
        expected = [*sorted(gains, key=gains.get, reverse=True), *(name for name in pairs if name not in gains)]
        assert choose(browser, sort="gain", order="high", model=str(model)) == expected
    apart = {row[0].id: max(distance(row[0].attention, other.attention) for other in row[1:]) for row in rows}
    found = [apart[name] for name in choose(browser, sort="models", order="high")]
    assert all(a >= b - 0.02 for a, b in zip(found, found[1:]))
    titles = browser.run("[...document.getElementById('filter').options].map((option) => option.textContent)")
    assert "wrong with the first model, right with the chosen one" in titles
