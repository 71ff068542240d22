"""A small page with the attention in some sentences."""

from os import PathLike
from pathlib import Path
from string import Template
from typing import Any, Dict, Sequence, Union

from attention_vat.common.whole_file import written_whole
from attention_vat.reports.markup import escape, word
from attention_vat.reports.terminal import beside, class_names, probabilities


def write_attention_page(
    path: Union[str, PathLike], predictions: Sequence[Dict[str, Dict[str, Any]]], title: str = "Attention"
) -> None:
    """
    Writes one HTML file that needs nothing else: for each sentence the prediction and the attention of each model. For
    the numbers of a whole data set there is `attention_vat.reports.write_report`.

    # Parameters

    path : `Union[str, PathLike]`
        Replaced if it exists.
    predictions : `Sequence[Dict[str, Dict[str, Any]]]`
        For each sentence what the predictors give, by the name of the model; see `print_prediction`.
    title : `str`, optional (default = `"Attention"`)

    # Examples

        write_attention_page("page.html", [{"ivat": predictor.predict("a fine film")}])
    """
    template = Template((Path(__file__).parent / "attention_page.html").read_text(encoding="utf-8"))
    sentences = "\n".join(_sentence(models) for models in predictions)
    with written_whole(path) as file:
        file.write(template.substitute(title=escape(title), sentences=sentences))


def _sentence(models: Dict[str, Dict[str, Any]]) -> str:
    several = len(models) > 1
    query = next(iter(models.values())).get("query")
    given = f'<p class="given">given: {word(query)}</p>' if query is not None else ""
    rows = "".join(_model(name if several else "", prediction) for name, prediction in models.items())
    return f"<article>{given}{rows}</article>"


def _model(name: str, prediction: Dict[str, Any]) -> str:
    weights = beside(prediction["tokens"], prediction["attention"])
    # As in the terminal: an even spread looks pale.
    full = max([*prediction["attention"], min(1.0, 3 / max(1, len(weights)))])
    words = " ".join(
        f'<span style="--a:{weight / full:.3f}" title="{weight:.1%}">{word(token)}</span>' for token, weight in weights
    )
    cells = "".join(f"<tr><th>{word(token)}</th><td>{weight:.4f}</td></tr>" for token, weight in weights)
    first, *others = map(escape, probabilities(class_names(prediction), prediction["probs"]))
    verdict = f"{escape(name)}{': ' if name else ''}<b>{first}</b> {' '.join(others)}"
    return (
        f'<section><p class="verdict">{verdict}</p><p class="words">{words or "(no words)"}</p>'
        f"<details><summary>numbers</summary><table>{cells}</table></details></section>"
    )
