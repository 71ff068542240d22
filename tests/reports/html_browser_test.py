"""The report in a real browser."""

import json
import re
import shutil
import subprocess
import tempfile
from html import unescape

import pytest

from attention_vat.reports.html import render_report
from tests.interpret.made_up import evaluation, evaluations, sentence

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER = next((path for path in map(shutil.which, NAMES) if path), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs chromium to draw the report")

# Sets the controls as a reader does, and notes which sentences are shown.
SCRIPT = """
<script>
const steps = %s, seen = [];
const set = (id, value, kind) => {
  document.getElementById(id).value = value;
  document.getElementById(id).dispatchEvent(new Event(kind, {bubbles: true}));
};
for (const step of steps) {
  for (const [id, value] of Object.entries(step)) set(id, value, "change");
  document.getElementById("controls").dispatchEvent(new Event("submit", {cancelable: true}));
  for (let i = 0; i < 100 && !document.getElementById("more").hidden; i++) document.getElementById("more").click();
  seen.push([...document.querySelectorAll("#list > li")].map((item) => item.dataset.id));
}
document.body.dataset.seen = JSON.stringify(seen);
</script>
"""


def dump(path, fragment=""):
    """The page after its scripts have run, and what the browser's console said."""
    with tempfile.TemporaryDirectory() as profile:
        command = [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={profile}", "--enable-logging=stderr", "--dump-dom", f"file://{path}{fragment}",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=True)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def draw(tmp_path, results, fragment="", script=""):
    path = tmp_path / "report.html"
    page = render_report(results, "Title").replace("</body>", script + "</body>")
    path.write_text(page, encoding="utf-8", errors="backslashreplace")
    page, console = dump(path, fragment)
    assert console == []
    return page


def shown(page):
    return [unescape(name) for name in re.findall(r'<li class="card" data-id="([^"]*)"', page)]


def distance(first, second):
    total = sum(first), sum(second)
    return sum(abs(a / total[0] - b / total[1]) for a, b in zip(first, second)) / 2


def test_sorting_filtering_and_search(tmp_path):
    results = evaluations(60)
    both = list(zip(*(result.sentences for result in results)))
    two = [row[1] for row in both]

    def ids(sentences, key=None, model=1):
        order = sorted(sentences, key=key) if key else sentences
        return [s.id for s in order]

    def correlation(sign):
        return lambda s: (s.scores["pearson"] is None, sign * round(s.scores["pearson"] or 0, 3))

    defaults = {"query": "", "model": "1", "filter": "all", "sort": "data"}
    wrong = [[s for s in result.sentences if s.label != s.prediction] for result in results]
    words = [s for s in two if "w7" in " ".join(s.tokens) and "w1" in " ".join(s.tokens)]
    expected = [
        ({}, ids(two)),
        ({"sort": "correlation-low"}, ids(two, correlation(1))),
        ({"sort": "correlation-high"}, ids(two, correlation(-1))),
        ({"sort": "confidence-low"}, ids(two, lambda s: round(max(s.probs), 4))),
        ({"sort": "confidence-high", "model": "0"}, ids(results[0].sentences, lambda s: -round(max(s.probs), 4))),
        ({"filter": "wrong"}, ids(wrong[1])),
        ({"filter": "wrong", "model": "0"}, ids(wrong[0])),
        ({"filter": "differ"}, [a.id for a, b in both if a.prediction != b.prediction]),
        ({"filter": "fixed"}, [a.id for a, b in both if a.prediction != a.label and b.prediction == b.label]),
        ({"filter": "marked"}, [s.id for s in two if s.rationale is not None]),
        ({"filter": "undefined"}, [s.id for s in two if s.scores["pearson"] is None]),
        ({"query": "W7  w1"}, ids(words)),
        ({"query": "w7 w1", "sort": "correlation-high", "filter": "wrong"},
         ids([s for s in words if s.label != s.prediction], correlation(-1))),
        ({"query": "no such word"}, []),
    ]  # fmt: skip
    steps = [{**defaults, **step} for step, _ in expected]
    steps += [{**defaults, "filter": "disagreement", "sort": "apart"}, {**defaults, "sort": "models"}]
    page = draw(tmp_path, dict(zip(["a", "b"], results)), script=SCRIPT % json.dumps(steps))
    seen = json.loads(unescape(re.search(r'data-seen="([^"]*)"', page).group(1)))
    for (step, wanted), found in zip(expected, seen):
        assert found == wanted, step

    # Weights are drawn in 64 steps, so these orders are right up to a small difference.
    by_id = {row[0].id: row for row in both}
    apart = {name: distance(row[1].attention, row[1].importance) for name, row in by_id.items()}
    assert len(seen[-2]) == 6
    assert min(apart[name] for name in seen[-2]) >= max(apart[name] for name in apart if name not in seen[-2]) - 0.02
    models = [distance(by_id[name][0].attention, by_id[name][1].attention) for name in seen[-1]]
    assert all(first >= second - 0.02 for first, second in zip(models, models[1:]))


def test_a_link_carries_the_choice(tmp_path):
    result = evaluations(20)[0]
    page = draw(tmp_path, {"a": result}, "#filter=wrong&sort=confidence-high&query=w1&model=9")
    wrong = [s for s in result.sentences if s.label != s.prediction and "w1" in " ".join(s.tokens)]
    assert shown(page) == [s.id for s in sorted(wrong, key=lambda s: -max(s.probs))]
    assert f"{len(wrong)} of 20 sentences" in page
    # One model offers no choice of models, and nothing about a second one.
    assert '<option value="wrong">' in page
    assert '<option value="differ">' not in page
    assert re.search(r'id="model-choice" hidden', page)


def test_text_stays_text(tmp_path):
    evil = "<img src=x onerror=alert(1)></script>&lt;"
    odd = sentence(
        id=evil, tokens=[evil, "\0", ""], label=evil, prediction=evil, attention=[0.5, 0.3, 0.2], importance=[0.1] * 3
    )
    empty = sentence(tokens=[], attention=[], importance=[], label=None)
    page = draw(tmp_path, {evil: evaluation([odd, empty]), "b": evaluation([odd, empty])})
    assert "<img" not in page
    assert shown(page) == [evil, "1"]
    assert "no words" in page


def test_words_show_their_weights_in_words_and_colours(tmp_path):
    one = sentence(rationale=[1, 0], scores={"pearson": -0.123}, prediction="0")
    page = draw(tmp_path, {"a": evaluation([one])})
    assert 'title="good: attention 75%, importance 67%, marked by people"' in page
    assert re.search(r'class="w h"[^>]*style="--a: 0.746[^>]*>good<', page)
    assert "r −0.12" in page
    assert re.search(r'class="wrong">✗ <span class="hidden-text">wrong: </span>0 90%', page)


def test_many_sentences_are_drawn_a_few_at_a_time(tmp_path):
    page = draw(tmp_path, {"a": evaluations(3000)[0]})
    assert "3,000 of 3,000 sentences" in page
    assert 20 < len(shown(page)) < 1000
    assert not re.search(r'id="more"[^>]*hidden', page)
