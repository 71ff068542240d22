"""Small tables for the terminal and for Markdown."""

from typing import Dict, List, Optional, Sequence

from attention_vat.common.written_numbers import interval, number, p_value
from attention_vat.interpret.bootstrap import Estimate
from attention_vat.interpret.measures import description_of, in_order
from attention_vat.interpret.results import AttentionEvaluation
from attention_vat.reports.comparison import compare_with_first, headings, holm_adjusted


def format_table(header: Sequence[str], rows: Sequence[Sequence[str]], markdown: bool = False) -> str:
    """
    A table in plain text, or in Markdown, which stays readable as text. The first column is left-aligned, the others
    right-aligned.

    # Parameters

    header : `Sequence[str]`
    rows : `Sequence[Sequence[str]]`
        Each has as many cells as the header.
    markdown : `bool`, optional (default = `False`)

    # Examples

        print(format_table(["model", "F1"], [["vanilla", "0.793"], ["Attention iVAT", "0.832"]]))
    """
    if markdown:
        header = [_escaped(cell) for cell in header]
        rows = [[_escaped(cell) for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(header, *rows)]

    def line(cells: Sequence[str]) -> str:
        padded = [cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(cells, widths))]
        return f"| {' | '.join(padded)} |" if markdown else "  ".join(padded).rstrip()

    rule = [width * "-" for width in widths]
    if markdown:
        rule = [dashes[:-1] + ":" if i else dashes for i, dashes in enumerate(rule)]
    return "\n".join(line(cells) for cells in [header, rule, *rows])


def metrics_table(
    results: Dict[str, AttentionEvaluation],
    names: Optional[Sequence[str]] = None,
    markdown: bool = False,
) -> str:
    """
    The numbers of one or more models, one column each, with the difference of every other model from the first one and
    its p-value, adjusted with Holm's method if there are several.

    # Parameters

    results : `Dict[str, AttentionEvaluation]`
        By the name of the model.
    names : `Sequence[str]`, optional (default = all)
        Which numbers to show.
    markdown : `bool`, optional (default = `False`)
    """
    evaluations = list(results.values())
    comparisons = holm_adjusted(compare_with_first(results))
    header = ["", *results]
    for heading in headings(results).values():
        header += [heading or "difference", "p (Holm)" if heading else "p"]
    rows: List[List[str]] = []
    for name in names or in_order(evaluations[0].metrics):
        cells = [description_of(name).title]
        cells += [_cell(evaluation.metrics.get(name)) for evaluation in evaluations]
        for differences in comparisons.values():
            difference = differences.get(name)
            cells += [number(difference.value, sign=True), p_value(difference.p_value)] if difference else ["", ""]
        rows.append(cells)
    return format_table(header, rows, markdown)


def _cell(estimate: Optional[Estimate]) -> str:
    if estimate is None or estimate.value is None:
        return "–"
    return f"{number(estimate.value)} {interval(estimate.low, estimate.high)}"


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")
