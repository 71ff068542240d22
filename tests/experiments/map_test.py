import pandas
import pytest

from attention_vat.experiments.map import NOTHING, _panel, write_map
from attention_vat.reproduction import effects, results_frame
from tests.experiments.small import ROOT

pytest.importorskip("matplotlib")
SETTINGS = ["SST, 250 labels", "SST, 1,000 labels"]


def found_of(*measures):
    frame = results_frame(ROOT / "docs" / "results" / "few_labels")
    return effects(frame[frame.measure.isin(measures)])


def cells_of(measure):
    """By setting and model: the color, the number and the interval."""
    from matplotlib.figure import Figure

    found = found_of(measure)
    axis = Figure().add_subplot()
    _panel(axis, measure, found, list(dict.fromkeys(found.model)), SETTINGS)
    texts = [text.get_text() for text in axis.texts]
    colors = [patch.get_facecolor()[:3] for patch in axis.patches]
    return dict(zip(zip(found.setting, found.model), zip(colors, texts[::2], texts[1::2])))


def test_cells_have_the_number_its_interval_and_its_color():
    from matplotlib.colors import to_rgb

    cells = cells_of("pearson")
    assert len(cells) == 20
    (red, _, blue), number, interval = cells[SETTINGS[0], "Tying"]
    assert (number, interval) == ("+0.538", "[0.347, 0.730]")
    assert blue > red, "better"
    (red, _, blue), number, _ = cells[SETTINGS[0], "Word VAT"]
    assert number == "−0.050" and red > blue, "worse"
    assert cells[SETTINGS[1], "Attention RP"][0] == pytest.approx(to_rgb(NOTHING)), "nothing shown"
    # Of sufficiency less is better.
    (red, _, blue), number, _ = cells_of("sufficiency_aopc")[SETTINGS[1], "Tying"]
    assert number == "−0.162" and blue > red


def test_a_file_with_a_panel_for_each_measure(tmp_path):
    (file,) = write_map(found_of("f1", "pearson", "training_seconds"), tmp_path)
    assert file.name == "map.svg"
    text = file.read_text(encoding="utf-8")
    assert text.startswith("<?xml") and text.count('id="axes_') == 2, "what it costs is no effect"
    assert file.with_suffix(".png").stat().st_size > 20000


def test_one_seed_makes_no_map(tmp_path):
    frame = results_frame(ROOT / "docs" / "results" / "few_labels")
    assert write_map(effects(frame[(frame.seed == 0) & (frame.measure == "f1")]), tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_experiments_together_and_models_in_an_order(monkeypatch, tmp_path):
    """Rows of the second have the same index as those of the first, and colors of their own."""
    found = found_of("pearson")
    second = found.assign(setting="again " + found.setting, adjusted=1.0)
    panels = []
    monkeypatch.setattr("attention_vat.experiments.map._panel", lambda *arguments: panels.append(arguments))
    write_map(pandas.concat([found, second]), tmp_path, ["Tying", "Word AT", "another"])
    _, _, rows, models, settings = panels[0]
    assert rows.index.is_unique
    assert models == ["Tying", "Word AT"]
    assert settings == [*SETTINGS, *("again " + name for name in SETTINGS)]
