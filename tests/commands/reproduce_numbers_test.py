"""
Which number stands in the table. Every metric is another number for each technique, seed, ε, split of the data and kind
of evaluation, so that a mix-up anywhere between the command and the table changes a cell.
"""

import csv
import json
import shutil
from functools import partial
from pathlib import Path
from statistics import mean, stdev
from types import SimpleNamespace

import pytest
from allennlp.commands import main

from attention_vat.experiments import executors, runs, schedule, summary, training
from tests.experiments.small import ROOT, write_experiment

SEEDS = [3, 1, 4]
SENTENCES = 200
TECHNIQUES = {"vanilla": 0, "attention_at": 1, "word_vat": 2}
SPLITS = {"train": 0, "validation": 1, "test": 2, "other": 3}


def known(metric, split, technique, epsilon, seed, evaluation=0):
    """The numbers of a model, which nothing but these can tell."""
    place = TECHNIQUES[technique]
    if metric == "right":  # how many sentences are
        return 60 + 37 * place + 11 * SPLITS[split] + 3 * SEEDS.index(seed) + round(4 * epsilon) - evaluation
    if metric == "accuracy":
        return known("right", split, technique, epsilon, seed, evaluation) / SENTENCES
    base = {"f1": 0.3, "pearson": 0.11, "sufficiency": 0.07, "scores_accuracy": 0.4}[metric]
    digits = 0.1 * place + 0.013 * SPLITS[split] + 0.0017 * seed**2 + 0.00011 * epsilon
    return base + digits - 0.005 * evaluation


# Best on the validation data by f1 is the second candidate, by loss the third; the first has the highest loss.
VALIDATION = {"f1": [0.60, 0.70, 0.50, 0.40], "loss": [0.9, 0.5, 0.2, 0.6]}


class Laboratory:
    """What happens in the processes of runs, without training. A model is what it was trained by."""

    def __init__(self, monkeypatch):
        self.trained, self.evaluated = [], []
        self.evaluation = 0
        self.epsilons = {}
        monkeypatch.setattr(executors, "in_own_process", self.perform)
        monkeypatch.setattr(training, "_train", self.train)
        monkeypatch.setattr(summary, "compare_all", partial(summary.compare_all, resamples=100))
        monkeypatch.setattr(training, "evaluate_archive", self.evaluate)

    def perform(self, job, started):
        Path(job.directory).mkdir(parents=True, exist_ok=True)
        training._train(job, Path(job.directory))
        training._evaluate(job, Path(job.directory))
        return 0

    def train(self, job, directory):
        if (directory / "model.tar.gz").exists():
            return
        regularizers = job.config["model"]["regularizers"]
        technique = regularizers[0]["type"] if regularizers else "vanilla"
        model = {
            "technique": technique,
            "epsilon": regularizers[0]["epsilon"] if regularizers else 0.0,
            "seed": job.config["pytorch_seed"],
        }
        self.trained.append(model)
        (directory / "model.tar.gz").write_text(json.dumps(model))
        place = self.epsilons.setdefault(technique, []).index(model["epsilon"]) if regularizers else 0
        metrics = {"epoch": 5, "best_epoch": 2}
        for name, values in VALIDATION.items():
            # Only the first of these is what a search compares.
            metrics[f"best_validation_{name}"] = values[place]
            metrics[f"validation_{name}"] = values[(place + 1) % 4]
            metrics[f"training_{name}"] = values[(place + 2) % 4]
            metrics[f"test_{name}"] = values[(place + 3) % 4]
        (directory / "metrics.json").write_text(json.dumps(metrics))

    def evaluate(self, archive, data, measures, cuda_device):
        model = json.loads(Path(archive).read_text())
        split = Path(data).stem
        self.evaluated.append((model, split))

        def number(metric):
            return known(metric, split, **model, evaluation=self.evaluation)

        right = number("right")
        sentences = [
            SimpleNamespace(
                id=str(index),
                label="1",
                prediction="1" if index < right else "0",
                scores={"pearson": number("pearson")},
            )
            for index in range(SENTENCES)
        ]
        points = [SimpleNamespace(value=value) for value in (0.01, number("scores_accuracy"), 0.99)]
        return SimpleNamespace(
            metrics={
                name: SimpleNamespace(value=number(name)) for name in ("sufficiency", "pearson", "accuracy", "f1")
            },
            curves={"scores_accuracy": SimpleNamespace(x=[1.0, 3.0, 9.0], points=points)},
            labels=["0", "1"],
            positive_label="1",
            sentences=sentences,
        )


