import json
import math
from functools import lru_cache

import numpy
import pytest
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.search.space import SearchSpace, as_external_variables

SPACE = {
    "EPSILON": {"sampling strategy": "loguniform", "bounds": [0.01, 30]},
    "DROPOUT": {"sampling strategy": "uniform", "bounds": [-1, 0.5]},
    "LAYERS": {"sampling strategy": "integer", "bounds": [1, 4]},
    "TECHNIQUE": {"sampling strategy": "choice", "choices": ["attention_vat", "attention_ivat"]},
    "EPOCHS": 10,
    "VECTORS": "",
}


@lru_cache(maxsize=None)
def values(name, number=1000, seed=1):
    return [sample[name] for sample in SearchSpace(SPACE).samples(number, seed)]


def test_values_are_spread_as_the_strategy_says():
    epsilon = numpy.log(values("EPSILON"))
    assert math.log(0.01) <= epsilon.min() and epsilon.max() < math.log(30)
    # The deciles of a uniform distribution.
    shares = (epsilon - math.log(0.01)) / (math.log(30) - math.log(0.01))
    assert numpy.abs(numpy.quantile(shares, numpy.arange(0.1, 1, 0.1)) - numpy.arange(0.1, 1, 0.1)).max() < 0.05
    assert numpy.mean(values("DROPOUT")) == pytest.approx(-0.25, abs=0.06)
    counts = numpy.bincount(values("LAYERS"), minlength=5)
    assert counts[0] == counts[4] == 0, "the upper bound is exclusive"
    assert counts[1:4].min() > 250
    assert {*values("TECHNIQUE")} == {"attention_vat", "attention_ivat"}
    assert {*values("EPOCHS")} == {10}


@given(st.integers(1, 20), st.integers(0, 2**31))
def test_a_longer_search_begins_with_the_shorter_one(number, seed):
    assert SearchSpace(SPACE).samples(20, seed)[:number] == SearchSpace(SPACE).samples(number, seed)


def test_values_do_not_depend_on_the_other_names():
    alone = SearchSpace({"EPSILON": SPACE["EPSILON"]}).samples(5, 3)
    assert [sample["EPSILON"] for sample in alone] == values("EPSILON", 5, 3)
    assert values("EPSILON", 5, 3) != values("EPSILON", 5, 4)


def test_a_grid_is_repeated_for_each_sample():
    space = {
        "SEED": {"sampling strategy": "grid", "choices": [1, 2]},
        "SIZE": {"sampling strategy": "grid", "choices": ["a", "b", "c"]},
        "EPSILON": SPACE["EPSILON"],
    }
    samples = SearchSpace(space).samples(2, 0)
    cells = [(1, "a"), (1, "b"), (1, "c"), (2, "a"), (2, "b"), (2, "c")]
    assert [(sample["SEED"], sample["SIZE"]) for sample in samples] == 2 * cells
    assert len({sample["EPSILON"] for sample in samples}) == 12, "the rest is drawn for every run"


def test_the_configuration_sees_strings():
    variables = as_external_variables({"a": 0.1, "b": 3, "c": "x", "d": ""})
    assert variables == {"a": "0.1", "b": "3", "c": "x", "d": ""}


