import numpy
import pytest

from attention_vat.plots import Point, curves, density, histogram, intervals, violins
from tests.plots.svg import marks, outline, parts, root_of, text, words


def near(first, second, tolerance=0.2):
    return first == pytest.approx(second, abs=tolerance)


class TestCurves:
    def test_lines_go_through_their_points(self):
        values = {"a": [Point(0, 0.8, 0.7, 0.9), Point(5, 0.4, 0.2, 0.6)], "b": [Point(0, 1.0), Point(5, 0.5)]}
        svg = curves(values, "size", "Accuracy", "accuracy")
        first, second = (outline(*parts(svg, "curve", f"model{index}")) for index in range(2))
        assert (first, second) == (marks(svg, "model0"), marks(svg, "model1"))
        # Both lines rise by their values: half a unit is as far in both.
        assert near((first[1][1] - first[0][1]) / 0.4, (second[1][1] - second[0][1]) / 0.5, 0.01)
        unit = (second[1][1] - second[0][1]) / 0.5
        band = sorted(outline(*parts(svg, "band")))
        assert near(min(y for _, y in band), first[0][1] - 0.1 * unit)
        assert near(max(y for _, y in band), first[1][1] + 0.2 * unit)
        assert {"a", "b", "size", "accuracy"} <= {*words(svg)}

    def test_says_its_numbers_in_words(self):
        svg = curves({"a<": [Point(0, 0.8), Point(0.5, 0.4)]}, "size", "Accuracy")
        assert "Accuracy by size. a<: 0.800 at 0, 0.400 at 0.5." in text(svg)

    def test_the_largest_value_fits(self):
        svg = curves({"a": [Point(0, 0.0, 0.0, 0.0), Point(1, 0.01, 0.0, 0.02)]}, "size", "Change")
        (_, low), (_, middle) = marks(svg)
        top = min(y for _, y in outline(*parts(svg, "band")))
        assert near(low - middle, middle - top)
        assert top > 0

    def test_points_that_would_crowd_are_spread_out(self):
        svg = curves({"a": [Point(x, 0.5) for x in (0.0, 0.1, 1.0, 10.0)]}, "size", "Accuracy")
        zero, first, second, third = (x for x, _ in marks(svg))
        # A power of ten is as far as the next, and 0 half a one before.
        assert near(second - first, third - second)
        assert near(2 * (first - zero), second - first)
        assert words(svg)[:4] == ["0", "0.1", "1", "10"]

    def test_odd_ones_are_drawn(self):
        assert not marks(curves({"a": []}, "size", "Change"))
        # One point is no line.
        svg = curves({"a": [Point(0, 0.0)]}, "size", "Change")
        assert not parts(svg, "curve")
        assert len(marks(svg)) == 1


