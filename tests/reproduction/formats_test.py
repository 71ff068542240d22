import csv
from pathlib import Path

import pytest

from attention_vat.reproduction import formats
from attention_vat.reproduction.entries import against_baseline, entries_of
from attention_vat.reproduction.formats import html, latex, markdown, spreadsheet
from attention_vat.reproduction.tables import contrasts_table, results_table


def test_marks_and_bold_in_every_format(evaluated):
    entries = entries_of(*evaluated, ["accuracy", "pearson"])
    contrasts = against_baseline(entries)
    table = results_table(entries, contrasts, "Mine & <yours>")
    number = f"{100 * entries[4].mean:.2f} ± {100 * entries[4].std:.2f}"
    assert [cell.text for cell in table.rows[2]] == ["Attention AT", f"{number} *", "0.500 ± 0.000"]
    assert [cell.bold for cell in table.rows[2]][:2] == [False, True]
    assert f"**{number} \\***" in markdown(table)
    assert rf"\textbf{{{number.replace('±', chr(36) + chr(92) + 'pm' + chr(36))} *}}" in latex(table)
    assert latex(table).count(r" \\") == 4
    page = html(table)
    assert "<h2>Mine &amp; &lt;yours&gt;</h2>" in page
    assert f"<b>{number} *</b>" in page
    assert "Mine & <yours>" not in page
    rows = list(csv.DictReader(spreadsheet(entries, contrasts, []).splitlines()))
    assert [float(value) for value in rows[4]["values"].split()] == list(entries[4].values.values())
    assert float(rows[4]["vanilla_adjusted"]) == pytest.approx(4 / 252)
    assert "against" in contrasts_table(contrasts, "T").header


def test_a_title_is_one_line(evaluated):
    entries = entries_of(*evaluated, ["accuracy"])
    table = results_table(entries, [], "One *line*\nand another")
    assert latex(table).startswith("% One *line* and another\n\\begin")
    assert markdown(table).startswith("## One \\*line\\* and another\n")


def test_the_page_runs_nothing_and_shows_no_control_characters(evaluated):
    page = (Path(formats.__file__).parent / "page.html").read_text(encoding="utf-8")
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file: data:\"" in page
    table = results_table(entries_of(*evaluated, ["accuracy"]), [], "\0<T>")
    assert "<h2>\ufffd&lt;T&gt;</h2>" in html(table)
