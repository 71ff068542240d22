from attention_vat.reproduction.entries import against_baseline, entries_of
from attention_vat.reproduction.experiment_file import load_experiment
from attention_vat.reproduction.formats import markdown
from attention_vat.reproduction.matrix import cells_of
from attention_vat.reproduction.runs import Runs
from attention_vat.reproduction.schedule import run_all
from attention_vat.reproduction.tables import results_table
from tests.reproduction.conftest import finish_with_predictions
from tests.reproduction.small import ROOT, SEEDS, Executor, write_experiment


def test_few_seeds_are_said_to_be_few(evaluated):
    cells, runs = evaluated
    for entry_cells, expected in ((cells, False), ([cell for cell in cells if cell.technique != "word_at"], False)):
        entries = entries_of(entry_cells, runs, ["accuracy"])
        notes = results_table(entries, against_baseline(entries), "T").notes
        assert any("can be significant" in note for note in notes) is expected
    for cell in cells:
        cell.part.seeds = SEEDS[:3]
        cell._final_runs.clear()
    entries = entries_of(cells, runs, ["accuracy"])
    notes = results_table(entries, against_baseline(entries), "T").notes
    assert "With 3 seeds and 2 comparisons none can be significant for other seeds; it takes 5 seeds." in notes


def test_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    fields = {"techniques": ["vanilla"], "seeds": [0, 1], "measures": ["accuracy"]}
    cells = cells_of(load_experiment(write_experiment(tmp_path, **fields)), "data", str(tmp_path))
    runs = Runs(tmp_path / "runs")
    assert results_table(entries_of(cells, runs, ["accuracy"]), [], "T").rows[0][1].text == "–"
    run_all(cells, runs, Executor(lambda job: finish_with_predictions(job) if job.facts["seed"] == 0 else 1))
    entries = entries_of(cells, Runs(tmp_path / "runs"), ["accuracy"])
    assert results_table(entries, [], "T").rows[0][1].text == "60.00 (1 of 2)"


def test_many_measures_are_rows(evaluated):
    measures = ["accuracy", "pearson", *(f"m{number}" for number in range(9))]
    wide = results_table(entries_of(*evaluated, measures[:9]), [], "T")
    assert wide.header[:2] == ["model", "Example Accuracy"]
    turned = results_table(entries_of(*evaluated, measures), [], "T")
    assert turned.header == ["", "Vanilla", "Word AT", "Attention AT"]
    assert [row[0].text for row in turned.rows[:3]] == ["Example Accuracy", "Example Pearson correlation", "Example m0"]
    assert [cell for row in turned.rows[:2] for cell in row[1:]] == [
        row[column] for column in (1, 2) for row in wide.rows
    ]
    assert markdown(turned).count("\n|") == 2 + 11


def test_what_nobody_computed_is_said(evaluated):
    entries = entries_of(*evaluated, ["accuracy", "permutation_difference", "scores_accuracy@3"])
    table = results_table(entries, [], "T")
    assert table.header[2:] == [
        "Example Permuted attention, change of the prediction",
        "Example Accuracy, perturbed attention scores, at 3",
    ]
    assert "Not computed: permutation_difference, scores_accuracy@3; `evaluation` in the experiment" in table.notes[1]