@pytest.fixture
def laboratory(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    return Laboratory(monkeypatch)


MEASURES = ["prediction", "accuracy", "pearson", "sufficiency", "scores_accuracy@3"]


def reproduce(laboratory, monkeypatch, tmp_path, *arguments, **fields):
    content = {
        "title": "T",
        "seeds": SEEDS,
        "measures": MEASURES,
        "names": {"example": "sst"},
        "parts": [
            {"techniques": ["vanilla"]},
            {"techniques": ["attention_at"], "search": {"num_samples": 4, "training_seeds": [7]}},
            {"techniques": ["word_vat"], "epsilons": [0.5]},
        ],
        **fields,
    }
    experiment = write_experiment(tmp_path, **content)
    cells = schedule_cells(experiment, tmp_path)
    for cell in cells:
        candidates = [run.epsilon for run in cell.candidates]
        laboratory.epsilons[cell.technique] = candidates or [cell.epsilon or 0.0]
    monkeypatch.setattr("sys.argv", ["allennlp", "reproduce", str(experiment), "-s", str(tmp_path / "out"), *arguments])
    main()
    table = (tmp_path / "out" / "tiny" / "table.md").read_text(encoding="utf-8").split("##")[1]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")
    ]
    sheet = (tmp_path / "out" / "tiny" / "table.csv").read_text(encoding="utf-8")
    return [rows[0], *rows[2:]], list(csv.DictReader(sheet.splitlines())), table


def schedule_cells(experiment, tmp_path):
    from attention_vat.experiments.experiment import load_experiment
    from attention_vat.experiments.matrix import cells_of

    return cells_of(load_experiment(experiment), "data", str(tmp_path / "out"))


def expected_cells(technique, epsilon, split="test", evaluation=0, bold=()):
    cells = []
    for metric, percent in (
        ("f1", True),
        ("accuracy", True),
        ("pearson", False),
        ("sufficiency", False),
        ("scores_accuracy", False),
    ):
        values = [known(metric, split, technique, epsilon, seed, evaluation) for seed in SEEDS]
        text = (
            f"{100 * mean(values):.2f} ± {100 * stdev(values):.2f}"
            if percent
            else f"{mean(values):.3f} ± {stdev(values):.3f}"
        )
        cells.append(text)
    return cells


def plain(cells):
    """Without bold and marks of significance."""
    return [cell.replace("**", "").replace(" \\*", "").replace(" °", "") for cell in cells]


@pytest.mark.parametrize(("metric", "winner"), [("+f1", 1), ("-loss", 2), ("+loss", 0), ("-f1", 3)])
def test_every_number_is_where_it_belongs(laboratory, monkeypatch, tmp_path, metric, winner):
    overrides = {"trainer.validation_metric": metric}
    rows, sheet, _ = reproduce(laboratory, monkeypatch, tmp_path, overrides=overrides)
    epsilons = laboratory.epsilons["attention_at"]
    best = epsilons[winner]
    # What was trained: four candidates with the seed of the search, and the seeds by the best of them.
    assert sorted(
        (model["epsilon"], model["seed"]) for model in laboratory.trained if model["technique"] == "attention_at"
    ) == sorted([*((epsilon, 7) for epsilon in epsilons), *((best, seed) for seed in SEEDS)])
    # What was evaluated: final runs alone, on the test data.
    assert {split for _, split in laboratory.evaluated} == {"test"}
    assert len(laboratory.evaluated) == 9

    header, *lines = rows
    paper = {"vanilla": ["79.27", "0.852"], "attention_at": ["81.72", "0.852"], "word_vat": ["", ""]}
    assert header[:4] == ["model", "SST ε", "SST F1", "paper"]
    for line, (technique, name, epsilon) in zip(
        lines, (("vanilla", "Vanilla", 0.0), ("attention_at", "Attention AT", best), ("word_vat", "Word VAT", 0.5))
    ):
        f1, accuracy, pearson, sufficiency, scores = expected_cells(technique, epsilon)
        shown = "" if technique == "vanilla" else f"{epsilon:g}"
        expected = [name, shown, f1, paper[technique][0], accuracy, pearson, paper[technique][1], sufficiency, scores]
        assert plain(line) == expected
    # More of everything is better but of sufficiency, of which less is; the columns with the paper's are never bold.
    bold = [[column for column, cell in enumerate(line) if "**" in cell] for line in lines]
    assert bold == [[7], [], [2, 4, 5, 8]]

    assert [(line["technique"], line["measure"]) for line in sheet] == [
        (technique, measure)
        for technique in TECHNIQUES
        for measure in ("f1", "accuracy", "pearson", "sufficiency", "scores_accuracy@3")
    ]
    for line in sheet:
        technique, measure = line["technique"], line["measure"].partition("@")[0]
        epsilon = {"vanilla": 0.0, "attention_at": best, "word_vat": 0.5}[technique]
        values = [known(measure, "test", technique, epsilon, seed) for seed in SEEDS]
        assert [float(value) for value in line["values"].split()] == values
        assert float(line["mean"]) == pytest.approx(mean(values), abs=1e-12)
        assert float(line["std"]) == pytest.approx(stdev(values), abs=1e-12)
        assert line["epsilon"] == ("" if technique == "vanilla" else repr(epsilon))
        if technique != "vanilla" and measure in ("accuracy", "pearson"):
            baseline = mean(known(measure, "test", "vanilla", 0.0, seed) for seed in SEEDS)
            assert float(line["vanilla_difference"]) == pytest.approx(mean(values) - baseline, abs=1e-6)
        if technique == "word_vat" and measure in ("accuracy", "pearson"):
            assert line["rival_model"] == "Attention AT", "the best is compared with the second best"


