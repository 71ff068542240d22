from io import StringIO

import pytest
from rich.console import Console

from attention_vat.experiments.files import write_json
from attention_vat.search.progress import Progress
from tests.search.tiny import done_run


@pytest.fixture
def runs(tmp_path):
    return [done_run(tmp_path, number, 0.5 + number, 0.5) for number in range(3)]


def report(run, *values):
    """What a training leaves after its epochs."""
    for path in run.trial.glob("metrics_epoch_*.json"):
        path.unlink()
    for epoch, value in enumerate(values):
        write_json(run.trial / f"metrics_epoch_{epoch}.json", {"epoch": epoch, "validation_f1": value})


def make(runs, mode="max", **options):
    return Progress(runs, ["EPSILON"], "validation_f1", mode, num_done=2, **options)


def test_a_line_for_each_run_that_ends(runs, capsys):
    report(runs[0], 0.5, 0.75)
    report(runs[1])
    with make(runs) as progress:
        progress.show(runs[:1])
        report(runs[0], 0.5, 0.75, 0.7)
        progress.show(runs[1:2])
        progress.show(runs[1:2])
        runs[1].finish("failed", "ConfigurationError: regularizers: epsilon is -1")
        progress.show([])
    assert capsys.readouterr().out.splitlines() == [
        "3/5  run_00000 finished, epochs 3, validation_f1 0.7500  (EPSILON 0.5)",
        "4/5  run_00001 failed, epochs 0, ConfigurationError: regularizers: epsilon is -1  (EPSILON 1.5)",
    ]


def test_less_may_be_better(runs, capsys):
    report(runs[0], 0.5, 0.25, float("nan"), 0.7)
    progress = make(runs, mode="min")
    progress.show(runs[:1])
    progress.show([])
    assert "epochs 4, validation_f1 0.2500" in capsys.readouterr().out


def test_silent(runs, capsys):
    with make(runs, silent=True) as progress:
        progress.show(runs[:1])
        progress.show([])
    assert capsys.readouterr().out == ""


def test_the_table(runs):
    report(runs[0], 0.5, 0.75)
    report(runs[2], 0.4, 0.3)
    progress = make(runs)
    progress.show([runs[0], runs[2]])
    progress.show([runs[2]])
    console = Console(width=100, file=StringIO())
    console.print(progress._table())
    title, header, *lines = [line.split() for line in console.file.getvalue().splitlines()]
    assert title[:2] == ["3/5", "runs,"]
    assert header == ["run", "epochs", "validation_f1", "best", "EPSILON"]
    assert lines == [
        ["run_00002", "running", "2", "0.3000", "0.4000", "2.5"],
        ["run_00000", "finished", "(best)", "2", "0.7500", "0.7500", "0.5"],
    ]
