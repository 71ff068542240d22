from io import StringIO
from types import SimpleNamespace

import pytest
from rich.console import Console

from attention_vat.search.progress import Progress
from tests.search.tiny import done_run


@pytest.fixture
def runs(tmp_path):
    runs = [done_run(tmp_path, number, 0.5 + number, 0.5) for number in range(3)]
    runs[1].finish("failed", "ConfigurationError: regularizers: epsilon is -1")
    return runs


def trial(run):
    return SimpleNamespace(config={"directory": str(run.directory)})


def report(progress, run, *values):
    progress.on_trial_start(iteration=0, trials=[], trial=trial(run))
    for epoch, value in enumerate(values, start=1):
        result = {"epochs": epoch, "validation_f1": value}
        progress.on_trial_result(iteration=0, trials=[], trial=trial(run), result=result)


def end(progress, run):
    progress.on_trial_complete(iteration=0, trials=[], trial=trial(run))


def make(runs, mode="max", **options):
    return Progress(runs, ["EPSILON"], "validation_f1", mode, num_done=2, **options)


def test_a_line_for_each_run_that_ends(runs, capsys):
    progress = make(runs)
    with progress:
        report(progress, runs[0], 0.5, 0.75, 0.7)
        end(progress, runs[0])
        report(progress, runs[1])
        progress.on_trial_error(iteration=0, trials=[], trial=trial(runs[1]))
    assert capsys.readouterr().out.splitlines() == [
        "3/5  run_00000 finished, epochs 3, validation_f1 0.7500  (EPSILON 0.5)",
        "4/5  run_00001 failed, epochs 0, ConfigurationError: regularizers: epsilon is -1  (EPSILON 1.5)",
    ]


def test_less_may_be_better(runs, capsys):
    progress = make(runs, mode="min")
    report(progress, runs[0], 0.5, 0.25, 0.7)
    end(progress, runs[0])
    assert "validation_f1 0.2500" in capsys.readouterr().out


def test_silent(runs, capsys):
    progress = make(runs, silent=True)
    with progress:
        report(progress, runs[0], 0.5)
        end(progress, runs[0])
    assert capsys.readouterr().out == ""


def test_the_table(runs):
    progress = make(runs)
    report(progress, runs[0], 0.5, 0.75)
    end(progress, runs[0])
    report(progress, runs[2], 0.4, 0.3)
    console = Console(width=100, file=StringIO())
    console.print(progress._table())
    title, header, *lines = [line.split() for line in console.file.getvalue().splitlines()]
    assert title[:2] == ["3/5", "runs,"]
    assert header == ["run", "epochs", "validation_f1", "best", "EPSILON"]
    assert lines == [
        ["run_00002", "running", "2", "0.3000", "0.4000", "2.5"],
        ["run_00000", "finished", "(best)", "2", "0.7500", "0.7500", "0.5"],
    ]
