import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.measures import Measure, Permutation, Uniform, choose_measures


def names(chosen):
    return [type(measure).__name__ for measure in choose_measures(chosen)]


def test_names_parameters_and_measures():
    assert names("correlation, uniform") == ["PredictionQuality", "GradientCorrelation", "Uniform"]
    assert names([]) == ["PredictionQuality"]
    measures = choose_measures([{"type": "permutation", "num_permutations": 7}, "prediction", Uniform()])
    assert [type(measure).__name__ for measure in measures] == ["PredictionQuality", "Permutation", "Uniform"]
    assert measures[1].num_permutations == 7


def test_all_is_every_measure_that_needs_nothing_more():
    chosen = {type(measure) for measure in choose_measures("all")}
    registered = {Measure.by_name(name) for name in Measure.list_available()}
    # Other tests register measures of their own.
    registered = {kind for kind in registered if kind.__module__.startswith("attention_vat.")}
    assert {kind.__name__ for kind in registered - chosen} == {"Seeds"}
    assert Permutation in chosen


def test_the_list_that_was_given_is_not_changed():
    chosen = [{"type": "permutation", "num_permutations": 7}]
    choose_measures(chosen)
    assert chosen == [{"type": "permutation", "num_permutations": 7}]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ("correlation,magic", "'magic' is not a measure; choose from .*permutation"),
        ([{"num_permutations": 7}], "'None' is not a measure"),
        ([3], "'3' is not a measure"),
        ([{"type": "permutation", "times": 7}], "times"),
        (["seeds"], "archives"),
        ([{"type": "robustness", "epsilons": ["a"]}], r"'robustness' cannot be made from .*epsilons.*'a'.*epsilons.0"),
        ([{"type": "permutation", "num_permutations": "many"}], "'permutation' cannot be made from .*num_permutations"),
        ("correlation,uniform,correlation", "'correlation' is given 2 times, .* one of each type"),
        (["uniform", {"type": "permutation", "num_permutations": 7}, "permutation"], "'permutation' is given 2 times"),
        ([Uniform(), "uniform", Uniform()], "'uniform' is given 3 times"),
    ],
)
def test_errors(chosen, message):
    with pytest.raises(ConfigurationError, match=message):
        choose_measures(chosen)
