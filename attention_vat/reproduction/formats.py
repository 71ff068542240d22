"""Tables as Markdown, LaTeX, HTML and for spreadsheets."""

import csv
import io
from typing import Any, Dict, Sequence

from attention_vat.reports.markup import escape
from attention_vat.reports.table import format_table
from attention_vat.reproduction.entries import Contrast, Entry
from attention_vat.reproduction.tables import Table, Text

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


def markdown(table: Table) -> str:
    rows = [
        [f"**{_markdown(text)}**" if bold and text else _markdown(text) for text, bold in row] for row in table.rows
    ]
    notes = [_markdown(note) for note in table.notes]
    parts = [f"## {_markdown(_line(table.title))}", format_table(table.header, rows, markdown=True), *notes]
    return "\n\n".join(parts) + "\n"


def latex(table: Table) -> str:
    """For the package booktabs."""
    lines = [f"% {_line(table.title)}", r"\begin{tabular}{l" + "r" * (len(table.header) - 1) + "}", r"\toprule"]
    lines += [" & ".join(_latex(cell) for cell in table.header) + r" \\", r"\midrule"]
    for row in table.rows:
        cells = [rf"\textbf{{{_latex(cell.text)}}}" if cell.bold and cell.text else _latex(cell.text) for cell in row]
        lines.append(" & ".join(cells) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}", *(f"% {note}" for note in table.notes)]
    return "\n".join(lines) + "\n"


def html(table: Table) -> str:
    def line(cells: Sequence[Text], tag: str) -> str:
        inner = [f"<b>{escape(cell.text)}</b>" if cell.bold else escape(cell.text) for cell in cells]
        return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in inner) + "</tr>"

    head, body = line([Text(cell) for cell in table.header], "th"), "\n".join(line(row, "td") for row in table.rows)
    notes = "\n".join(f"<p>{escape(note)}</p>" for note in table.notes)
    heading = f"<h2>{escape(table.title)}</h2>"
    return (
        f'{heading}\n<div class="wide"><table>\n<thead>{head}</thead>\n<tbody>{body}</tbody>\n</table></div>\n{notes}'
    )


def spreadsheet(entries: Sequence[Entry], baseline: Sequence[Contrast], rival: Sequence[Contrast]) -> str:
    """CSV with a line for each number, nothing rounded."""
    file = io.StringIO()
    tests = {"vanilla": {id(c.entry): c for c in baseline}, "rival": {id(c.entry): c for c in rival}}
    writer = None
    for entry in entries:
        line: Dict[str, Any] = {
            "corpus": entry.column,
            "model": entry.row,
            "technique": entry.cell.technique,
            "measure": entry.metric,
            "mean": entry.mean,
            "std": entry.std,
            "seeds": len(entry.values),
            "epsilon": entry.epsilon,
            "paper": entry.paper,
            "values": " ".join(map(repr, entry.values.values())),
        }
        for name, contrasts in tests.items():
            contrast = contrasts.get(id(entry))
            line[f"{name}_model"] = contrast and contrast.other.row
            line[f"{name}_difference"] = contrast and contrast.comparison.difference
            line[f"{name}_p_sentences"] = contrast and contrast.comparison.p_sentences
            line[f"{name}_p_seeds"] = contrast and contrast.comparison.p_seeds
            line[f"{name}_adjusted_sentences"] = contrast and contrast.adjusted_sentences
            line[f"{name}_adjusted"] = contrast and contrast.adjusted
        if writer is None:
            writer = csv.DictWriter(file, line, lineterminator="\n")
            writer.writeheader()
        writer.writerow(line)
    return file.getvalue()


def _line(title: str) -> str:
    return " ".join(title.split())


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)


def _markdown(text: str) -> str:
    return text.replace("*", r"\*")
