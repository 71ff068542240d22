"""A standalone page: numbers, distributions, and every sentence as a heat map."""

from os import PathLike
from typing import Dict, Optional, Sequence, Union

from allennlp.common.checks import ConfigurationError

from attention_vat.common.templates import render
from attention_vat.common.whole_file import written_whole
from attention_vat.common.written_numbers import interval, number, p_value
from attention_vat.interpret.results import AttentionEvaluation
from attention_vat.plots import COLORS, inline
from attention_vat.reports.comparison import compare_with_first, holm_adjusted
from attention_vat.reports.figures import Figure, figures
from attention_vat.reports.label_names import with_label_names
from attention_vat.reports.notes import notes_of
from attention_vat.reports.overview import all_numbers, numbers_by_class, tiles
from attention_vat.reports.sentences import embedded, sentences_data


def write_report(
    path: Union[str, PathLike],
    results: Dict[str, AttentionEvaluation],
    title: str = "Attention report",
    data: Optional[str] = None,
    pictures: Optional[Sequence[Figure]] = None,
) -> None:
    """
    Writes one self-contained HTML file, which needs neither a network nor other files. It shows the numbers with their
    intervals, how the measures are distributed, and the sentences as heat maps that can be sorted, filtered and
    searched.

    # Parameters

    path : `Union[str, PathLike]`
        Replaced if it exists.
    results : `Dict[str, AttentionEvaluation]`
        Models by name, on the same sentences. All others are compared with the first one.
    title : `str`, optional (default = `"Attention report"`)
    data : `str`, optional
        The name of the sentences, for example that of their file.
    pictures : `Sequence[Figure]`, optional (default = those of `attention_vat.reports.figures.figures`)

    Raises `ConfigurationError` if there is no model, or if their sentences differ.

    # Examples

        write_report("report.html", {"vanilla": vanilla, "Attention iVAT": ivat}, title="SST")
    """
    page = render_report(results, title, data, pictures)
    with written_whole(path) as file:
        file.write(page)


def render_report(
    results: Dict[str, AttentionEvaluation],
    title: str,
    data: Optional[str] = None,
    pictures: Optional[Sequence[Figure]] = None,
) -> str:
    """The page as a string, see `write_report`. Raises `ConfigurationError` if there is no model to show."""
    if not results:
        raise ConfigurationError("A report needs at least one model, but there is none.")
    from markupsafe import Markup

    results = with_label_names(results)
    evaluations = list(results.values())
    differences = holm_adjusted(compare_with_first(results))
    pictures = figures(results) if pictures is None else pictures
    groups = dict.fromkeys(picture.group for picture in pictures)
    return render(
        "reports/templates/report.html.jinja",
        colors=COLORS,
        title=title,
        summary=_summary(evaluations[0], data),
        models=list(results),
        model_colors=[name for name in COLORS if name.startswith("model")],
        compared=list(differences),
        tiles=tiles(results, differences),
        numbers=all_numbers(results, differences),
        classes=numbers_by_class(results),
        notes=notes_of(evaluations[0].settings, evaluations[0].positive_label),
        pictures=[(group, [picture for picture in pictures if picture.group == group]) for group in groups],
        data=Markup(embedded(sentences_data(results))),
        **{function.__name__: function for function in (inline, interval, number, p_value)},
    )


def _summary(evaluation: AttentionEvaluation, data: Optional[str]) -> str:
    count = len(evaluation.sentences)
    where = f" of {data}" if data else ""
    return f"{count:,} {'sentence' if count == 1 else 'sentences'}{where}, labels {', '.join(evaluation.labels)}"
