"""The card of a model, read back from its Markdown."""

import html
import re

import pytest
import torch

import attention_vat
from attention_vat.common.templates import markdown_text
from attention_vat.common.written_numbers import number
from attention_vat.interpret.measures import description_of
from attention_vat.reports.model_card import write_model_card
from tests.reports.made_up import all_measures

ODD = "a_b|c*d*`e`<b>f</b>&amp;[g](h)~~i~~\\|#$1"


def config(**model):
    return {
        "model": {
            "type": "single_sequence_attention",
            "encoder": {"type": "lstm", "hidden_size": 5, "bidirectional": True},
            **model,
        },
        "trainer": {"optimizer": {"type": "adam", "lr": 0.001, "parameter_groups": []}, "num_epochs": 3},
        "random_seed": 7,
    }


@pytest.fixture
def files(tmp_path):
    found = {"train": tmp_path / "train.jsonl", "test": tmp_path / "test.jsonl"}
    for length, path in enumerate(found.values(), start=2):
        path.write_text("{}\n" * length + "\n")
    return found


def rows_of(text, title):
    section = text.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if line[:1] == "|"][2:]


def test_what_a_card_says(tmp_path, files):
    regularizer = {"epsilon": 5.0, "type": "attention_ivat", "weight": 0.0}
    evaluation = all_measures(8)[0]
    evaluation.metrics["accuracy"] = evaluation.metrics["accuracy"]._replace(value=None)
    path = write_model_card(tmp_path, "iVAT", config(regularizers=[regularizer]), files, evaluation, "reviews.csv")
    text = path.read_text(encoding="utf-8")

    assert path == tmp_path / "model_card.md" and text.startswith("# iVAT\n")
    assert rows_of(text, "Data") == [
        ["train", markdown_text(files["train"]), "2"],
        ["test", markdown_text(files["test"]), "3"],
    ]
    assert "Made from reviews.csv." in text
    assert rows_of(text, "Settings") == [
        ["technique", "attention\\_ivat"],
        ["ε", "5.0"],
        ["λ", "0.0"],
        ["encoder", "lstm, hidden\\_size 5, bidirectional True"],
        ["optimizer", "adam, lr 0.001"],
        ["random\\_seed", "7"],
        ["epochs at most", "3"],
    ]
    numbers = {title: value for title, value, _ in rows_of(text, "Numbers")}
    assert f"On 8 sentences of {markdown_text(files['test'])}" in text
    assert numbers[description_of("pearson").title] == number(evaluation.metrics["pearson"].value)
    assert description_of("accuracy").title not in numbers and "–" not in numbers.values() and "None" not in text
    versions = dict(rows_of(text, "Versions"))
    assert versions["torch"] == torch.__version__ and versions["attention\\_vat"] == attention_vat.__version__
    assert not {"cpus", "processor", "system"} & {*versions}


def test_without_an_evaluation_there_are_no_numbers(tmp_path, files):
    text = write_model_card(tmp_path, "plain", config(), files, encoder="minilm").read_text(encoding="utf-8")
    assert "## Numbers" not in text and "Made from" not in text
    assert rows_of(text, "Settings")[:2] == [["technique", "none"], ["encoder", "minilm"]]


def test_values_are_shown_as_they_are(tmp_path, files):
    markdown_it = pytest.importorskip("markdown_it", reason="rich brings another parser on the classic stack")
    path = write_model_card(
        tmp_path, ODD + "\n# x", config(regularizers=[{"type": "x", "note": ODD}]), files, source=ODD
    )
    page = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(path.read_text("utf-8"))
    cells = [html.unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<td.*?</td>", page)]
    assert cells[cells.index("note") + 1] == ODD
    assert f"<h1>{html.escape(ODD + ' # x', quote=False)}</h1>" in page
    assert f"<p>Made from {html.escape(ODD, quote=False)}.</p>" in page


def test_control_characters_are_replaced():
    assert markdown_text("a\x1bb\u0000") == "a\ufffdb\ufffd"
