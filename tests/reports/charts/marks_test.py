import re
from pathlib import Path

from attention_vat.reports import charts
from attention_vat.reports.charts.marks import COLOURS, legend_mark, mark, model_class


def test_each_model_has_another_sign():
    signs = [mark(index, 6, 6) for index in range(COLOURS)]
    shapes = [re.sub(r"model\d", "", sign) for sign in signs]
    assert len(set(signs)) == COLOURS
    assert len(set(shapes[:4])) == 4 and shapes[4:] == shapes[:4]
    assert mark(COLOURS, 6, 6) == signs[0]
    assert [model_class(index) for index in (0, 7, 8, 9)] == ["model0", "model7", "model0", "model1"]


def test_a_sign_lies_around_its_point():
    for index in (2, 3):
        corners = re.findall(r"([\d.]+) ([\d.]+)", re.search('d="M([^"]*)Z"', mark(index, 6, 6, 5.0)).group(1))
        xs, ys = ([float(corner[axis]) for corner in corners] for axis in (0, 1))
        assert (min(xs), max(xs), min(ys), max(ys)) == (0.0, 12.0, 0.0, 12.0)
        assert mark(index, 6, 6) in legend_mark(index)


def test_each_sign_has_a_colour_in_every_style_sheet():
    folder = Path(charts.__file__).parent
    page = (folder.parent / "page" / "report.css").read_text(encoding="utf-8")
    rules = (folder / "charts.css").read_text(encoding="utf-8")
    for index in range(COLOURS):
        name = model_class(index)
        assert len(re.findall(f"--{name}: #", page)) == 2
        assert f".verdict .mark.{name} {{ background: var(--{name});" in page
        assert f"svg .{name} {{ fill: var(--{name});" in rules
        assert f"svg path.curve.{name} {{ stroke: var(--{name}); }}" in rules