@given(st.floats(min_value=1e-5, max_value=30))
def test_numbers_arrive_unchanged(number):
    assert json.loads(as_external_variables({"a": number})["a"]) == number


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (
            {"sampling strategy": "normal", "bounds": [0, 1]},
            "has the \"sampling strategy\" 'normal'; choose from uniform",
        ),
        ({"bounds": [0, 1]}, 'has the "sampling strategy" None'),
        ({"sampling strategy": "uniform"}, 'needs "bounds" \\[low, high\\]'),
        ({"sampling strategy": "uniform", "bounds": [1, 0]}, "low < high"),
        ({"sampling strategy": "uniform", "bounds": ["0", "1"]}, "low < high"),
        ({"sampling strategy": "uniform", "bounds": [0, float("inf")]}, "low < high"),
        ({"sampling strategy": "loguniform", "bounds": [0, 1]}, "above 0"),
        ({"sampling strategy": "integer", "bounds": [0.5, 3]}, "whole numbers"),
        ({"sampling strategy": "choice", "choices": []}, "non-empty"),
        ({"sampling strategy": "choice"}, "non-empty"),
        ({"sampling strategy": "grid", "choices": [[1]]}, "only strings and numbers"),
        ({"sampling strategy": "grid", "choices": [1, 2, 1]}, 'has 1 twice in "choices".*; remove one'),
        ({"sampling strategy": "grid", "choices": [1, "1"]}, "has '1' twice"),
        ({"sampling strategy": ["grid"], "choices": [1]}, "has the \"sampling strategy\" \\['grid'\\]; choose from"),
        (
            {"sampling strategy": "uniform", "bound": [0, 1]},
            'has the unknown key "bound"; uniform has "sampling strategy" and "bounds"',
        ),
        ({"sampling strategy": "uniform", "bounds": [0, 1], "choices": [1]}, 'has the unknown key "choices"'),
        (
            {"sampling strategy": "grid", "choices": [1], "default": 1},
            'has the unknown key "default"; grid has "sampling strategy" and "choices"',
        ),
        ([1, 2], 'write {"sampling strategy": "choice"'),
    ],
)
def test_errors_name_file_and_key(tmp_path, entry, problem):
    path = tmp_path / "space.json"
    path.write_text(json.dumps({"FINE": 1, "BAD": entry}))
    with pytest.raises(ConfigurationError, match=f"space.json: BAD .*{problem}"):
        SearchSpace.from_file(path)


def test_a_choice_that_is_there_twice_is_drawn_twice_as_often():
    space = SearchSpace({"A": {"sampling strategy": "choice", "choices": ["x", "y", "y"]}})
    drawn = [sample["A"] for sample in space.samples(1000, 1)]
    assert drawn.count("y") / 1000 == pytest.approx(2 / 3, abs=0.05)


def test_files(tmp_path):
    path = tmp_path / "space.json"
    path.write_text(json.dumps(SPACE))
    space = SearchSpace.from_file(path, ["EPOCHS=2", "DATA=/a=b"])
    assert space.space["EPOCHS"] == "2"
    assert space.space["DATA"] == "/a=b"
    assert space.space["EPSILON"] == SPACE["EPSILON"]
    with pytest.raises(ConfigurationError, match="--set EPOCHS: write --set NAME=VALUE"):
        SearchSpace.from_file(path, ["EPOCHS"])
    with pytest.raises(ConfigurationError, match="no.json: cannot be read"):
        SearchSpace.from_file(tmp_path / "no.json")
    path.write_text("{ EPSILON: 1 }")
    with pytest.raises(ConfigurationError, match="is not JSON .* not jsonnet"):
        SearchSpace.from_file(path)
    path.write_text("[]")
    with pytest.raises(ConfigurationError, match="must be a JSON object"):
        SearchSpace.from_file(path)


