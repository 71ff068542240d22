import re

from attention_vat.reports.charts import Axes, Point, curves
from tests.reports.charts.svg import elements, text


def places(path):
    return [tuple(map(float, point.split())) for point in re.split("[MLZ]", path.get("d")) if point]


def test_lines_go_through_their_points():
    values = {"a": [Point(0, 0.8, 0.7, 0.9), Point(5, 0.4, 0.2, 0.6)], "b": [Point(0, 1.0), Point(5, 0.5)]}
    svg = curves(values, "size", "Accuracy", "accuracy")
    axes = Axes((0, 5), (0, 1))
    (first,), (second,) = (elements(svg, "path", "curve", f"model{index}") for index in range(2))
    assert places(first) == [(axes.x(0), axes.y(0.8)), (axes.x(5), axes.y(0.4))]
    assert places(second) == [(axes.x(0), axes.y(1)), (axes.x(5), axes.y(0.5))]
    (band,) = elements(svg, "path", "band")
    assert places(band) == [(axes.x(x), axes.y(y)) for x, y in ((0, 0.9), (5, 0.6), (5, 0.2), (0, 0.7))]


def test_says_its_numbers_in_words():
    svg = curves({"a<": [Point(0, 0.8), Point(0.5, 0.4)]}, "size", "Accuracy")
    assert "Accuracy by size. a<: 0.800 at 0, 0.400 at 0.5." in text(svg)


def test_the_largest_value_fits():
    svg = curves({"a": [Point(0, 0.0), Point(1, 0.01, 0.0, 0.02)]}, "size", "Change")
    axes = Axes((0, 1), (0, 0.02))
    assert places(elements(svg, "path", "curve")[0])[1] == (axes.x(1), axes.y(0.01))


def test_points_that_would_crowd_are_spread_out():
    sizes = [0.0, 0.1, 1.0, 10.0]
    svg = curves({"a": [Point(x, 0.5) for x in sizes]}, "size", "Accuracy")
    found = [float(circle.get("cx")) for circle in elements(svg, "circle", "model0")]
    zero, first, second, third = found
    # A power of ten is as far as the next, and 0 half a one before.
    assert abs((second - first) - (third - second)) < 0.2
    assert abs(2 * (first - zero) - (second - first)) < 0.3
    assert [tick.text for tick in elements(svg, "text", "tick")][-4:] == ["0", "0.1", "1", "10"]


def test_odd_ones_are_drawn():
    assert not elements(curves({"a": []}, "size", "Change"), "path")
    # One point is no line.
    svg = curves({"a": [Point(0, 0.0)]}, "size", "Change")
    assert not elements(svg, "path")
    assert len(elements(svg, "circle")) == 1
