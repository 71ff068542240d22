import pandas

from attention_vat.experiments.map import _panel, write_map
from attention_vat.reproduction import effects, results_frame
from tests.experiments.small import ROOT
from tests.plots.svg import words

SETTINGS = ["SST, 250 labels", "SST, 1,000 labels"]


def found_of(*measures):
    frame = results_frame(ROOT / "docs" / "results" / "few_labels")
    return effects(frame[frame.measure.isin(measures)])


def cells_of(measure):
    """By setting and model: the depth of the colour, the number and the interval."""
    found = found_of(measure)
    models = list(dict.fromkeys(found.model))
    panel = _panel(measure, found, models, SETTINGS)
    assert panel.palette == "RdBu"
    return {(SETTINGS[cell.column], models[cell.row]): cell[2:] for cell in panel.cells}


def test_cells_have_the_number_its_interval_and_its_color():
    cells = cells_of("pearson")
    assert len(cells) == 20
    depth, number, interval = cells[SETTINGS[0], "Tying"]
    assert (number, interval) == ("+0.538", "[0.347, 0.730]")
    assert 0 < depth <= 1, "better"
    depth, number, _ = cells[SETTINGS[0], "Word VAT"]
    assert number == "−0.050" and -1 <= depth < 0, "worse"
    assert cells[SETTINGS[1], "Attention RP"][0] is None, "nothing shown"
    # Of sufficiency less is better.
    depth, number, _ = cells_of("sufficiency_aopc")[SETTINGS[1], "Tying"]
    assert number == "−0.162" and depth > 0


def test_a_file_with_a_panel_for_each_measure(tmp_path):
    (file,) = write_map(found_of("f1", "pearson", "training_seconds"), tmp_path)
    assert file.name == "map.svg"
    found = words(file.read_text(encoding="utf-8"))
    assert {"F1", "Pearson correlation"} <= {*found}
    assert not any("econds" in text for text in found), "what it costs is no effect"
    assert file.with_suffix(".png").stat().st_size > 20000


def test_one_seed_makes_no_map(tmp_path):
    frame = results_frame(ROOT / "docs" / "results" / "few_labels")
    assert write_map(effects(frame[(frame.seed == 0) & (frame.measure == "f1")]), tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_experiments_together_and_models_in_an_order(monkeypatch, tmp_path):
    """Rows of the second have the same index as those of the first, and colors of their own."""
    found = found_of("pearson")
    second = found.assign(setting="again " + found.setting, adjusted=1.0)
    drawn = []
    monkeypatch.setattr("attention_vat.experiments.map.plot_map", lambda *arguments: drawn.append(arguments))
    write_map(pandas.concat([found, second]), tmp_path, ["Tying", "Word AT", "another"])
    ((_, (panel,), models, settings, _),) = drawn
    assert models == ["Tying", "Word AT"]
    assert settings == [f"{again}{name}".replace(", ", "\n") for again in ("", "again ") for name in SETTINGS]
    assert len(panel.cells) == 8
    assert all(cell.depth is None for cell in panel.cells if cell.column > 1), "each row has its own test"
    assert any(cell.depth is not None for cell in panel.cells)
