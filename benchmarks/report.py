"""
The size of the report of a whole corpus, and how long a reader waits for the page and after a click.

    python -m benchmarks.report --data data/imdb/train.jsonl

The report has real sentences, and random weights and scores of two models. Chromium or Chrome renders the page.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Dict, List

import numpy

from attention_vat.interpret.measures import choose_measures
from attention_vat.interpret.options import EvaluationOptions
from attention_vat.interpret.results import AttentionEvaluation, SentenceEvaluation
from attention_vat.interpret.summary import summarize
from attention_vat.reports import write_report
from scripts.browser import Browser

SCORES = ("pearson", "kendall_attention_constant", "kendall_leave_one_out", "permutation_difference", "adversarial_jsd")
# The actions of a reader, and the settings of the controls for each.
ACTIONS: Dict[str, Dict[str, str]] = {
    "sort by a score": {"sort": "pearson"},
    "sort by distance from importance": {"sort": "apart"},
    "filter wrong predictions": {"filter": "wrong"},
    "first search": {"query": "good film"},
    "next search": {"query": "bad plot"},
}
# From the click until the next picture is on the screen.
CLICK = """(async () => {
  const start = performance.now();
  for (const [id, value] of Object.entries(%s)) document.getElementById(id).value = value;
  document.getElementById("controls").requestSubmit();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - start;
})()"""
READY = "performance.timing.loadEventEnd - performance.timing.navigationStart"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a corpus made by allennlp make-dataset")
    parser.add_argument("--sentences", type=int, default=25000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.data.open(encoding="utf-8")]
    rows = [rows[number % len(rows)] for number in range(arguments.sentences)]
    results = {name: made_up(rows, seed) for seed, name in enumerate(("first", "second"))}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report.html")
        start = time.perf_counter()
        write_report(path, results)
        words = sum(len(row["tokens"]) for row in rows)
        print(f"{len(rows):,} sentences, {words:,} words: {path.stat().st_size / 1e6:.0f} MB,", end=" ")
        print(f"written in {time.perf_counter() - start:.0f} s")
        waits = measure(path, arguments.repeats)
    for name, seconds in waits.items():
        print(f"{name:35} {median(seconds):.2f} s")


def made_up(rows: List[dict], seed: int) -> AttentionEvaluation:
    generator = numpy.random.default_rng(seed)
    labels = sorted({str(row["label"]) for row in rows})
    sentences = []
    for number, row in enumerate(rows):
        attention = generator.dirichlet(numpy.full(len(row["tokens"]), 0.3)).tolist()
        importance = generator.random(len(attention)).tolist()
        probs = generator.dirichlet(numpy.ones(len(labels))).tolist()
        prediction = labels[int(numpy.argmax(probs))]
        scores = dict(zip(SCORES, generator.random(len(SCORES)).tolist()))
        sentences.append(
            SentenceEvaluation(
                *(str(number), row["tokens"], str(row["label"]), prediction, probs),
                *(attention, importance, importance),
                scores=scores,
            )
        )
    return summarize(sentences, labels, None, choose_measures("correlation"), EvaluationOptions(resamples=10))


def measure(path: Path, repeats: int) -> Dict[str, List[float]]:
    waits: Dict[str, List[float]] = {}
    with Browser() as browser:
        browser.look()
        for _ in range(repeats):
            browser.open(path)
            waits.setdefault("until the page can be used", []).append(browser.run(READY) / 1000)
            for name, choice in ACTIONS.items():
                waits.setdefault(name, []).append(browser.run(CLICK % json.dumps(choice)) / 1000)
            shown = browser.run("document.querySelectorAll('#list > li').length")
            assert shown, "nothing is shown"
    return waits


if __name__ == "__main__":
    main()
