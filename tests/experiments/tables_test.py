import csv

import pytest

from attention_vat.experiments.experiment import load_experiment
from attention_vat.experiments.matrix import cells_of
from attention_vat.experiments.runs import Runs
from attention_vat.experiments.schedule import run_all
from attention_vat.experiments.tables import contrasts_table, html, latex, markdown, results_table, spreadsheet
from tests.experiments.conftest import finish_with_predictions, rows_and_tests
from tests.experiments.small import ROOT, SEEDS, Executor, write_experiment


def test_few_seeds_are_said_to_be_few(evaluated):
    cells, runs = evaluated
    for entry_cells, expected in ((cells, False), ([cell for cell in cells if cell.technique != "word_at"], False)):
        notes = results_table(*rows_and_tests(entry_cells, runs, ["accuracy"]), "T").notes
        assert any("can be significant" in note for note in notes) is expected
    for cell in cells:
        cell.part.seeds = SEEDS[:3]
        cell._final_runs.clear()
    notes = results_table(*rows_and_tests(cells, runs, ["accuracy"]), "T").notes
    assert "With 3 seeds and 2 comparisons none can be significant for other seeds; it takes 5 seeds." in notes


def test_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    fields = {"techniques": ["vanilla"], "seeds": [0, 1], "measures": ["accuracy"]}
    cells = cells_of(load_experiment(write_experiment(tmp_path, **fields)), "data", str(tmp_path))
    runs = Runs(tmp_path / "runs")
    assert results_table(*rows_and_tests(cells, runs, ["accuracy"]), "T").cells.iloc[0, 0] == "–"
    run_all(cells, runs, Executor(lambda job: finish_with_predictions(job) if job.facts["seed"] == 0 else 1))
    table = results_table(*rows_and_tests(cells, Runs(tmp_path / "runs"), ["accuracy"]), "T")
    assert table.cells.iloc[0, 0] == "60.00 (1 of 2)"


def test_many_measures_are_rows(evaluated):
    measures = ["accuracy", "pearson", *(f"m{number}" for number in range(9))]
    wide = results_table(*rows_and_tests(*evaluated, measures[:9]), "T")
    assert wide.header[:2] == ["model", "Example Accuracy"]
    turned = results_table(*rows_and_tests(*evaluated, measures), "T")
    assert turned.header == ["", "Vanilla", "Word AT", "Attention AT"]
    assert turned.cells.index[:3].tolist() == ["Example Accuracy", "Example Pearson correlation", "Example m0"]
    assert turned.cells[:2].equals(wide.cells.T[:2])
    assert markdown(turned).count("\n|") == 2 + 11


def test_what_nobody_computed_is_said(evaluated):
    table = results_table(*rows_and_tests(*evaluated, ["accuracy", "permutation_difference", "scores_accuracy@3"]), "T")
    assert table.header[2:] == [
        "Example Permuted attention, change of the prediction",
        "Example Accuracy, perturbed attention scores, at 3",
    ]
    assert "Not computed: permutation_difference, scores_accuracy@3; `evaluation` in the experiment" in table.notes[1]


def test_marks_and_bold_in_every_format(evaluated):
    rows, tests = rows_and_tests(*evaluated, ["accuracy", "pearson"])
    table = results_table(rows, tests, "Mine & <yours>")
    number = f"{100 * rows['mean'][4]:.2f} ± {100 * rows['std'][4]:.2f}"
    assert table.cells.loc["Attention AT"].tolist() == [f"{number} *", "0.500 ± 0.000"]
    assert f"**{number} \\***" in markdown(table)
    assert rf"\textbf{{{number.replace('±', chr(36) + chr(92) + 'pm' + chr(36))} *}}" in latex(table)
    assert latex(table).count(r" \\") == 4
    page = html("A title", [table])
    assert "<h2>Mine &amp; &lt;yours&gt;</h2>" in page
    assert f"<b>{number} *</b>" in page
    assert "Mine & <yours>" not in page
    lines = list(csv.DictReader(spreadsheet(rows, tests, tests[:0]).splitlines()))
    assert [float(value) for value in lines[4]["values"].split()] == list(rows.by_seed[4].values())
    assert float(lines[4]["vanilla_adjusted"]) == pytest.approx(4 / 252)
    assert "against" in contrasts_table(tests, "T").header


def test_a_difference_that_is_rounded_to_zero_has_no_mark(evaluated):
    rows, tests = rows_and_tests(*evaluated, ["accuracy"])
    assert tests.adjusted.iloc[1] < 0.05
    for difference, mark in ((0.00004, ""), (-0.00004, ""), (0.00006, " *"), (-0.00006, " *")):
        tests.loc[2, "difference"] = difference
        assert results_table(rows, tests, "T").cells.loc["Attention AT"].iloc[0].partition("±")[2][5:] == mark
    tests["measure"] = "pearson"  # not in percent
    for difference, mark in ((0.0004, ""), (-0.0006, " *")):
        tests.loc[2, "difference"] = difference
        assert results_table(rows, tests, "T").cells.loc["Attention AT"].iloc[0].endswith(" *") is bool(mark)


def test_a_title_is_one_line(evaluated):
    table = results_table(*rows_and_tests(*evaluated, ["accuracy"]), "One *line*\nand another")
    assert latex(table).startswith("% One *line* and another\n\\begin")
    assert markdown(table).startswith("## One \\*line\\* and another\n")


def test_the_page_runs_nothing_and_shows_no_control_characters(evaluated):
    table = results_table(*rows_and_tests(*evaluated, ["accuracy"]), "\0<T>")
    page = html("<title>", [table, table], ["a figure.svg"])
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file: data:\"" in page
    assert page.count("<h2>\ufffd&lt;T&gt;</h2>") == 2
    assert page.count('<p><img src="a%20figure.svg" alt="Figure: &lt;title&gt;"></p>') == 1