class TestDensity:
    def squares(self, svg, index=0):
        """The middle of each and its strength."""
        found = []
        for path in [node for part in parts(svg, "squares", f"model{index}") for node in part.iter()]:
            if path.get("d"):
                xs, ys = zip(*outline(path)[:4])
                strength = [float(s.split(":")[1]) for s in path.get("style").split(";") if "fill-opacity" in s]
                found.append(((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, (strength or [1.0])[0]))
        return sorted(found)

    def test_squares_count_words(self):
        svg = density("a", 0, [0.0, 1.0, 1.0], [0.0, 1.0, 1.0], bins=4)
        low, high = self.squares(svg)
        assert low[0] < high[0] and low[1] > high[1], "attention to the right, importance up"
        assert 0 < low[2] < high[2] == 1
        assert "3 words" in text(svg)

    def test_attention_goes_to_the_right_and_importance_up(self):
        corner, lower = (
            self.squares(density("a", 1, *weights, bins=2), 1)[0] for weights in (([0.9], [0.9]), ([0.9], [0.1]))
        )
        assert corner[0] == lower[0] and corner[1] < lower[1]

    def test_no_words(self):
        assert not self.squares(density("a", 0, [], []))


class TestHistogram:
    def test_bars_are_shares(self):
        svg = histogram({"a": [-0.95, 0.05, 0.05, 0.95], "b": [0.95]}, "r")
        bars = [[outline(bar) for bar in parts(svg, "bar", f"model{index}")] for index in range(2)]
        heights = [[max(y for _, y in bar) - min(y for _, y in bar) for bar in some] for some in bars]
        assert heights[0][1] == pytest.approx(2 * heights[0][0], abs=0.2)
        assert near(heights[0][0], heights[0][2])
        assert heights[1][0] == pytest.approx(4 * heights[0][0], abs=0.4)
        places = [bar[0][0] for bar in bars[0]]
        assert places == sorted(places)

    def test_the_mean_is_marked_where_its_value_is(self):
        svg = histogram({"a": [0.0, 0.5, 1.0]}, "r", (0.0, 1.0))
        ends = [outline(bar) for bar in parts(svg, "bar")]
        # The bar right of the middle begins there; a little space lies between bars.
        assert near(outline(*parts(svg, "mean", "model0"))[0][0], ends[1][0][0], 1)
        assert near(marks(svg)[0][0], outline(*parts(svg, "mean"))[0][0])

    def test_says_its_numbers_in_words(self):
        svg = histogram({"<a>": [0.1, 0.3], "b": []}, "r & s")
        assert "&lt;a&gt;: mean 0.200" in svg
        assert root_of(svg).get("aria-label").startswith("Histogram: r & s.")
        assert {"r & s", "<a>", "b"} <= {*words(svg)}

    @pytest.mark.parametrize("values", [{}, {"a": []}, {"a": [1.0]}, {"a": [-1.0, 1.0 + 1e-9]}])
    def test_odd_ones_are_drawn(self, values):
        bars = parts(histogram(values, "r"), "bar", "model0")
        assert len(bars) == len({round(value) for numbers in values.values() for value in numbers})


class TestIntervals:
    def test_intervals_lie_on_their_axis(self):
        svg = intervals("F1", [0.0, None], [(-0.5, 0.5), (None, None)], (-1.0, 1.0))
        (bar,) = map(outline, parts(svg, "reach"))
        assert near((bar[0][0] + bar[1][0]) / 2, marks(svg, "model0")[0][0])
        assert len(marks(svg)) == 1
        assert words(svg) == ["−1", "−0.5", "0", "0.5", "1"]

    def test_what_lies_beyond_the_axis_stays_in_the_picture(self):
        svg = intervals("Bits", [30.0], [(10.0, 40.0)], (0.0, 20.0))
        (bar,) = map(outline, parts(svg, "reach"))
        assert near(bar[1][0], marks(svg)[0][0])
        assert bar[1][0] < float(root_of(svg).get("viewBox").split()[2])


class TestViolins:
    def test_sentences_fall_into_the_quarter_of_their_largest_weight(self):
        # 0.25 belongs to the second quarter, 1 to the last.
        svg = violins({"a": ([0.1, 0.25, 0.3, 1.0], [0.0, 0.2, 0.4, 1.0])}, "Change")
        said = "a: 0–0.25: median 0.000, 1 sentence; 0.25–0.5: median 0.300, 2 sentences; 0.75–1: median 1.000"
        assert said in text(svg)
        (first, low), (second, middle), (same, high), (last, top) = marks(svg, "model0")
        assert second == same
        assert near(last - second, 2 * (second - first))
        assert near(low - middle, (low - top) / 5) and near(low - high, (low - top) / 2.5)

    def test_bar_and_mark_are_the_quartiles(self):
        values = numpy.append(numpy.random.default_rng(0).random(99), [0.0, 1.0])
        svg = violins({"a": (numpy.full(101, 0.6), values)}, "Change")
        ys = [y for _, y in outline(*parts(svg, "violin"))]
        bottom, height = max(ys), max(ys) - min(ys)
        bar = [y for _, y in outline(*parts(svg, "middle"))]
        low, median, high = bottom - height * numpy.quantile(values, [0.25, 0.5, 0.75])
        assert near(bar, [low, high])
        assert near(marks(svg)[0][1], median)

    def test_the_outline_is_wide_where_sentences_are(self):
        values = [0.1] * 30 + [0.101] * 30 + [0.9] * 5
        svg = violins({"a": ([0.9] * 65, values)}, "Change")
        points, middle = numpy.array(outline(*parts(svg, "violin"))), marks(svg)[0][0]
        widest = points[numpy.argmax(points[:, 0])]
        assert widest[1] == pytest.approx(points[:, 1].max(), abs=4)
        # Both sides are alike.
        assert near(points[:, 0].max() - middle, middle - points[:, 0].min())

    def test_models_stand_side_by_side(self):
        rng = numpy.random.default_rng(1)
        some = (rng.random(200), rng.random(200))
        svg = violins({"a": some, "b": some}, "Change")
        first, second = (parts(svg, "violin", f"model{index}") for index in range(2))
        assert len(first) == len(second) == 4
        for one, other in zip(first, second):
            assert max(x for x, _ in outline(one)) < min(x for x, _ in outline(other))
            assert "half of them in [" in one.find("{*}title" if "}" in one.tag else "title").text

    @pytest.mark.parametrize("values", [{"a": ([], [])}, {"a": ([0.5] * 20, [0.3] * 20)}, {"a": ([1.0], [2.0])}])
    def test_odd_ones_are_drawn(self, values):
        svg = violins(values, "Change", scale=(0.0, 0.7))
        assert "nan" not in svg
        assert len(marks(svg)) == min(1, len(values["a"][0]))
