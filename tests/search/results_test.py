import json
import math

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.plots import Points
from attention_vat.search.results import (
    by_model,
    choose_metric,
    collect,
    epsilon_points,
    summary_table,
    values_of,
    write_results,
)
from attention_vat.search.runs import list_runs
from tests.search.tiny import done_run


@pytest.fixture
def experiment(tmp_path):
    for number, f1 in enumerate((0.5, 0.9, 0.7)):
        done_run(tmp_path / "logs" / "a", number, number + 1.0, f1, status="stopped" if number == 2 else "finished")
    return tmp_path / "logs" / "a"


def test_rows_are_allentunes(experiment):
    """What `allentune report` makes of the same files, and a few columns more."""
    pandas = pytest.importorskip("pandas")
    rows = collect([experiment])
    path = experiment / "results.jsonl"
    write_results(path, rows)
    merged = []
    for directory in sorted(experiment.glob("run_*/trial")):
        metrics, config = (json.loads((directory / f"{name}.json").read_text()) for name in ("metrics", "config"))
        merged.append({"directory": f"{directory}/", **config, **metrics})
    expected = pandas.json_normalize(merged)
    expected["training_duration"] = pandas.to_timedelta(expected["training_duration"]).dt.total_seconds()
    expected["model"] = "a"
    ours = pandas.read_json(path, lines=True)
    pandas.testing.assert_frame_equal(ours[list(expected.columns)], expected, check_dtype=False)
    more = {"run", "status", "numpy_seed", "pytorch_seed", "hyperparameters.EPSILON", "hyperparameters.TECHNIQUE"}
    assert {*ours.columns} - {*expected.columns} == more


def test_a_row(experiment):
    row = collect([experiment], model="mine")[2]
    assert row["directory"] == f"{experiment}/run_00002/trial/"
    assert row["training_duration"] == 60.5
    assert row["model.type"] == "single_sequence_attention"
    assert row["model.regularizers"] == [{"type": "attention_vat", "epsilon": 3.0}]
    assert row["hyperparameters.EPSILON"] == 3.0
    assert (row["model"], row["run"], row["status"]) == ("mine", "run_00002", "stopped")
    assert (row["random_seed"], row["numpy_seed"], row["pytorch_seed"]) == (7, 1337, 133)


def test_runs_that_are_not_done_are_left_out(experiment):
    runs = list_runs(experiment)
    runs[0].finish("failed", "it broke")
    (runs[1].trial / "metrics.json").unlink()
    assert [row["run"] for row in collect([experiment])] == ["run_00002"]
    runs[2].finish("failed")
    with pytest.raises(ConfigurationError, match="No run in .* is done yet"):
        collect([experiment])
    with pytest.raises(ConfigurationError, match="There are no runs .* in .*logs; give LOG_DIR/EXPERIMENT_NAME"):
        collect([experiment.parent])


def test_several_searches_are_told_apart(experiment, tmp_path):
    other, namesake = tmp_path / "logs" / "b", tmp_path / "older" / "a"
    done_run(other, 0, 1.0, 0.4)
    done_run(namesake, 0, 1.0, 0.4)
    assert {name: len(rows) for name, rows in by_model(collect([experiment, other])).items()} == {"a": 3, "b": 1}
    assert list(by_model(collect([experiment, namesake]))) == [str(experiment), str(namesake)]


def test_every_row_has_every_key(tmp_path):
    path = tmp_path / "results.jsonl"
    write_results(path, [{"a": 1}, {"b": [1, 2]}])
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"a": 1, "b": None},
        {"a": None, "b": [1, 2]},
    ]


def test_the_metric(experiment):
    rows = collect([experiment])
    assert choose_metric(rows) == ("best_validation_f1", "max")
    assert choose_metric(rows, "best_validation_loss") == ("best_validation_loss", "min")
    assert choose_metric(rows, "test_accuracy") == ("test_accuracy", "max")
    assert choose_metric(rows, "perplexity", "min") == ("perplexity", "min")
    assert values_of(rows, "best_validation_f1") == [0.5, 0.9, 0.7]
    with pytest.raises(ConfigurationError, match="no metric auc; choose from best_validation_f1, best_validation_loss"):
        values_of(rows, "auc")
    rows[0]["best_validation_f1"] = math.nan
    assert values_of(rows, "best_validation_f1") == [0.9, 0.7]


def test_the_table(experiment):
    rows = collect([experiment])
    header, _, line = summary_table(rows).splitlines()
    assert header.split() == [
        "best_validation_f1",
        "runs",
        "best",
        "mean",
        "±",
        "std",
        "median",
        "worst",
        "best",
        "run",
    ]
    std = numpy.std([0.5, 0.9, 0.7], ddof=1)
    numbers = ["a", "3", "0.9000", "0.7000", "±", f"{std:.4f}", "0.7000", "0.5000"]
    assert line.split() == [*numbers, f"{experiment}/run_00001/trial/"]
    *_, line = summary_table(rows, "best_validation_loss").splitlines()
    assert line.split()[2] == "0.1000"
    assert line.endswith("run_00001/trial/")
    assert summary_table(rows, markdown=True).startswith("| best_validation_f1 |")


def test_runs_without_a_number_are_counted_and_named(experiment, tmp_path):
    """Nan is neither good nor bad, and must not look as if the run had not been there."""
    done_run(experiment, 3, 4.0, math.nan)
    done_run(experiment, 4, 5.0, -math.inf)
    rows = collect([experiment])
    rows[4].pop("best_validation_loss")
    _, _, line, _, note = summary_table(rows).splitlines()
    std = numpy.std([0.5, 0.9, 0.7], ddof=1)
    assert line.split()[1:9] == ["3", "of", "5", "0.9000", "0.7000", "±", f"{std:.4f}", "0.7000"]
    assert line.split()[9] == "0.5000"
    assert note == (
        "Best, mean, median and worst are of the other runs; best_validation_f1 is not finite in 2: "
        f"{experiment}/run_00003/trial/ (nan), {experiment}/run_00004/trial/ (-inf)."
    )
    assert "run_00003/trial/ (nan), " in summary_table(rows, "best_validation_loss")
    assert "run_00004/trial/ (missing)" in summary_table(rows, "best_validation_loss")
    with pytest.raises(ConfigurationError, match="best_validation_f1 is not finite in any of the 2 runs"):
        summary_table(rows[3:])


def test_what_is_written_is_json(experiment, tmp_path):
    done_run(experiment, 3, 4.0, math.nan)
    write_results(tmp_path / "results.jsonl", collect([experiment]))

    def refuse(constant):
        raise AssertionError(constant)

    lines = (tmp_path / "results.jsonl").read_text().splitlines()
    values = [json.loads(line, parse_constant=refuse)["best_validation_f1"] for line in lines]
    assert values == [0.5, 0.9, 0.7, None]


def test_points_against_epsilon():
    def row(epsilon, value, technique="attention_vat"):
        return {"model.regularizers": [{"type": technique, "epsilon": epsilon}], "f1": value}

    rows = [row(1.0, 0.5), row(2.0, None), row(0.0, 0.5), row(3.0, 0.6), row(1.0, 0.7, "word_vat")]
    rows += [{"model.regularizers": [], "f1": 0.4}, {"f1": 0.4}, {"model.regularizers": [{"type": "x"}], "f1": 0.4}]
    assert epsilon_points(rows, "f1") == {
        "attention_vat": Points([1.0, 3.0], [0.5, 0.6]),
        "word_vat": Points([1.0], [0.7]),
    }
