"""A small page that shows the attention in some sentences."""

from os import PathLike
from typing import Any, Dict, Sequence, Union

from attention_vat.common.templates import render
from attention_vat.common.whole_file import written_whole
from attention_vat.plots import COLORS
from attention_vat.reports.attention_view import shades
from attention_vat.reports.terminal import class_names, probabilities


def write_attention_page(
    path: Union[str, PathLike], predictions: Sequence[Dict[str, Dict[str, Any]]], title: str = "Attention"
) -> None:
    """
    Writes one self-contained HTML file: for each sentence, the prediction and the attention of each model. For the
    numbers of a whole data set, see `attention_vat.reports.write_report`.

    # Parameters

    path : `Union[str, PathLike]`
        Replaced if it exists.
    predictions : `Sequence[Dict[str, Dict[str, Any]]]`
        For each sentence, the outputs of the predictors by the name of the model; see `print_prediction`.
    title : `str`, optional (default = `"Attention"`)

    # Examples

        write_attention_page("page.html", [{"ivat": predictor.predict("a fine film")}])
    """
    sentences = [
        [
            {
                "name": name,
                "query": model.get("query"),
                "probabilities": probabilities(class_names(model), model["probs"]),
                "words": shades(model),
            }
            for name, model in models.items()
        ]
        for models in predictions
    ]
    page = render("reports/templates/attention_page.html.jinja", colors=COLORS, title=title, sentences=sentences)
    with written_whole(path) as file:
        file.write(page)
