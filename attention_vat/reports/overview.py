"""The head of the report: numbers with their intervals, and how they are computed."""

from typing import Any, Dict, Iterable, List, Optional, Sequence

from attention_vat.interpret.bootstrap import Difference, Estimate
from attention_vat.interpret.measures import description_of, in_order
from attention_vat.interpret.results import AttentionEvaluation
from attention_vat.reports import charts
from attention_vat.reports.comparison import Comparisons, headings
from attention_vat.reports.markup import escape
from attention_vat.reports.notes import notes_of
from attention_vat.reports.numbers import interval, number, p_value

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


def models_list(results: Dict[str, AttentionEvaluation]) -> str:
    """The names of several models with their signs."""
    if len(results) == 1:
        return ""
    names = [f"<li>{charts.legend_mark(i)} {escape(name)}</li>" for i, name in enumerate(results)]
    return f'<ul class="models" aria-label="Models">{"".join(names)}</ul>'


def tiles(results: Dict[str, AttentionEvaluation], differences: Comparisons) -> str:
    """The most important numbers, a box each."""
    names = [name for name in HEADLINES if any(name in result.metrics for result in results.values())]
    return "".join(_tile(name, results, differences) for name in names)


def _tile(name: str, results: Dict[str, AttentionEvaluation], differences: Comparisons) -> str:
    description = description_of(name)
    estimates = [result.metrics.get(name, _NOTHING) for result in results.values()]
    lines = []
    for index, (model, estimate) in enumerate(zip(results, estimates)):
        who = f'<span class="who">{charts.legend_mark(index)}&nbsp;{escape(model)}</span>' if len(results) > 1 else ""
        lines.append(
            f'<p class="value">{who} <strong>{number(estimate.value)}</strong> '
            f'<span class="interval-text">{interval(estimate.low, estimate.high)}</span></p>'
        )
    chart = charts.intervals(
        [estimate.value for estimate in estimates], [(e.low, e.high) for e in estimates], description.scale
    )
    return (
        f'<article class="tile"><h3>{escape(description.title)}</h3><div>{"".join(lines)}</div>{chart}'
        f'{_difference_lines(name, differences)}<p class="explain">{escape(description.explanation)}</p></article>'
    )


def _difference_lines(name: str, differences: Comparisons) -> str:
    if len(differences) < 2:
        return _difference_line(next((some.get(name) for some in differences.values()), None))
    lines = [
        _difference_line(some.get(name), f"{model}: difference", "p (Holm)") for model, some in differences.items()
    ]
    return f"<div>{''.join(lines)}</div>"


def _difference_line(difference: Optional[Difference], what: str = "Difference", p_name: str = "p") -> str:
    if difference is None or difference.value is None:
        return '<p class="difference"></p>'
    p = p_value(difference.p_value)
    return (
        f'<p class="difference">{escape(what)} <strong>{number(difference.value, sign=True)}</strong> '
        f'<span class="nowrap">{interval(difference.low, difference.high)},</span> '
        f'<span class="nowrap">{p_name} {escape(p if p.startswith("<") else "= " + p)}</span></p>'
    )


def numbers_table(results: Dict[str, AttentionEvaluation], differences: Comparisons) -> str:
    """All numbers, measure by measure, with their differences."""
    groups: Dict[str, List[str]] = {}
    for name in _names(result.metrics for result in results.values()):
        metrics = [result.metrics.get(name, _NOTHING) for result in results.values()]
        some = [of_model.get(name, _NO_DIFFERENCE) for of_model in differences.values()]
        groups.setdefault(description_of(name).group, []).append(_row(name, metrics, some))
    heads, brackets = list(results), "95% intervals in brackets"
    for heading in headings(results).values():
        heads += [heading or "Difference", "p (Holm)" if heading else "p"]
    if len(differences) > 1:
        brackets += f", p-values of each measure adjusted for {len(differences)} comparisons by Holm's method"
    return _table("All numbers", brackets, heads, groups)


def class_table(results: Dict[str, AttentionEvaluation]) -> str:
    """The numbers over the sentences of each predicted class, or nothing."""
    groups: Dict[str, List[str]] = {}
    for label in _names(result.by_prediction for result in results.values()):
        metrics = [result.by_prediction.get(label, {}) for result in results.values()]
        groups[f"Predicted {label}"] = [_row(n, [m.get(n, _NOTHING) for m in metrics], []) for n in _names(metrics)]
    if not groups:
        return ""
    table = _table("Numbers by predicted class", "95% intervals in brackets", list(results), groups)
    return f'<details class="all-numbers"><summary>Numbers by predicted class</summary>{table}</details>'


def _names(dictionaries: Iterable[Dict[str, Any]]) -> List[str]:
    return in_order(name for dictionary in dictionaries for name in dictionary)


def _table(name: str, brackets: str, heads: List[str], groups: Dict[str, List[str]]) -> str:
    columns = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    bodies = []
    for group, rows in groups.items():
        title = f'<tr><th class="group" colspan="{len(heads) + 1}" scope="rowgroup">{escape(group)}</th></tr>'
        bodies.append(f"<tbody>{title}{''.join(rows)}</tbody>")
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{name}"><table><caption>{name}, with {brackets}'
        f'</caption><thead><tr><th scope="col">Measure</th>{columns}</tr></thead>{"".join(bodies)}</table></div>'
    )


def _row(name: str, estimates: Sequence[Estimate], differences: Sequence[Difference]) -> str:
    description = description_of(name)
    cells = [_cell(estimate) for estimate in estimates]
    for difference in differences:
        small = interval(difference.low, difference.high)
        cells.append(f"<td>{number(difference.value, sign=True)} <small>{small}</small></td>")
        cells.append(f"<td>{escape(p_value(difference.p_value))}</td>")
    head = f'<th scope="row">{escape(description.title)}<small>{escape(description.explanation)}</small></th>'
    return f"<tr>{head}{''.join(cells)}</tr>"


def _cell(estimate: Estimate) -> str:
    small = [interval(estimate.low, estimate.high)]
    if estimate.std is not None:
        small.append(f"std {number(estimate.std)}")
    if estimate.undefined:
        small.append(f"{estimate.undefined:,} undefined")
    return f"<td>{number(estimate.value)} <small>{', '.join(part for part in small if part)}</small></td>"


def notes_list(evaluation: AttentionEvaluation) -> str:
    """How the numbers are computed, a point each."""
    return "".join(f"<li>{escape(note)}</li>" for note in notes_of(evaluation.settings, evaluation.positive_label))
