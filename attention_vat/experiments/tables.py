"""Tables of an experiment in Markdown, LaTeX, HTML and CSV."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Callable, Dict, List, NamedTuple, Sequence, Tuple

from attention_vat.common.templates import render
from attention_vat.common.written_numbers import number, p_value
from attention_vat.experiments.names import UNLABELED_MARK, corpus_name, measure_name
from attention_vat.experiments.published import source
from attention_vat.experiments.statistics import smallest_p
from attention_vat.experiments.summary import FAMILY, best_of
from attention_vat.plots import COLORS
from attention_vat.reports.table import format_table

if TYPE_CHECKING:
    import pandas


LEVEL = 0.05
# A table with more columns is transposed if it has fewer models than columns.
WIDE = 10
# The paper gives these in percent.
PERCENT = ("f1", "accuracy", "macro_f1", "micro_f1")
SHEET = ["setting", "model", "technique", "measure", "mean", "std", "seeds", "epsilon", "paper"]
TESTS = ["other", "difference", "p_sentences", "p_seeds", "adjusted_sentences", "adjusted"]
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: "\\" + character for character in "&%$#_{}"},
    "±": r"$\pm$",
    "≤": r"$\le$",
    "°": r"$^\circ$",
    "†": r"$^\dagger$",
    "ε": r"$\varepsilon$",
    "τ": r"$\tau$",
    "−": "$-$",
    "–": "--",
    "<": "$<$",
}


class Bold(str):
    """A cell in bold."""


class Table(NamedTuple):
    """
    # Parameters

    title : `str`
    cells : `pandas.DataFrame`
        The texts; the index names the rows.
    notes : `List[str]`
        Sentences below the table.
    corner : `str`
        The heading above the names of the rows.
    """

    title: str
    cells: pandas.DataFrame
    notes: List[str]
    corner: str

    @property
    def header(self) -> List[str]:
        return [self.corner, *self.cells.columns]

    def rows(self) -> List[List[Tuple[str, bool]]]:
        """Returns the texts of all cells, and whether they are bold."""
        rows = [[name, *cells] for name, cells in zip(self.cells.index, self.cells.to_numpy())]
        return [[(cell, bool(cell) and isinstance(cell, Bold)) for cell in row] for row in rows]

    def written(self, write: Callable[[str], str], bold: str) -> List[List[str]]:
        """Formats each text with `write`, and bold ones also with the template `bold`."""
        return [[bold.format(write(cell)) if thick else write(cell) for cell, thick in row] for row in self.rows()]


def results_table(rows: pandas.DataFrame, tests: pandas.DataFrame, title: str) -> Table:
    """
    Shows the mean ± standard deviation of each model, with the best in bold, a mark where it differs from vanilla, and
    the paper's number. Each row is a model, or a measure if there are many columns.

    # Parameters

    rows : `pandas.DataFrame`
        From `summary`.
    tests : `pandas.DataFrame`
        From `against_baseline`.
    title : `str`
    """
    import pandas

    marks, best = {test.Index: _mark(test) for test in tests.itertuples()}, best_of(rows)
    columns: List[Tuple[str, Dict[str, str]]] = []
    for setting, of_setting in rows.groupby("setting", sort=False):
        searched = of_setting[of_setting.epsilon.notna()]
        if len(searched):
            symbols = " or ".join(sorted(set(searched.symbol)))
            texts = {row.model: f"{row.epsilon:g}" for row in searched.itertuples()}
            columns.append((f"{corpus_name(setting)} {symbols}", texts))
        for name, group in of_setting.groupby("name", sort=False):
            texts = {row.model: _number(row) + marks.get(row.Index, "") for row in group.itertuples()}
            texts.update({row.model: Bold(texts[row.model]) for row in group[best[group.index]].itertuples()})
            columns.append((f"{corpus_name(setting)} {measure_name(name, setting)}", texts))
            if group.paper.notna().any():
                columns.append(("paper", {row.model: scaled(row.paper, row.measure) for row in group.itertuples()}))
    models = [*dict.fromkeys(rows.model)]
    texts_of = [[texts.get(model, "") for _, texts in columns] for model in models]
    cells = pandas.DataFrame(texts_of, index=models, columns=[heading for heading, _ in columns], dtype=object)
    turned = len(columns) + 1 > max(WIDE, len(models))
    return Table(title, cells.T if turned else cells, _notes(rows, tests), "" if turned else "model")


def contrasts_table(tests: pandas.DataFrame, title: str) -> Table:
    """Shows the tests behind the marks, one per row."""
    import pandas

    columns = ["measure", "model", "against", "difference"]
    columns += ["p, sentences", "p, seeds", "adjusted, sentences", "adjusted, both"]
    texts = []
    for test in tests.itertuples():
        cells = [measure_name(test.name, test.setting), test.model, test.other]
        cells += [scaled(test.difference, test.measure, sign=True)]
        p_values = (test.p_sentences, test.p_seeds, test.adjusted_sentences, test.adjusted)
        texts.append([*cells, *(p_value(None if pandas.isna(p) else p) for p in p_values)])
    notes = [
        "Two-sided p-values by approximate randomisation, over sentences (the outputs of all seeds for a sentence are "
        "exchanged together) and over seeds (the runs are distributed at random); adjusted by Holm's method over the "
        "models of a corpus and measure. Both: the larger one of the two."
    ]
    cells = pandas.DataFrame(texts, index=[*map(corpus_name, tests.setting)], columns=columns, dtype=object)
    return Table(title, cells, notes + _common(tests) + _power(tests), "corpus")


def effects_table(found: pandas.DataFrame, title: str) -> Table:
    """Shows the result of `effects`, one effect per row."""
    import pandas

    columns = ["measure", "model", "seeds", "difference", "95%, seeds", "95%, seeds and sentences"]
    columns += ["g", "p", "adjusted", "detectable"]
    texts = []
    for row in found.itertuples():
        low_high = [
            "" if pandas.isna(low) else f"[{scaled(low, row.measure)}, {scaled(high, row.measure)}]"
            for low, high in ((row.low, row.high), (row.low_both, row.high_both))
        ]
        cells = [measure_name(row.measure, row.setting), row.model, str(row.seeds)]
        cells += [scaled(row.difference, row.measure, sign=True), *low_high]
        cells += ["" if pandas.isna(row.hedges_g) else f"{row.hedges_g:.2f}".replace("-", "−")]
        cells += ["" if pandas.isna(p) else p_value(p) for p in (row.p_value, row.adjusted)]
        texts.append([*cells, scaled(row.detectable, row.measure)])
    notes = [
        "Difference: the mean over the seeds that both have, less that of vanilla. Runs with the same seed are pairs: "
        "intervals and two-sided p-values are those of the paired t-test over seeds; adjusted by Holm's method over "
        "the models of a corpus and measure. Seeds and sentences: by the bootstrap over both, where there are values "
        "of sentences. g: Hedges' g, in standard deviations between seeds. Detectable: the smallest true difference "
        "that this number of seeds with this spread finds with a probability of 80% (p ≤ .05, a single comparison)."
    ]
    cells = pandas.DataFrame(texts, index=[*map(corpus_name, found.setting)], columns=columns, dtype=object)
    return Table(title, cells, notes, "corpus")


def spreadsheet(rows: pandas.DataFrame, baseline: pandas.DataFrame, rival: pandas.DataFrame) -> str:
    """Returns CSV with one line per number, unrounded."""
    sheet = rows[SHEET].rename(columns={"setting": "corpus"})
    sheet["values"] = [" ".join(map(repr, values.values())) for values in rows.by_seed]
    for name, tests in (("vanilla", baseline), ("rival", rival)):
        names = {"other": "model", **{column: column for column in TESTS[1:]}}
        sheet = sheet.join(tests[TESTS].rename(columns={old: f"{name}_{new}" for old, new in names.items()}))
    return sheet.to_csv(index=False)


def markdown(table: Table) -> str:
    """Returns the table in Markdown."""
    body = format_table(table.header, table.written(_markdown, "**{}**"), markdown=True)
    parts = [f"## {_markdown(_line(table.title))}", body, *map(_markdown, table.notes)]
    return "\n\n".join(parts) + "\n"


def latex(table: Table) -> str:
    """Returns the table in LaTeX, for the package booktabs."""
    lines = [f"% {_line(table.title)}", r"\begin{tabular}{l" + "r" * (len(table.header) - 1) + "}", r"\toprule"]
    rows = [[_latex(cell) for cell in table.header], *table.written(_latex, r"\textbf{{{}}}")]
    body = [" & ".join(row) + r" \\" for row in rows]
    lines += [body[0], r"\midrule", *body[1:], r"\bottomrule", r"\end{tabular}", *(f"% {n}" for n in table.notes)]
    return "\n".join(lines) + "\n"


def html(title: str, tables: Sequence[Table], figures: Sequence[str] = ()) -> str:
    """Returns a page with the tables, and with figures, given by their file names, after the first table."""
    template = "reports/templates/tables.html.jinja"
    return render(template, colors=COLORS, title=title, tables=tables, figures=figures)


def scaled(value: float, measure: str, sign: bool = False) -> str:
    """
    # Examples

        scaled(0.8123, "f1")  # "81.23"
    """
    import pandas

    if pandas.isna(value):
        return ""
    if measure in PERCENT:
        return f"{100 * value:{'+' if sign else ''}.2f}".replace("-", "−")
    return number(value, sign)


def is_nothing(difference: float, measure: str) -> bool:
    """Whether a table shows the difference as zero."""
    return float(scaled(difference, measure).replace("−", "-")) == 0


def _mark(test: Any) -> str:
    if is_nothing(test.difference, test.measure):
        return ""
    if test.adjusted <= LEVEL:
        return " *"
    return " °" if test.adjusted_sentences <= LEVEL else ""


def _number(row: Any) -> str:
    import pandas

    if not row.seeds:
        return "–"
    text = scaled(row.mean, row.measure)
    text += "" if pandas.isna(row.std) else f" ± {scaled(row.std, row.measure)}"
    return text + (f" ({row.seeds} of {len(row.wanted)})" if row.seeds < len(row.wanted) else "")


def _notes(rows: pandas.DataFrame, tests: pandas.DataFrame) -> List[str]:
    seeds = sorted(set().union(*rows.wanted))
    notes = [f"Mean ± standard deviation over the seeds {', '.join(map(str, seeds))}; the best mean in bold."]
    known = rows[rows.name.isin(rows.name[rows.seeds > 0])]
    if not len(known) or (known.seeds < known.wanted.map(len)).any():
        notes.append("Not everything is finished or defined: (n of m) says for how many seeds there is a number.")
    unknown = [name for name in dict.fromkeys(rows.name) if name not in set(known.name)]
    if len(known) and unknown:
        notes.append(f"Not computed: {', '.join(unknown)}; `evaluation` in the experiment says what is.")
    if len(tests):
        notes.append(
            "* differs from vanilla, for other sentences and other seeds; ° for other sentences, while other seeds may "
            "differ otherwise (p ≤ .05 by approximate randomisation, adjusted by Holm's method). A difference that is "
            "rounded to zero has no mark."
        )
        notes += _common(tests) + _power(tests)
    if any(UNLABELED_MARK in model for model in rows.model):
        amounts = rows.dropna(subset=["unlabeled"]).groupby("setting", sort=False)["unlabeled"].unique()
        parts = [f"{corpus_name(s)} {', '.join(f'{n:,.0f}' for n in sorted(counts))}" for s, counts in amounts.items()]
        notes.append(f"{UNLABELED_MARK} with unlabelled sentences{' (' + '; '.join(parts) + ')' if parts else ''}.")
    if rows.paper.notna().any():
        notes.append(f"paper: {source()}.")
    return notes


def _common(tests: pandas.DataFrame) -> List[str]:
    if tests.same_seeds.all():
        return []
    return ["Models that do not have the same seeds are compared by those that both have."]


def _power(tests: pandas.DataFrame) -> List[str]:
    """Notes if there are too few seeds for any difference to be significant."""
    seeds, count = tests.shared.min(), tests.groupby(FAMILY).size().max()
    if count * smallest_p(seeds) <= LEVEL:
        return []
    enough = next(number for number in itertools.count(seeds) if count * smallest_p(number) <= LEVEL)
    return [
        f"With {seeds} seeds and {count} comparisons none can be significant for other seeds; it takes {enough} seeds."
    ]


def _line(title: str) -> str:
    return " ".join(title.split())


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)


def _markdown(text: str) -> str:
    return text.replace("*", r"\*")
