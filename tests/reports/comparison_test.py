import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.bootstrap import Difference
from attention_vat.interpret.evaluation import compare_evaluations
from attention_vat.reports.comparison import compare_with_first, headings, holm_adjusted
from tests.interpret.made_up import evaluation, sentence
from tests.reports.made_up import three_models


def test_every_other_model_against_the_first_one():
    results = three_models(12)
    first, second, third = results.values()
    found = compare_with_first(results)
    assert found == {"<iVAT>": compare_evaluations(first, second), "third": compare_evaluations(first, third)}
    assert found["<iVAT>"] != found["third"]
    assert compare_with_first({"plain": first}) == {}


def test_the_comparisons_of_a_measure_are_a_family():
    def difference(p_value):
        return Difference(0.1, 0.0, 0.2, p_value)

    comparisons = {
        "a": {"f1": difference(0.01), "pearson": difference(0.5)},
        "b": {"f1": difference(0.04), "pearson": difference(None)},
        "c": {"f1": difference(0.03)},
    }
    adjusted = holm_adjusted(comparisons)
    assert [adjusted[name]["f1"].p_value for name in "abc"] == pytest.approx([0.03, 0.06, 0.06])
    assert (adjusted["a"]["pearson"].p_value, adjusted["b"]["pearson"].p_value) == (0.5, None)
    assert list(adjusted["c"]) == ["f1"]
    assert adjusted["b"]["f1"][:3] == (0.1, 0.0, 0.2)
    assert comparisons["a"]["f1"].p_value == 0.01
    assert holm_adjusted({"a": comparisons["a"]}) == {"a": comparisons["a"]}


def test_headings():
    assert headings({"a": None}) == {}
    assert headings({"a": None, "b": None}) == {"b": None}
    assert headings({"a": None, "b": None, "c": None}) == {"b": "b − a", "c": "c − a"}


def test_other_sentences_are_refused():
    same = evaluation([sentence(id="a", scores={"pearson": 0.5})])
    other = evaluation([sentence(id="b", scores={"pearson": 0.5})])
    with pytest.raises(ConfigurationError, match="only on the same sentences"):
        compare_with_first({"a": same, "b": same, "c": other})
