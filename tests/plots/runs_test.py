import re

from attention_vat.plots import Cell, Panel, Points, plot_expected_best, plot_map, plot_points
from tests.plots.svg import root_of, words


def check(path):
    """Both files are there, the second is a picture, and the same call writes the same bytes."""
    svg, png = path.with_suffix(".svg").read_text(encoding="utf-8"), path.with_suffix(".png").read_bytes()
    root_of(svg)
    assert png.startswith(b"\x89PNG")
    assert len(png) > 5000
    return svg, png


def test_expected_best(tmp_path):
    values = {"a": [0.5, 0.9, 0.7, 0.8], "b": [0.6]}
    plot_expected_best(tmp_path / "new" / "one", values, "best_validation_f1")
    plot_expected_best(tmp_path / "two", values, "best_validation_f1")
    assert check(tmp_path / "new" / "one") == check(tmp_path / "two")
    assert {"a", "b", "without replacement", "runs", "expected best validation f1"} <= {
        *words(check(tmp_path / "two")[0])
    }
    plot_expected_best(tmp_path / "three", values, "best_validation_loss", "min")
    assert check(tmp_path / "three") != check(tmp_path / "two")


def test_points_against_epsilon(tmp_path):
    panel = {"attention_vat": Points([0.1, 1.0, 1.0], [0.5, 0.6, 0.7]), "word_vat": Points([2.0], [0.4])}
    panels = {"best_validation_f1": panel, "pearson correlation": {"word_vat": panel["word_vat"]}}
    plot_points(tmp_path / "one", panels)
    svg, _ = check(tmp_path / "one")
    assert {"attention_vat", "word_vat", "ε", "0.1", "1"} <= {*words(svg)}
    plot_points(tmp_path / "two", {"best_validation_f1": panel})
    assert check(tmp_path / "two")[0] != svg


def test_five_panels_take_two_lines(tmp_path):
    panels = {f"measure {number}": {"a": Points([0.0, 4.0], [0.5, 0.6])} for number in range(5)}
    plot_points(tmp_path / "one", panels, "labels", logarithmic=False, levels={"measure 1": {"plain": [0.4, 0.5]}})
    assert words(check(tmp_path / "one")[0]).count("labels") == 5


def test_a_map_has_a_colour_for_each_cell(tmp_path):
    cells = [Cell(0, 0, 1.0, "+1", "[0, 2]"), Cell(1, 0, -0.5, "−0.5", "[−1, 0]"), Cell(0, 1, None, "0", "[−1, 1]")]
    plot_map(tmp_path / "map", [Panel("F1 $", "RdBu", cells)], ["a", "b"], ["x", "y"], "A caption")
    svg, _ = check(tmp_path / "map")
    assert {"F1 $", "+1", "[0, 2]", "−0.5", "0", "a", "b", "x", "y", "A caption"} <= {*words(svg)}
    colors = re.findall(r'style="fill: #(\w{6}); stroke: #ffffff', svg)
    (red, _, blue), (other_red, _, other_blue), (grey, *rest) = (
        [int(color[i : i + 2], 16) for i in (0, 2, 4)] for color in colors
    )
    assert blue > red, "more"
    assert other_red > other_blue, "less"
    assert rest == [grey, grey], "nothing shown"


def test_ticks_alone_have_numbers(tmp_path):
    panels = {"f1": {"vanilla": Points([1.0, 8.0, 16.0], [0.5, 0.6, 0.7])}}
    plot_points(tmp_path / "epochs", panels, "epochs", ticks=[1, 8, 16])
    numbers = [word for word in words(check(tmp_path / "epochs")[0]) if re.fullmatch(r"[\d,]+|.*mathdefault.*", word)]
    assert numbers == ["1", "8", "16"]
