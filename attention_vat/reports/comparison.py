"""Comparisons of several models with the first one."""

from typing import Dict, Optional

from attention_vat.interpret.bootstrap import Difference
from attention_vat.interpret.evaluation import compare_evaluations
from attention_vat.interpret.holm import holm
from attention_vat.interpret.results import AttentionEvaluation

Comparisons = Dict[str, Dict[str, Difference]]


def compare_with_first(results: Dict[str, AttentionEvaluation]) -> Comparisons:
    """
    Compares every other model with the first one, in pairs over the same sentences.

    # Parameters

    results : `Dict[str, AttentionEvaluation]`
        By the name of the model.

    # Returns

    comparisons : `Dict[str, Dict[str, Difference]]`
        By the name of the other model and of the measure; empty for one model.

    Raises `ConfigurationError` if the sentences are not the same.
    """
    (_, first), *others = results.items()
    return {name: compare_evaluations(first, other) for name, other in others}


def holm_adjusted(comparisons: Comparisons) -> Comparisons:
    """
    Adjusts the p-values for the number of comparisons. The comparisons of one measure are a family (Holm 1979). A
    single comparison is not changed.

    # Parameters

    comparisons : `Dict[str, Dict[str, Difference]]`
        The result of `compare_with_first`.
    """
    result: Comparisons = {name: {} for name in comparisons}
    for measure in dict.fromkeys(measure for differences in comparisons.values() for measure in differences):
        family = {name: some[measure] for name, some in comparisons.items() if measure in some}
        p_values = holm([difference.p_value for difference in family.values()])
        for (name, difference), p_value in zip(family.items(), p_values):
            result[name][measure] = difference._replace(p_value=p_value)
    return result


def headings(results: Dict[str, AttentionEvaluation]) -> Dict[str, Optional[str]]:
    """
    The headings of the columns of differences, by the name of the other model. `None` means that "difference" is
    enough.

    # Parameters

    results : `Dict[str, AttentionEvaluation]`
        By the name of the model.

    # Examples

        headings({"plain": a, "vat": b, "ivat": c})  # {"vat": "vat − plain", "ivat": "ivat − plain"}
    """
    first, *others = results
    return {name: None if len(others) == 1 else f"{name} − {first}" for name in others}
