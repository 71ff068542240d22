"""Tables of an experiment, a row for each model."""

import itertools
from collections import Counter
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from attention_vat.reports.numbers import number, p_value
from attention_vat.reproduction.entries import Contrast, Entry, best_entries
from attention_vat.reproduction.names import UNLABELED_MARK, corpus_name, measure_name
from attention_vat.reproduction.published import source
from attention_vat.reproduction.significance import smallest_p

LEVEL = 0.05
# A table with more columns has the models side by side instead, if they are fewer.
WIDE = 10
# The paper gives these in percent.
PERCENT = ("f1", "accuracy", "macro_f1", "micro_f1")


class Text(NamedTuple):
    """A cell of a table."""

    text: str
    bold: bool = False


class Table(NamedTuple):
    """
    # Parameters

    title : `str`
    header : `List[str]`
    rows : `List[List[Text]]`
    notes : `List[str]`
        Sentences below the table.
    """

    title: str
    header: List[str]
    rows: List[List[Text]]
    notes: List[str]


def results_table(entries: Sequence[Entry], contrasts: Sequence[Contrast], title: str) -> Table:
    """
    Mean ± standard deviation of each model, the best in bold, marked where it differs from vanilla, with the paper's
    number. A row for each model, or for each measure where these are many.

    # Parameters

    entries : `Sequence[Entry]`
    contrasts : `Sequence[Contrast]`
        Against vanilla.
    title : `str`
    """
    found = {(entry.row, entry.column, entry.measure): entry for entry in entries}
    marks = {id(contrast.entry): _mark(contrast) for contrast in contrasts}
    best = {id(entry) for entry in best_entries(entries)}
    columns = list(dict.fromkeys((entry.column, entry.measure) for entry in entries))
    with_paper = {(e.column, e.measure) for e in entries if e.paper is not None}
    searched: Dict[str, List[str]] = {}
    for one in entries:
        if one.epsilon is not None:
            searched.setdefault(one.column, []).append(one.cell.strength)

    header, rows = ["model"], []
    for column in dict.fromkeys(column for column, _ in columns):
        header += [f"{corpus_name(column)} {' or '.join(sorted(set(searched[column])))}"] if column in searched else []
        for measure in [measure for other, measure in columns if other == column]:
            header += [f"{corpus_name(column)} {measure_name(measure, column)}"]
            header += ["paper"] if (column, measure) in with_paper else []
    for row in dict.fromkeys(entry.row for entry in entries):
        cells = [Text(row)]
        for column in dict.fromkeys(column for column, _ in columns):
            of_column = [found.get((row, column, measure)) for other, measure in columns if other == column]
            if column in searched:
                epsilon = next((entry.epsilon for entry in of_column if entry is not None), None)
                cells.append(Text("" if epsilon is None else f"{epsilon:g}"))
            for entry, measure in zip(of_column, [measure for other, measure in columns if other == column]):
                text = "" if entry is None else _number(entry) + marks.get(id(entry), "")
                cells.append(Text(text, id(entry) in best))
                if (column, measure) in with_paper:
                    cells.append(Text("" if entry is None else _scaled(entry.paper, entry.metric)))
        rows.append(cells)
    if len(header) > max(WIDE, len(rows)):
        header, rows = _turned(header, rows)
    return Table(title, header, rows, _notes(entries, contrasts))


def _turned(header: List[str], rows: List[List[Text]]) -> Tuple[List[str], List[List[Text]]]:
    columns = list(zip(*rows))
    turned = [[Text(name), *cells] for name, cells in zip(header[1:], columns[1:])]
    return ["", *(cell.text for cell in columns[0])], turned


