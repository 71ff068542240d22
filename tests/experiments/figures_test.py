import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.experiments import figures
from attention_vat.experiments.experiment import load_experiment
from attention_vat.experiments.figures import check_amounts, write_figures
from attention_vat.experiments.matrix import cells_of
from attention_vat.experiments.runs import Runs
from attention_vat.experiments.schedule import run_all
from tests.experiments.conftest import finish_with_predictions, rows_of
from tests.experiments.small import ROOT, Executor, write_experiment


@pytest.mark.parametrize("against", ["epsilon", "unlabeled"])
def test_figures(tmp_path, monkeypatch, against):
    monkeypatch.chdir(ROOT)
    parts = [
        {"techniques": ["vanilla", "word_vat"]},
        {"techniques": ["word_vat_semi_supervised"], "unlabeled": [{"count": 10}, {"count": 20}]},
    ]
    if against == "epsilon":
        parts = [{"techniques": ["vanilla", "word_vat", "attention_at"], "epsilons": [0.1, 1.0]}]
    cells = cells_of(load_experiment(write_experiment(tmp_path, parts=parts, seeds=[0, 1])), "data", str(tmp_path))
    runs = Runs(tmp_path / "runs")
    run_all(cells, runs, Executor(finish_with_predictions))
    (file,) = write_figures(rows_of(cells, runs, ["accuracy", "pearson"]), against, tmp_path)
    assert file.name == f"{against}-example.svg"
    assert file.read_text(encoding="utf-8").startswith("<?xml")
    assert file.with_suffix(".png").stat().st_size > 5000


def test_variants_of_a_technique_are_lines_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    parts = [
        {"techniques": ["vanilla"]},
        {"techniques": ["attention_at"], "epsilons": [1.0, 2.0]},
        {"techniques": ["attention_at"], "epsilons": [1.0, 2.0], "variant": "small", "parameters": {"hidden_size": 4}},
    ]
    cells = cells_of(load_experiment(write_experiment(tmp_path, parts=parts, seeds=[0, 1])), "data", str(tmp_path))
    runs = Runs(tmp_path / "runs")
    run_all(cells, runs, Executor(finish_with_predictions))
    drawn = []
    monkeypatch.setattr(figures, "plot_points", lambda path, panels, *_, **__: drawn.append(panels))
    write_figures(rows_of(cells, runs, ["accuracy"]), "epsilon", tmp_path)
    ((_, lines),) = drawn[0].items()
    assert {name: sorted(points.x) for name, points in lines.items()} == {
        "Attention AT": [1.0, 1.0, 2.0, 2.0],
        "Attention AT, small": [1.0, 1.0, 2.0, 2.0],
    }


def test_learning_curves_where_settings_say_their_labels(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    parts = [
        {"names": {"example": f"{labels} labels"}, "labels": labels, "parameters": {"hidden_size": labels}}
        for labels in (4, 8)
    ]
    fields = {"parts": parts, "techniques": ["vanilla", "attention_at"], "seeds": [0, 1], "parameters": {}}
    cells = cells_of(load_experiment(write_experiment(tmp_path, **fields)), "data", str(tmp_path))
    runs = Runs(tmp_path / "runs")
    run_all(cells, runs, Executor(finish_with_predictions))
    rows = rows_of(cells, runs, ["accuracy", "pearson"])
    (file,) = write_figures(rows, "labels", tmp_path)
    assert file.name == "labels-example.svg"
    assert write_figures(rows[rows.labels == 4], "labels", tmp_path) == [], "one point is no curve"


def test_curves_over_training(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    parts = [{"names": {"example": f"{number} epochs"}, "parameters": {"num_epochs": number}} for number in (1, 4)]
    fields = {"parts": parts, "techniques": ["vanilla", "attention_at"], "seeds": [0, 1], "figure": "epochs"}
    cells = cells_of(load_experiment(write_experiment(tmp_path, **fields)), "data", str(tmp_path))
    runs = Runs(tmp_path / "runs")
    run_all(cells, runs, Executor(finish_with_predictions))
    drawn = []
    monkeypatch.setattr(figures, "plot_points", lambda path, panels, *_, **options: drawn.append((panels, options)))
    write_figures(rows_of(cells, runs, ["accuracy"]), "epochs", tmp_path)
    ((panels, options),) = drawn
    ((_, lines),) = panels.items()
    assert {name: points.x for name, points in lines.items()} == {
        "Vanilla": [1.0, 1.0, 4.0, 4.0],
        "Attention AT": [1.0, 1.0, 4.0, 4.0],
    }
    assert options["ticks"] == [1, 4]


def test_amounts_are_needed_before_anything_is_trained(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    experiment = load_experiment(write_experiment(tmp_path, techniques=["vanilla", "word_vat_semi_supervised"]))
    with pytest.raises(ConfigurationError, match="needs `unlabeled` with counts, which example/word_vat_semi"):
        check_amounts(cells_of(experiment, "data", str(tmp_path)))
