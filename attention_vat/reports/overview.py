"""The head of the report: numbers with their intervals."""

from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence

from attention_vat.interpret.bootstrap import Difference, Estimate
from attention_vat.interpret.measures import description_of, in_order
from attention_vat.interpret.results import AttentionEvaluation
from attention_vat.plots import inline, intervals
from attention_vat.reports.comparison import Comparisons, headings

# The numbers at the top; the others are in the table below them.
HEADLINES = (
    "pearson",
    "kendall_attention_constant",
    "f1",
    "macro_f1",
    "auprc",
    "comprehensiveness_aopc",
    "kendall_leave_one_out",
    "permutation_difference",
    "adversarial_jsd",
)
_NOTHING = Estimate(None, None, None, None, 0, 0)
_NO_DIFFERENCE = Difference(None, None, None, None)
_BRACKETS = "95% intervals in brackets"


class Row(NamedTuple):
    """
    # Parameters

    title, explanation : `str`
        The measure's title and explanation.
    estimates : `Sequence[Estimate]`
        A number for each model.
    differences : `Sequence[Difference]`
        The difference of each other model from the first one.
    chart : `str`
        Markup.
    """

    title: str
    explanation: str
    estimates: Sequence[Estimate]
    differences: Sequence[Difference] = ()
    chart: str = ""


class Groups(NamedTuple):
    """
    # Parameters

    brackets : `str`
        The meaning of the brackets, and other remarks.
    heads : `List[str]`
        The headings of the columns with numbers.
    rows : `Dict[str, List[Row]]`
        By group.
    """

    brackets: str
    heads: List[str]
    rows: Dict[str, List[Row]]


def tiles(results: Dict[str, AttentionEvaluation], differences: Comparisons) -> List[Row]:
    """The most important numbers, each with a chart of its intervals."""
    rows = []
    for name in HEADLINES:
        if any(name in result.metrics for result in results.values()):
            row = _row(name, [result.metrics for result in results.values()], differences)
            bounds = [(estimate.low, estimate.high) for estimate in row.estimates]
            values = [estimate.value for estimate in row.estimates]
            chart = intervals(row.title, values, bounds, description_of(name).scale)
            rows.append(row._replace(chart=inline(chart)))
    return rows


def all_numbers(results: Dict[str, AttentionEvaluation], differences: Comparisons) -> Groups:
    """All numbers, measure by measure, with their differences."""
    metrics, groups = [result.metrics for result in results.values()], Groups(_BRACKETS, [*results], {})
    for name in _names(metrics):
        groups.rows.setdefault(description_of(name).group, []).append(_row(name, metrics, differences))
    for heading in headings(results).values():
        groups.heads.extend([heading or "Difference", "p (Holm)" if heading else "p"])
    if len(differences) < 2:
        return groups
    adjusted = f"p-values of each measure adjusted for {len(differences)} comparisons by Holm's method"
    return groups._replace(brackets=f"{_BRACKETS}, {adjusted}")


def numbers_by_class(results: Dict[str, AttentionEvaluation]) -> Optional[Groups]:
    """The numbers over the sentences of each predicted class, if there are any."""
    groups = Groups(_BRACKETS, [*results], {})
    for label in _names(result.by_prediction for result in results.values()):
        metrics = [result.by_prediction.get(label, {}) for result in results.values()]
        groups.rows[f"Predicted {label}"] = [_row(name, metrics, {}) for name in _names(metrics)]
    return groups if groups.rows else None


def _names(dictionaries: Iterable[Dict[str, Any]]) -> List[str]:
    return in_order(name for dictionary in dictionaries for name in dictionary)


def _row(name: str, metrics: Sequence[Dict[str, Estimate]], differences: Comparisons) -> Row:
    title, explanation = description_of(name)[:2]
    estimates = [some.get(name, _NOTHING) for some in metrics]
    return Row(title, explanation, estimates, [some.get(name, _NO_DIFFERENCE) for some in differences.values()])