def contrasts_table(contrasts: Sequence[Contrast], title: str) -> Table:
    """The tests behind the marks, a row each."""
    header = ["corpus", "measure", "model", "against", "difference"]
    header += ["p, sentences", "p, seeds", "adjusted, sentences", "adjusted, both"]
    rows = []
    for contrast in contrasts:
        entry, comparison = contrast.entry, contrast.comparison
        cells = [corpus_name(entry.column), measure_name(entry.measure, entry.column), entry.row, contrast.other.row]
        cells += [_scaled(comparison.difference, entry.metric, sign=True)]
        p_values = (comparison.p_sentences, comparison.p_seeds, contrast.adjusted_sentences, contrast.adjusted)
        rows.append([Text(cell) for cell in [*cells, *map(p_value, p_values)]])
    notes = [
        "Two-sided p-values by approximate randomisation, over sentences (the outputs of all seeds for a sentence are "
        "exchanged together) and over seeds (the runs are distributed anew); adjusted by Holm's method over the models "
        "of a corpus and measure. Both: the larger one of the two."
    ]
    return Table(title, header, rows, notes + _common(contrasts) + _power(contrasts))


def _mark(contrast: Contrast) -> str:
    if contrast.adjusted is not None and contrast.adjusted <= LEVEL:
        return " *"
    return " °" if contrast.adjusted_sentences is not None and contrast.adjusted_sentences <= LEVEL else ""


def _number(entry: Entry) -> str:
    if entry.mean is None:
        return "–"
    text = _scaled(entry.mean, entry.metric)
    text += "" if entry.std is None else f" ± {_scaled(entry.std, entry.metric)}"
    missing = len(entry.cell.part.seeds) - len(entry.values)
    return text + (f" ({len(entry.values)} of {len(entry.cell.part.seeds)})" if missing else "")


def _scaled(value: Optional[float], metric: str, sign: bool = False) -> str:
    if value is None:
        return ""
    if metric in PERCENT:
        return f"{100 * value:{'+' if sign else ''}.2f}".replace("-", "−")
    return number(value, sign)


def _notes(entries: Sequence[Entry], contrasts: Sequence[Contrast]) -> List[str]:
    seeds = sorted({seed for entry in entries for seed in entry.cell.part.seeds})
    notes = [f"Mean ± standard deviation over the seeds {', '.join(map(str, seeds))}; the best mean in bold."]
    known = {entry.measure for entry in entries if entry.values}
    if not known or any(len(e.values) < len(e.cell.part.seeds) for e in entries if e.measure in known):
        notes.append("Not everything is finished or defined: (n of m) says for how many seeds there is a number.")
    unknown = [measure for measure in dict.fromkeys(entry.measure for entry in entries) if measure not in known]
    if known and unknown:
        notes.append(f"Not computed: {', '.join(unknown)}; `evaluation` in the experiment says what is.")
    if contrasts:
        notes.append(
            "* differs from vanilla, for other sentences and other seeds; ° for other sentences, while other seeds may "
            "differ otherwise (p ≤ .05 by approximate randomisation, adjusted by Holm's method)."
        )
        notes += _common(contrasts) + _power(contrasts)
    if any(UNLABELED_MARK in entry.row for entry in entries):
        notes.append(f"{UNLABELED_MARK} with unlabelled sentences{_amounts(entries)}.")
    if any(entry.paper is not None for entry in entries):
        notes.append(f"paper: {source()}.")
    return notes


def _amounts(entries: Sequence[Entry]) -> str:
    amounts: Dict[str, set] = {}
    for entry in entries:
        if entry.cell.unlabeled is not None:
            amounts.setdefault(corpus_name(entry.column), set()).add(entry.cell.unlabeled.count)
    parts = [f"{name} {', '.join(f'{count:,}' for count in sorted(counts))}" for name, counts in amounts.items()]
    return f" ({'; '.join(parts)})" if parts else ""


def _common(contrasts: Sequence[Contrast]) -> List[str]:
    if all(set(side.values) == set(contrast.seeds) for contrast in contrasts for side in contrast[:2]):
        return []
    return ["Models that do not have the same seeds are compared by those that both have."]


def _power(contrasts: Sequence[Contrast]) -> List[str]:
    """Whether there are enough seeds for any difference to be called significant."""
    seeds = min(len(contrast.seeds) for contrast in contrasts)
    tests = max(Counter((contrast.entry.column, contrast.entry.measure) for contrast in contrasts).values())
    if tests * smallest_p(seeds) <= LEVEL:
        return []
    enough = next(number for number in itertools.count(seeds) if tests * smallest_p(number) <= LEVEL)
    return [
        f"With {seeds} seeds and {tests} comparisons none can be significant for other seeds; it takes {enough} seeds."
    ]
