"""Attention as a heat map in the terminal."""

import os
from typing import Any, Dict, List, Optional, Sequence, Tuple

from allennlp.common.checks import ConfigurationError
from rich.console import Console
from rich.style import Style
from rich.text import Text

Colour = Tuple[int, int, int]

# A blue that colour-blind people see as well, behind white letters on a dark terminal and black ones on a light one.
# Low attention is nearly the colour of the terminal itself.
DARK: Tuple[Colour, Colour] = ((24, 26, 30), (20, 104, 190))
LIGHT: Tuple[Colour, Colour] = ((255, 255, 255), (96, 168, 235))
# At most this many classes are named.
MOST_CLASSES = 5


def print_prediction(console: Console, prediction: Dict[str, Any], name: Optional[str] = None) -> None:
    """
    Prints what a model predicts and its attention: in colours, or with percentages after the words if the console has
    no colours (`NO_COLOR` is set, or it is a file or a pipe).

    # Parameters

    console : `Console`
    prediction : `Dict[str, Any]`
        With `tokens`, `attention`, `labels` and `probs`, as the predictors return it, `label_names` if the classes have
        names, and `query`, the second text of a pair, if there is one.
    name : `str`, optional
        The name of the model, where there are several.

    # Examples

        print_prediction(Console(), predictor.predict("a fine film"))
    """
    first, *others = probabilities(class_names(prediction), prediction["probs"])
    headline = Text(f"{printable(name)}: " if name else "").append(f"{first}", style="bold")
    headline.append("".join(f"   {other}" for other in others), style="dim")
    colours = has_colours(console)
    words = coloured if colours else marked
    heat_map = words(prediction["tokens"], prediction["attention"])
    query = [Text(f"given: {printable(prediction['query'])}", style="dim")] if "query" in prediction else []
    for line in (headline, *query, heat_map):
        # A file gets one line per sentence.
        console.print(line, soft_wrap=not console.is_terminal, highlight=False)


def legend(console: Console) -> Text:
    """Explains the colours or the percentages."""
    if not has_colours(console):
        return Text("(n%): share of the attention, where it is at least an even share")
    text = Text("attention in the sentence: ")
    for level in (0.0, 0.25, 0.5, 0.75, 1.0):
        text.append(" " * 3, style=_style(level))
    return text.append(" most")


def has_colours(console: Console) -> bool:
    """Whether a console shows colours."""
    return console.color_system is not None and not console.no_color


def coloured(tokens: Sequence[str], attention: Sequence[float]) -> Text:
    """
    Words on coloured backgrounds. Full colour is the largest share, but no less than three times an even share, so that
    attention that is spread evenly looks pale.
    """
    full = max([*attention, min(1.0, 3 / max(1, len(tokens)))])
    words = [Text(printable(token), style=_style(weight / full)) for token, weight in beside(tokens, attention)]
    return Text(" ").join(words) if words else Text("(no words)")


def marked(tokens: Sequence[str], attention: Sequence[float]) -> Text:
    """
    Words followed by their share of the attention, if it is at least an even share.

    # Examples

        str(marked(["a", "fine", "film"], [0.1, 0.7, 0.2]))  # "a fine(70%) film"
    """
    even = 1 / max(1, len(tokens))
    words = []
    for token, weight in beside(tokens, attention):
        # Rounding must not hide an even share.
        share = f"({weight:.0%})" if weight >= even - 1e-6 else ""
        words.append(printable(token) + share)
    return Text(" ".join(words) or "(no words)")


def probabilities(labels: Sequence[str], probs: Sequence[float]) -> List[str]:
    """
    The most probable classes first.

    # Examples

        probabilities(["0", "1"], [0.1, 0.9])  # ["1 (0.900)", "0 (0.100)"]
    """
    order = sorted(range(len(labels)), key=lambda index: -probs[index])
    shown = [f"{printable(labels[index])} ({probs[index]:.3f})" for index in order[:MOST_CLASSES]]
    return shown + (["…"] if len(order) > MOST_CLASSES else [])


def class_names(prediction: Dict[str, Any]) -> List[str]:
    """
    The name of each class of a prediction, or its label where the model has no names.

    # Examples

        class_names({"labels": ["1", "0"], "label_names": ["positive", "negative"]})  # ["positive", "negative"]
    """
    return prediction.get("label_names", prediction["labels"])


def beside(tokens: Sequence[str], attention: Sequence[float]) -> List[Tuple[str, float]]:
    """Each word with its weight. Raises `ConfigurationError` if there are not as many of them."""
    if len(tokens) != len(attention):
        raise ConfigurationError(f"There are {len(tokens)} words, but {len(attention)} attention weights.")
    return list(zip(tokens, attention))


def printable(text: str) -> str:
    """Removes control characters, which a terminal would obey; joiners and non-joiners of letters stay."""
    return "".join(c if c.isprintable() or c in "\u200c\u200d" else "\ufffd" for c in str(text))


def _style(level: float) -> Style:
    light = _is_light()
    low, high = LIGHT if light else DARK
    level = min(1.0, max(0.0, level)) if level == level else 0.0
    red, green, blue = (round(start + level * (end - start)) for start, end in zip(low, high))
    return Style(color="black" if light else "white", bgcolor=f"rgb({red},{green},{blue})")


def _is_light() -> bool:
    # Many terminals report "foreground;background" as numbers of their palette, where 7 and 15 are white.
    return os.environ.get("COLORFGBG", "").split(";")[-1] in ("7", "15")