def test_other_test_data_is_what_is_evaluated(laboratory, monkeypatch, tmp_path):
    other = tmp_path / "other.jsonl"
    shutil.copy(ROOT / "fixtures" / "example" / "test.jsonl", other)
    parts = [{"techniques": ["vanilla"], "test_data": {"example": str(other)}}]
    rows, _, _ = reproduce(laboratory, monkeypatch, tmp_path, parts=parts)
    f1, accuracy, *_ = expected_cells("vanilla", 0.0, "other")
    assert [plain(rows[1])[1], plain(rows[1])[3]] == [f1, accuracy]


def test_a_mended_measure_makes_its_numbers_anew(laboratory, monkeypatch, tmp_path, capsys):
    """Visibly, and without another training where the model was kept."""
    parts = [{"techniques": ["vanilla", "word_vat"], "epsilons": [0.5]}]
    rows, _, _ = reproduce(laboratory, monkeypatch, tmp_path, parts=parts, keep_models=True)
    trained = len(laboratory.trained)
    assert trained == 6
    for module in (runs, schedule):
        monkeypatch.setattr(module, "evaluation_version", lambda: "0-mended")
    laboratory.evaluation = 1
    capsys.readouterr()
    stale, _, table = reproduce(laboratory, monkeypatch, tmp_path, "--report-only", parts=parts, keep_models=True)
    assert stale[1][1:3] == ["–", "79.27"], "no old number"
    assert "Not everything is finished or defined" in table
    assert "Left out: 6 runs that were evaluated with other test data, measures or code" in capsys.readouterr().out
    taken, _, _ = reproduce(
        laboratory, monkeypatch, tmp_path, "--report-only", "--any-code", parts=parts, keep_models=True
    )
    assert taken == rows

    mended, _, _ = reproduce(laboratory, monkeypatch, tmp_path, parts=parts, keep_models=True)
    assert len(laboratory.trained) == trained
    for line, technique, epsilon in zip(mended[1:], ("vanilla", "word_vat"), (0.0, 0.5)):
        expected = expected_cells(technique, epsilon, evaluation=1)
        # The third column is ε, if there is one.
        assert plain(line)[-2:] == expected[-2:]
        assert expected[0] in plain(line) and expected[1] in plain(line)
    manifest = json.loads((tmp_path / "out" / "tiny" / "manifest.json").read_text())
    assert manifest["evaluation_code"] == ["0-mended"]


def test_other_code_of_the_training_trains_anew(laboratory, monkeypatch, tmp_path):
    from attention_vat.experiments import matrix

    parts = [{"techniques": ["vanilla"]}]
    reproduce(laboratory, monkeypatch, tmp_path, parts=parts, keep_models=True)
    monkeypatch.setattr(matrix, "code_version", lambda: "0-12345678")
    reproduce(laboratory, monkeypatch, tmp_path, parts=parts, keep_models=True)
    assert len(laboratory.trained) == 6


def test_a_candidate_without_a_number_is_not_the_best(laboratory, monkeypatch, tmp_path):
    monkeypatch.setitem(VALIDATION, "f1", [float("nan"), 0.7, 0.5, float("nan")])
    reproduce(laboratory, monkeypatch, tmp_path)
    best = laboratory.epsilons["attention_at"][1]
    assert {model["epsilon"] for model in laboratory.trained if model["seed"] in SEEDS} == {0.0, best, 0.5}
    for path in (tmp_path / "out").rglob("*.json*"):
        for text in path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]:
            if path.name != "metrics.json":  # AllenNLP's
                json.loads(text, parse_constant=pytest.fail)


def test_a_search_without_any_number_has_failed(laboratory, monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(VALIDATION, "f1", [float("nan")] * 4)
    with pytest.raises(SystemExit, match="1 failed"):
        reproduce(laboratory, monkeypatch, tmp_path)
    printed = capsys.readouterr().out
    assert "failed: example/attention_at" in printed
    assert "the validation metric f1 is not finite for any ε of the search" in printed
    assert len(laboratory.evaluated) == 6, "the others went on"
