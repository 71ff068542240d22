"""The pictures of a report."""

from typing import Dict, List, NamedTuple, Sequence, Tuple

from attention_vat.interpret.measures import description_of, in_order
from attention_vat.interpret.measures.decision_flips import ORDERS
from attention_vat.interpret.results import AttentionEvaluation, Curve
from attention_vat.plots import COLORS, Places, Point, curves, density, histogram, violins

# The prefixes of the names of figures.
KINDS = ("distribution", "words", "largest-weight", "flips", "curve")
# Correlations whose distribution over sentences is drawn.
DISTRIBUTIONS = ("pearson", "kendall_attention_constant", "kendall_leave_one_out")
# Scores that are drawn against the largest attention weight of the sentence.
BY_LARGEST_WEIGHT = ("permutation_difference", "uniform_difference", "adversarial_jsd", "seeds_jsd")
AXES = {"epsilon": "size ε of the perturbation", "fraction": "share of the words, most attended first"}
# More points than this do not change the picture.
_MOST_WORDS = 400_000


class Figure(NamedTuple):
    """
    # Parameters

    group : `str`
        Figures of one group are shown together.
    name : `str`
        The name of its files.
    title, caption : `str`
    panels : `Sequence[Tuple[str, Sequence[int]]]`
        The charts, each with the numbers of the models that it shows.
    """

    group: str
    name: str
    title: str
    caption: str
    panels: Sequence[Tuple[str, Sequence[int]]]


def figures(results: Dict[str, AttentionEvaluation]) -> List[Figure]:
    """
    The pictures of what was measured.

    # Parameters

    results : `Dict[str, AttentionEvaluation]`
        Models by name.
    """
    drawn = [*_distributions(results), _words(results), *_by_largest_weight(results), *_flips(results)]
    drawn += _curves(results)
    # Grey marks the model that others are compared with.
    grey, alone = COLORS["model0"][0], COLORS["accent" if len(results) == 1 else "model0"][0]
    return [
        figure._replace(panels=[(svg.replace(grey, alone), shown) for svg, shown in figure.panels]) for figure in drawn
    ]


def _distributions(results: Dict[str, AttentionEvaluation]) -> List[Figure]:
    drawn = []
    for name in DISTRIBUTIONS:
        values = {model: _defined(result, name) for model, result in results.items()}
        if any(values.values()):
            title, _, group, scale = description_of(name)[:4]
            chart = histogram(values, f"{title} of a sentence", scale)
            caption = "The distribution of the correlation over sentences. Lines mark the means."
            drawn.append(Figure(group, f"distribution-{name}", title, caption, [(chart, range(len(results)))]))
    return drawn


def _words(results: Dict[str, AttentionEvaluation]) -> Figure:
    panels: List[Tuple[str, Sequence[int]]] = []
    for index, (model, result) in enumerate(results.items()):
        panels.append((density(model, index, *_relative_weights(result)), [index]))
    caption = (
        "Both relative to the largest of the sentence; the stronger the colour, the more words (logarithmic). On the "
        "dashed line both agree."
    )
    group = description_of("pearson").group
    return Figure(group, "words-attention-importance", "Attention against importance, word by word", caption, panels)


def _by_largest_weight(results: Dict[str, AttentionEvaluation]) -> List[Figure]:
    drawn = []
    for name in BY_LARGEST_WEIGHT:
        points = {model: _against_largest_weight(result, name) for model, result in results.items()}
        if any(values for _, values in points.values()):
            description = description_of(name)
            chart = violins(points, description.title, description.axis, description.scale)
            caption = (
                f"{description.explanation} Marks are medians, bars the middle half. {description.reading}".strip()
            )
            panels = [(chart, range(len(results)))]
            drawn.append(Figure(description.group, f"largest-weight-{name}", description.title, caption, panels))
    return drawn


def _flips(results: Dict[str, AttentionEvaluation]) -> List[Figure]:
    """The orders of decision flips side by side."""
    points: Dict[str, Tuple[List[float], List[float]]] = {}
    for model, result in results.items():
        values = {place: _defined(result, f"flip_share_{order}") for place, order in enumerate(ORDERS)}
        points[model] = (
            [float(place) for place, some in values.items() for _ in some],
            [value for some in values.values() for value in some],
        )
    if not any(values for _, values in points.values()):
        return []
    description = description_of("flip_share_attention")
    names = ["most attention first", "most importance first", "at random"]
    places = Places((-0.5, 0.5, 1.5, 2.5), names, "which words lose their attention first", "by order")
    title = "Words that lose their attention until the prediction changes"
    chart = violins(points, title, description.axis, description.scale, places)
    caption = (
        "As a share of the words of a sentence, 1 if the prediction never changes. Marks are medians, bars the middle "
        f"half. {description.reading}"
    )
    return [Figure(description.group, "flips", title, caption, [(chart, range(len(results)))])]


def _curves(results: Dict[str, AttentionEvaluation]) -> List[Figure]:
    drawn = []
    for name in in_order(name for result in results.values() for name in result.curves):
        some = {model: result.curves[name] for model, result in results.items() if name in result.curves}
        points = {model: _points(some[model]) if model in some else [] for model in results}
        # The total variation distance of attention says the same as its divergence, and is in metrics.json.
        if not any(points.values()) or name.endswith("_attention_tvd"):
            continue
        x_name = next(iter(some.values())).x_name
        description = description_of(name)
        chart = curves(points, AXES.get(x_name, x_name.replace("_", " ")), description.title, description.axis)
        caption = f"{description.explanation} Bands are 95% intervals."
        panels = [(chart, range(len(results)))]
        drawn.append(Figure(description.group, f"curve-{name}", description.title, caption, panels))
    return drawn


def _points(curve: Curve) -> List[Point]:
    both = zip(curve.x, curve.points)
    return [Point(x, point.value, point.low, point.high) for x, point in both if point.value is not None]


def _defined(result: AttentionEvaluation, name: str) -> List[float]:
    values = [sentence.scores.get(name) for sentence in result.sentences]
    return [value for value in values if value is not None]


def _against_largest_weight(result: AttentionEvaluation, name: str) -> Tuple[List[float], List[float]]:
    most, values = [], []
    for sentence in result.sentences:
        value = sentence.scores.get(name)
        if value is not None and sentence.attention:
            most.append(max(sentence.attention))
            values.append(value)
    return most, values


def _relative_weights(result: AttentionEvaluation) -> Tuple[List[float], List[float]]:
    attention: List[float] = []
    importance: List[float] = []
    for sentence in result.sentences:
        if len(attention) > _MOST_WORDS:
            break
        most = max(sentence.attention, default=0.0), max(sentence.importance, default=0.0)
        if min(most) > 0:
            attention += [value / most[0] for value in sentence.attention]
            importance += [value / most[1] for value in sentence.importance]
    return attention, importance
