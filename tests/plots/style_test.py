import re
from xml.etree import ElementTree

from attention_vat.plots import COLORS, histogram, inline, save_svg
from attention_vat.plots.style import model_style
from tests.plots.svg import parts, text, words

VALUES = {"a": [0.1, 0.2], "b": [0.3]}


def test_the_same_data_give_the_same_picture():
    svg = histogram(VALUES, "r")
    assert svg == histogram(VALUES, "r")
    assert "matplotlib" not in svg.lower() and "DejaVu" not in svg
    ids = [set(re.findall(r' id="(\w+)"', chart)) for chart in (svg, histogram(VALUES, "another"))]
    assert ids[0] and not ids[0] & ids[1], "a page has each id once"


def test_in_a_page_it_has_the_colours_of_the_page_and_no_address():
    page = inline(histogram(VALUES, "r"))
    assert set(re.findall(r"(?:fill|stroke): ([^;\"]+)", page)) <= {"none", *(f"var(--{name})" for name in COLORS)}
    assert "//" not in page and "<style" not in page


def test_a_file_carries_its_colours_and_nothing_that_varies(tmp_path):
    save_svg(histogram(VALUES, "r"), tmp_path / "new" / "one.svg")
    file = (tmp_path / "new" / "one.svg").read_text(encoding="utf-8")
    assert file.startswith("<?xml") and text(file).startswith("Histogram: r")
    assert "var(" not in file
    assert f"fill: {COLORS['model1'][0]}" in file
    dark = file[file.index("prefers-color-scheme: dark") : file.index("</style>")]
    assert all(f"{day}" in dark and f"fill:{night}!important" in dark for day, night in COLORS.values())
    assert ElementTree.fromstring(file.encode()).get("width")


def test_eight_models_differ_by_colour_and_four_by_shape():
    styles = [model_style(index) for index in range(9)]
    assert len({style.color for style in styles}) == len({style.name for style in styles}) == 8
    assert len({style.marker for style in styles[:4]}) == 4
    assert [style.marker for style in styles[4:8]] == [style.marker for style in styles[:4]]
    assert styles[8] == styles[0]
    svg = histogram({f"model {index}": [index / 10] for index in range(9)}, "r")
    assert [len(parts(svg, "bar", f"model{index}")) for index in range(9)] == [2, *[1] * 7, 0]


def test_names_are_never_formulas_and_fit(tmp_path):
    odd = ["$x^{2$ <b>\0\ud800", "a model with a long name " * 5]
    svg = histogram(dict(zip(odd, VALUES.values())), "$r$")
    found = words(svg)
    assert "$x^{2$ <b>\ufffd\ufffd" in found and "$r$" in found
    # A letter takes no more than eight pixels.
    assert max(map(len, found)) <= 45
    assert "".join(odd[1].split()) in "".join("".join(found).split())
    save_svg(svg, tmp_path / "one.svg")
    ElementTree.parse(str(tmp_path / "one.svg"))
