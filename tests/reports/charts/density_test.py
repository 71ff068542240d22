from attention_vat.reports.charts import density
from tests.reports.charts.svg import elements, text


def test_squares_count_words():
    svg = density("a", 0, [0.0, 1.0, 1.0], [0.0, 1.0, 1.0], bins=4)
    low, high = elements(svg, "rect", "model0")
    assert float(low.get("x")) < float(high.get("x"))
    assert float(low.get("y")) > float(high.get("y"))
    assert float(low.get("opacity")) < float(high.get("opacity")) == 1
    assert "3 words" in text(svg)


def test_attention_goes_to_the_right_and_importance_up():
    svg = density("a", 1, [0.9], [0.1], bins=2)
    (square,) = elements(svg, "rect", "model1")
    (field,) = elements(svg, "rect", "field")
    half = float(field.get("width")) / 2
    assert float(square.get("x")) == float(field.get("x")) + half
    assert float(square.get("y")) == float(field.get("y")) + half


def test_no_words():
    assert not elements(density("a", 0, [], []), "rect", "model0")