def test_a_list_of_strings_is_their_text(tmp_path):
    """As in AllenTune, whose spaces have lists such as `["RANDOM", "VAMPIRE"]`."""
    path = tmp_path / "space.json"
    path.write_text(json.dumps({"EMBEDDINGS": ["RANDOM", "VAMPIRE"], "ONE": ["a"], "NONE": [], "X": None, "Y": True}))
    (sample,) = SearchSpace.from_file(path).samples(1, 0)
    assert as_external_variables(sample) == {
        "EMBEDDINGS": "RANDOM VAMPIRE",
        "ONE": "a",
        "NONE": "",
        "X": "None",
        "Y": "True",
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"A": NaN}', "space.json: A is not a finite number"),
        ('{"A": -Infinity}', "space.json: A is not a finite number"),
        ('{"A": 1e999}', "space.json: A is not a finite number"),
        ('{"A": %s}' % ("9" * 400), "space.json: A is not a finite number"),
        ('{"A": {"sampling strategy": "uniform", "bounds": [0, 1e308]}}', "A needs .* finite numbers with low < high"),
        ('{"A": {"sampling strategy": "uniform", "bounds": [0, %s]}}' % ("1" * 400), "A needs .* finite numbers"),
        ('{"A": {"sampling strategy": "integer", "bounds": [-%s, 1]}}' % ("1" * 400), "A needs .* finite numbers"),
        ('{"A": {"sampling strategy": "loguniform", "bounds": [1, Infinity]}}', "A needs .* finite numbers"),
        ('{"A": {"sampling strategy": "choice", "choices": [1, NaN]}}', "A has a choice that is not a finite number"),
        ('{"A": {"sampling strategy": "grid", "choices": [1, 1e999]}}', "A has a choice that is not a finite number"),
        ('{"A": %s}' % ("9" * 5000), "space.json"),
        ('{"a\\ud800b": 1}', r"space.json: 'a.ud800b' has half a surrogate pair"),
        ('{"a\\u0000b": 1}', "has a NUL character"),
        ('{"A": "\\udc00"}', "A has half a surrogate pair"),
        ('{"A": ["x", "\\udc00"]}', "A has half a surrogate pair"),
        ('{"A": {"sampling strategy": "choice", "choices": ["\\ud83d"]}}', "A has a choice that has half a surrogate"),
        ('{"A": {"sampling strategy": "choice", "choices": ["x\\u0000"]}}', "A has a choice that has a NUL"),
        ('{"A": {"sampling strategy": "\\ud83d"}}', "A has the "),
        ('{"A": {"sampling strategy": "choice", "\\ud83d": 1}}', "A has the unknown key"),
        ('{"A": 1, "B": 2, "A": 3}', "is not JSON .'A' occurs twice."),
        ('{"A": {"sampling strategy": "grid", "choices": [1], "choices": [2]}}', "'choices' occurs twice"),
        ("[" * 100_000, "space.json: is not JSON"),
    ],
    ids=lambda value: value[:40],
)
def test_what_no_configuration_can_be_given_is_a_sentence(tmp_path, text, problem):
    path = tmp_path / "space.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=problem) as error:
        SearchSpace.from_file(path)
    assert "\n" not in str(error.value) and len(str(error.value)) < 600
    str(error.value).encode("utf-8")


def test_half_a_surrogate_from_the_command_line(tmp_path):
    path = tmp_path / "space.json"
    path.write_text("{}")
    for constant in ("A=\udcff", "\udcff=1", "\udcff"):
        with pytest.raises(ConfigurationError) as error:
            SearchSpace.from_file(path, [constant])
        str(error.value).encode("utf-8")


def test_no_more_runs_than_can_be_listed():
    grid = {"sampling strategy": "grid", "choices": list(range(100))}
    with pytest.raises(ConfigurationError, match="The search has 2 x 1000000 runs, but the maximum is 100000"):
        SearchSpace({"A": grid, "B": grid, "C": grid}).samples(2, 0)
    with pytest.raises(ConfigurationError, match="lower --num-samples"):
        SearchSpace({}).samples(10**12, 0)


@given(st.sampled_from(["uniform", "loguniform", "integer"]), st.floats(1, 9.9e299), st.floats(1, 9.9e299))
def test_sampled_values_are_finite_and_within_the_bounds(strategy, one, other):
    low, high = sorted({math.floor(one), math.floor(other), 10**300 - 10**290})[:2]
    for sample in SearchSpace({"A": {"sampling strategy": strategy, "bounds": [low, high]}}).samples(3, 0):
        assert low * (1 - 1e-9) <= sample["A"] <= high * (1 + 1e-9)
