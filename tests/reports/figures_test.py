from attention_vat.interpret.bootstrap import Estimate
from attention_vat.interpret.results import Curve
from attention_vat.plots import COLORS
from attention_vat.reports.figures import KINDS, figures
from tests.interpret.made_up import evaluation, evaluations, sentence
from tests.plots.svg import outline, parts, root_of, text
from tests.reports.made_up import all_measures

NAMES = [
    "distribution-pearson",
    "distribution-kendall_leave_one_out",
    "words-attention-importance",
    "largest-weight-permutation_difference",
    "largest-weight-uniform_difference",
    "largest-weight-adversarial_jsd",
    "largest-weight-seeds_jsd",
    "curve-scores_accuracy",
    "curve-scores_attention_jsd",
    "curve-embeddings_accuracy",
    "curve-embeddings_attention_jsd",
]


def by_name(results):
    return {figure.name: figure for figure in figures(results)}


def test_there_is_a_picture_of_each_measure():
    both = dict(zip("ab", all_measures()))
    assert list(by_name(both)) == NAMES
    assert list(by_name({"a": both["a"]})) == NAMES
    assert {name.rsplit("-", 1)[0] for name in NAMES} <= {*KINDS, "words-attention"}


def test_a_model_alone_is_not_grey():
    both = dict(zip("ab", evaluations()))
    for results, grey in ((both, True), ({"a": both["a"]}, False)):
        (svg, _), *_ = by_name(results)["distribution-pearson"].panels
        assert (COLORS["model0"][0] in svg) is grey
        assert (COLORS["accent"][0] in svg) is not grey


def test_what_was_not_measured_has_none():
    assert list(by_name({"a": evaluations()[0]})) == ["distribution-pearson", "words-attention-importance"]
    assert list(by_name({"a": evaluation([sentence()])})) == ["words-attention-importance"]


def test_one_model_may_have_been_measured_more_than_the_other():
    first, second = evaluations()[0], all_measures()[1]
    pictures = by_name({"a": first, "b": second})
    assert list(pictures) == NAMES
    ((svg, shown),) = pictures["curve-scores_accuracy"].panels
    assert list(shown) == [0, 1]
    assert len(parts(svg, "curve", "model1")) == 1
    assert not parts(svg, "curve", "model0")


def test_words_are_relative_to_the_largest_of_their_sentence():
    one = sentence(tokens=["a", "b"], attention=[0.8, 0.2], importance=[0.001, 0.004])
    ((svg, shown),) = by_name({"a": evaluation([one])})["words-attention-importance"].panels
    # The square of the axes, behind all that is in it.
    frame = [outline(node) for node in root_of(svg).iter() if node.get("style") == "fill: none"][1]
    (left, top), side = map(min, zip(*frame)), max(x for x, _ in frame) - min(x for x, _ in frame)
    corners = [
        [min(column) for column in zip(*outline(node))]
        for node in parts(svg, "squares", "model0")[0].iter()
        if node.get("d")
    ]
    places = {(round(16 * (x - left) / side), round(16 * (y - top) / side)) for x, y in corners}
    # (1, 0.25) and (0.25, 1) of sixteen squares from the left and from the top.
    assert places == {(15, 11), (4, 0)}


def test_undefined_points_of_a_curve_are_left_out():
    one = evaluation([sentence()])
    nothing = Estimate(None, None, None, None, 0, 1)
    one.curves["scores_accuracy"] = Curve("epsilon", [0.0, 1.0], [Estimate(0.5, 0.4, 0.6, None, 1, 0), nothing])
    one.curves["scores_difference"] = Curve("epsilon", [0.0], [nothing])
    pictures = by_name({"a": one})
    assert "curve-scores_difference" not in pictures
    assert "a: 0.500 at 0." in text(pictures["curve-scores_accuracy"].panels[0][0])


def test_orders_of_decision_flips_stand_side_by_side():
    first, second = evaluations()
    for number, one in enumerate(first.sentences):
        for place, order in enumerate(("attention", "importance", "random")):
            one.scores[f"flip_share_{order}"] = None if number == 0 else 0.2 + 0.3 * place
    figure = by_name({"a": first, "b": second})["flips"]
    (svg,) = [chart for chart, _ in figure.panels]
    count = len(first.sentences) - 1
    for name, median in (("most attention first", "0.200"), ("most importance first", "0.500"), ("at random", "0.800")):
        assert f"{name}: median {median}, {count} sentences" in svg
    assert len(parts(svg, "violin", "model0")) == 3
    assert not parts(svg, "violin", "model1")
    assert "flips" not in by_name({"b": second})
