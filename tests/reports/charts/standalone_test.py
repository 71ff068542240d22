import re

from attention_vat.reports.charts import histogram, standalone
from tests.reports.charts.svg import elements, text

CHART = histogram({"a": [0.1, 0.2], "b": [0.3]}, "r")


def test_carries_its_colours_and_nothing_that_varies():
    file = standalone(CHART)
    assert file.startswith("<?xml")
    assert 'xmlns="http://www.w3.org/2000/svg"' in file
    assert "var(" not in file
    assert re.search(r"\.model1 \{ fill: #\w{6};", file)
    assert text(file.split("\n", 1)[1]).startswith("Histogram: r")


def test_names_the_models_above_the_chart():
    file = standalone(CHART, [(0, "<plain>"), (1, "a model with a long name " * 5)])
    root = file.split("\n", 1)[1]
    names = [node.text for node in elements(root, "text", "name")]
    assert names == ["<plain>", "a model with a long name " * 5]
    before, after = (float(re.search(r'height="([\d.]+)"', svg).group(1)) for svg in (standalone(CHART), file))
    assert after == before + 22
    # The names fit: a letter takes no more than eight pixels.
    last = elements(root, "text", "name")[-1]
    width = float(re.search(r'width="([\d.]+)"', file).group(1))
    assert float(last.get("x")) + 6 * len(names[-1]) < width


def test_draws_the_same():
    for name in ("rect", "line", "circle"):
        inside = [node for node in elements(standalone(CHART).split("\n", 1)[1], name) if node.get("class") != "paper"]
        assert [node.attrib for node in inside] == [node.attrib for node in elements(CHART, name)]
