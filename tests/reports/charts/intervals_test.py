import pytest

from attention_vat.reports.charts import intervals
from tests.reports.charts.svg import elements


def test_intervals_lie_on_their_axis():
    svg = intervals([0.0, None, 1.0], [(-0.5, 0.5), (None, None), (1.0, 1.0)], (-1.0, 1.0))
    bars = elements(svg, "line", "bar")
    middle = (float(bars[0].get("x1")) + float(bars[0].get("x2"))) / 2
    (circle,) = elements(svg, "circle", "model0")
    assert middle == pytest.approx(float(circle.get("cx")))
    assert len(bars) == 2
    assert float(bars[1].get("x1")) == pytest.approx(234)


def test_what_lies_beyond_the_axis_stays_in_the_picture():
    svg = intervals([30.0], [(10.0, 40.0)], (0.0, 20.0))
    (bar,) = elements(svg, "line", "bar")
    assert float(bar.get("x2")) == float(elements(svg, "circle")[0].get("cx")) == 234
