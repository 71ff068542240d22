import re
from xml.etree import ElementTree

import numpy
import pytest

from attention_vat.reports import charts


def rectangles(svg, name):
    return [node for node in ElementTree.fromstring(svg).iter("rect") if node.get("class") == name]


def test_histogram_draws_the_shares():
    values = {"a": [-0.95, 0.05, 0.05, 0.95], "b": [0.95]}
    svg = charts.histogram(values)
    heights = [float(bar.get("height")) for bar in rectangles(svg, "model0")]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert heights[0] == heights[2]
    places = [float(bar.get("x")) for bar in rectangles(svg, "model0")]
    assert places == sorted(places)
    # The square of the second model's mean has its class as well.
    assert max(float(bar.get("height")) for bar in rectangles(svg, "model1")) == pytest.approx(4 * heights[0], abs=0.4)


def test_histogram_says_its_numbers_in_words():
    svg = charts.histogram({"<a>": [0.1, 0.3], "b": []})
    assert "&lt;a&gt;: mean 0.200" in ElementTree.tostring(ElementTree.fromstring(svg), encoding="unicode")
    assert ElementTree.fromstring(svg).get("aria-label").startswith("Histogram")


@pytest.mark.parametrize("values", [{}, {"a": []}, {"a": [1.0]}, {"a": [-1.0, 1.0]}])
def test_odd_histograms_are_drawn(values):
    ElementTree.fromstring(charts.histogram(values))


def test_density_counts_words():
    svg = charts.density("a", 0, [0.0, 1.0, 1.0], [0.0, 1.0, 1.0], bins=4)
    low, high = rectangles(svg, "model0")
    assert float(low.get("x")) < float(high.get("x"))
    assert float(low.get("y")) > float(high.get("y"))
    assert float(low.get("opacity")) < float(high.get("opacity")) == 1
    assert "3 words" in svg
    ElementTree.fromstring(charts.density("a", 0, [], []))


def test_intervals_lie_on_their_axis():
    svg = charts.interval_chart([0.0, None, 1.0], [(-0.5, 0.5), (None, None), (1.0, 1.0)], signed=True)
    bars = [node for node in ElementTree.fromstring(svg).iter("line") if "bar" in node.get("class")]
    middle = (float(bars[0].get("x1")) + float(bars[0].get("x2"))) / 2
    assert middle == pytest.approx(float(re.search(r'circle class="model0" cx="([\d.]+)"', svg).group(1)))
    assert len(bars) == 2
    assert numpy.allclose([float(bars[1].get("x1"))], 234)
