import json

import pytest

from attention_vat.experiments.estimate import duration, work_left
from attention_vat.experiments.experiment import load_experiment
from attention_vat.experiments.matrix import cells_of
from attention_vat.experiments.runs import Runs
from attention_vat.experiments.schedule import run_all
from tests.experiments.small import ROOT, Executor, finish, write_experiment


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)

    def load(**fields):
        cells = cells_of(load_experiment(write_experiment(tmp_path, **fields)), "data", str(tmp_path / "out"))
        return cells, Runs(tmp_path / "out")

    return load


def test_a_rule_of_thumb_before_anything_is_finished(load):
    cells, runs = load(techniques=["vanilla", "attention_vat_semi_supervised", "word_at"], seeds=[0, 1])
    plain, unlabeled, words = work_left(cells, runs)
    lines = (ROOT / "fixtures" / "example" / "train.jsonl").read_text(encoding="utf-8").splitlines()
    # Two epochs; identifiers and labels are words too.
    count = sum(len(each["tokens"]) + len(each["id"].split()) + 1 for each in map(json.loads, lines))
    assert plain.seconds == pytest.approx(2 * count / 12000)
    assert unlabeled.seconds == pytest.approx(2 * plain.seconds)
    assert words.seconds == pytest.approx(2.5 * plain.seconds)
    assert not plain.measured and plain.seconds_left == 2 * plain.seconds


def test_finished_runs_say_how_long_others_take(load):
    cells, runs = load(techniques=["vanilla", "word_at"], seeds=[0, 1, 2])
    run_all(cells[:1], runs, Executor(finish))
    plain, words = work_left(cells, runs)
    assert plain.measured and plain.seconds == pytest.approx(6.0)
    assert (plain.final, plain.finished, plain.seconds_left) == (3, 3, 0.0)
    assert not words.measured and words.seconds == pytest.approx(2.5 * 6.0)
    assert words.seconds_left == pytest.approx(3 * words.seconds)


def test_the_runs_of_a_search_count(load):
    cells, runs = load(techniques=["attention_at"], search={"num_samples": 3}, seeds=[0, 1])
    (work,) = work_left(cells, runs)
    assert (work.search, work.final, work.finished) == (3, 2, 0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0.4, "0 s"), (89, "89 s"), (90, "2 min"), (3599, "1 h 0 min"), (5400, "1 h 30 min")],
)
def test_duration(seconds, text):
    assert duration(seconds) == text
