import xml.etree.ElementTree as ElementTree

import pytest

pytest.importorskip("matplotlib")

from attention_vat.search.plots import Points, epsilon_points, plot_epsilon, plot_expected_best


def check(path):
    """Both files are there, the second is a picture, and the same call writes the same bytes."""
    ElementTree.parse(str(path.with_suffix(".svg")))
    png = path.with_suffix(".png").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert len(png) > 5000
    return path.with_suffix(".svg").read_bytes(), png


def test_expected_best(tmp_path):
    values = {"a": [0.5, 0.9, 0.7, 0.8], "b": [0.6]}
    plot_expected_best(tmp_path / "new" / "one", values, "best_validation_f1")
    plot_expected_best(tmp_path / "two", values, "best_validation_f1")
    assert check(tmp_path / "new" / "one") == check(tmp_path / "two")
    plot_expected_best(tmp_path / "three", values, "best_validation_loss", "min")
    assert check(tmp_path / "three") != check(tmp_path / "two")


def test_epsilon(tmp_path):
    panel = {"attention_vat": Points([0.1, 1.0, 1.0], [0.5, 0.6, 0.7]), "word_vat": Points([2.0], [0.4])}
    plot_epsilon(
        tmp_path / "one", {"best_validation_f1": panel, "pearson correlation": {"word_vat": panel["word_vat"]}}
    )
    svg, _ = check(tmp_path / "one")
    plot_epsilon(tmp_path / "two", {"best_validation_f1": panel})
    assert check(tmp_path / "two")[0] != svg


def test_points():
    def row(epsilon, value, technique="attention_vat"):
        return {"model.regularizers": [{"type": technique, "epsilon": epsilon}], "f1": value}

    rows = [row(1.0, 0.5), row(2.0, None), row(0.0, 0.5), row(3.0, 0.6), row(1.0, 0.7, "word_vat")]
    rows += [{"model.regularizers": [], "f1": 0.4}, {"f1": 0.4}, {"model.regularizers": [{"type": "x"}], "f1": 0.4}]
    assert epsilon_points(rows, "f1") == {
        "attention_vat": Points([1.0, 3.0], [0.5, 0.6]),
        "word_vat": Points([1.0], [0.7]),
    }
