from xml.etree import ElementTree

import pytest

from attention_vat.reports.charts import histogram
from tests.reports.charts.svg import elements, text


def test_bars_are_shares():
    values = {"a": [-0.95, 0.05, 0.05, 0.95], "b": [0.95]}
    svg = histogram(values, "r")
    heights = [float(bar.get("height")) for bar in elements(svg, "rect", "model0")]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert heights[0] == heights[2]
    places = [float(bar.get("x")) for bar in elements(svg, "rect", "model0")]
    assert places == sorted(places)
    # The square of the second model's mean has its class as well.
    assert max(float(bar.get("height")) for bar in elements(svg, "rect", "model1")) == pytest.approx(
        4 * heights[0], abs=0.4
    )


def test_the_mean_is_marked_where_its_value_is():
    svg = histogram({"a": [0.0, 0.5, 1.0]}, "r", (0.0, 1.0))
    (line,) = elements(svg, "line", "mean", "model0")
    (axis,) = elements(svg, "line", "axis")
    middle = (float(axis.get("x1")) + float(axis.get("x2"))) / 2
    assert float(line.get("x1")) == pytest.approx(middle)


def test_says_its_numbers_in_words():
    svg = histogram({"<a>": [0.1, 0.3], "b": []}, "r & s")
    assert "&lt;a&gt;: mean 0.200" in svg
    assert ElementTree.fromstring(svg).get("aria-label").startswith("Histogram: r & s.")
    assert "r & s" in text(svg)


@pytest.mark.parametrize("values", [{}, {"a": []}, {"a": [1.0]}, {"a": [-1.0, 1.0 + 1e-9]}])
def test_odd_ones_are_drawn(values):
    bars = elements(histogram(values, "r"), "rect", "model0")
    assert len(bars) == len({round(value) for numbers in values.values() for value in numbers})
