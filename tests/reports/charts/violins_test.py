import re

import numpy
import pytest

from attention_vat.reports.charts import Axes, violins
from tests.reports.charts.svg import elements, text


def outline(svg, index=0):
    (path,) = elements(svg, "path", "violin", f"model{index}")
    return numpy.array(
        [[float(number) for number in point.split()] for point in re.split("[MLZ]", path.get("d"))[1:-1]]
    )


def test_sentences_fall_into_the_quarter_of_their_largest_weight():
    # 0.25 belongs to the second quarter, 1 to the last.
    svg = violins({"a": ([0.1, 0.25, 0.3, 1.0], [0.0, 0.2, 0.4, 1.0])}, "Change")
    assert "a: 0–0.25: median 0.000, 1 sentence; 0.25–0.5: median 0.300, 2 sentences; 0.75–1: median 1.000" in text(svg)
    places = [float(point.get("cx")) for point in elements(svg, "circle", "model0")]
    axes = Axes((0, 4), (0, 1))
    assert places == [axes.x(0.5), axes.x(1.5), axes.x(1.5), axes.x(3.5)]
    heights = [float(point.get("cy")) for point in elements(svg, "circle", "model0")]
    assert heights == [axes.y(0.0), axes.y(0.2), axes.y(0.4), axes.y(1.0)]


def test_bar_and_mark_are_the_quartiles():
    values = numpy.random.default_rng(0).random(101)
    svg = violins({"a": (numpy.full(101, 0.6), values)}, "Change")
    axes = Axes((0, 4), (0, 1))
    (bar,) = elements(svg, "line", "middle")
    low, median, high = numpy.quantile(values, [0.25, 0.5, 0.75])
    assert (float(bar.get("y1")), float(bar.get("y2"))) == (axes.y(low), axes.y(high))
    assert float(elements(svg, "circle")[0].get("cy")) == axes.y(median)


def test_the_outline_is_wide_where_sentences_are():
    values = [0.1] * 30 + [0.101] * 30 + [0.9] * 5
    svg = violins({"a": ([0.9] * 65, values)}, "Change")
    points = outline(svg)
    axes = Axes((0, 4), (0, 1))
    middle = axes.x(3.5)
    widest = points[numpy.argmax(points[:, 0] - middle)]
    assert widest[1] == pytest.approx(axes.y(0.1), abs=3)
    # Both sides are alike, and it stays in its quarter.
    assert numpy.allclose(points[:48, 0] - middle, middle - points[48:, 0][::-1], atol=0.11)
    assert points[:, 0].max() < axes.x(4)
    assert (points[:, 1].min(), points[:, 1].max()) == (axes.y(0.9), axes.y(0.1))


def test_models_stand_side_by_side():
    rng = numpy.random.default_rng(1)
    some = (rng.random(200), rng.random(200))
    svg = violins({"a": some, "b": some}, "Change")
    for first, second in zip(elements(svg, "path", "violin", "model0"), elements(svg, "path", "violin", "model1")):
        places = [[float(x) for x in re.findall(r"[ML]([\d.]+) ", path.get("d"))] for path in (first, second)]
        assert max(places[0]) < min(places[1])


@pytest.mark.parametrize("values", [{"a": ([], [])}, {"a": ([0.5] * 20, [0.3] * 20)}, {"a": ([1.0], [2.0])}])
def test_odd_ones_are_drawn(values):
    svg = violins(values, "Change", scale=(0.0, 0.7))
    assert "nan" not in svg
    assert len(elements(svg, "circle")) == min(1, len(values["a"][0]))
