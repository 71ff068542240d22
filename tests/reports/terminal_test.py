import io

import pytest
from allennlp.common.checks import ConfigurationError
from rich.console import Console

from attention_vat.reports.terminal import coloured, legend, marked, print_prediction, printable, probabilities

PREDICTION = {
    "tokens": ["the", "film", "is", "[bold]charming[/]"],
    "attention": [0.05, 0.1, 0.05, 0.8],
    "label": "1",
    "labels": ["0", "1"],
    "probs": [0.07, 0.93],
}


def printed(prediction, name=None, **options):
    console = Console(file=io.StringIO(), **options)
    print_prediction(console, prediction, name)
    console.print(legend(console))
    return console.file.getvalue()


def test_without_colours():
    shown = printed(PREDICTION)
    assert shown.splitlines() == [
        "1 (0.930)   0 (0.070)",
        "the film is [bold]charming[/](80%)",
        "(n%): share of the attention, where it is at least an even share",
    ]
    # NO_COLOR in a terminal.
    plain = printed(PREDICTION, force_terminal=True, no_color=True, width=80)
    assert "charming[/](80%)" in plain
    assert "\x1b[48" not in plain


def test_names_of_classes():
    shown = printed({**PREDICTION, "label_names": ["negative", "positive\x1b"]})
    assert shown.splitlines()[0] == "positive\ufffd (0.930)   negative (0.070)"


def test_with_colours(monkeypatch):
    monkeypatch.setenv("COLORFGBG", "15;0")
    shown = printed(PREDICTION, force_terminal=True, color_system="truecolor", width=80)
    assert "%" not in shown
    # White on full blue, and on a sixteenth of it.
    assert "\x1b[37;48;2;20;104;190m[bold]charming[/]\x1b" in shown
    assert "\x1b[37;48;2;24;31;40mthe\x1b" in shown
    monkeypatch.setenv("COLORFGBG", "0;15")
    light = printed(PREDICTION, force_terminal=True, color_system="truecolor", width=80)
    assert "\x1b[30;48;2;96;168;235m[bold]charming[/]\x1b" in light


def test_attention_that_is_spread_evenly_looks_pale(monkeypatch):
    monkeypatch.setenv("COLORFGBG", "15;0")
    span = coloured(["w"] * 10, [0.1] * 10).spans[0]
    # A third of the way to full blue.
    assert span.style.bgcolor.triplet == (23, 52, 83)


def test_marks():
    assert str(marked(["a", "b", "c"], [1 / 3] * 3)) == "a(33%) b(33%) c(33%)"
    assert str(marked(["a", "fine", "film"], [0.1, 0.7, 0.2])) == "a fine(70%) film"
    assert str(marked([], [])) == str(coloured([], [])) == "(no words)"


def test_a_long_sentence_stays_on_a_line_in_a_file():
    tokens = ["word"] * 60
    shown = printed({**PREDICTION, "tokens": tokens, "attention": [1 / 60] * 60})
    assert len(shown.splitlines()) == 3


def test_the_second_text_and_the_name_of_the_model():
    shown = printed({**PREDICTION, "query": "is it?"}, name="ivat")
    assert shown.splitlines()[:2] == ["ivat: 1 (0.930)   0 (0.070)", "given: is it?"]


def test_control_characters_are_not_obeyed():
    assert printable("a\x1b[31mb\u202ec\ud800") == "a\ufffd[31mb\ufffdc\ufffd"
    assert "\x1b" not in printed({**PREDICTION, "tokens": ["\x1b[31m"] * 4})
    # What keeps letters apart, or joins them, is part of a word.
    assert printable("می\u200cخواهم क्\u200dष") == "می\u200cخواهم क्\u200dष"


@pytest.mark.parametrize("show", [marked, coloured])
def test_words_and_weights_are_of_one_number(show):
    with pytest.raises(ConfigurationError, match="There are 2 words, but 3 attention weights"):
        show(["a", "b"], [0.2, 0.3, 0.5])


@pytest.mark.parametrize(("number", "last"), [(5, "e (0.100)"), (8, "…")])
def test_many_classes(number, last):
    labels, probs = list("abcdefgh")[:number], [0.6, *[0.1] * (number - 1)]
    shown = probabilities(labels, probs)
    assert (shown[0], shown[-1], len(shown)) == ("a (0.600)", last, min(number, 6))
