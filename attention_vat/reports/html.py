"""A standalone page: numbers, distributions, and every sentence as a heat map."""

from os import PathLike
from pathlib import Path
from string import Template
from typing import Dict, List, Optional, Sequence, Union

from allennlp.common.checks import ConfigurationError

from attention_vat.common.whole_file import written_whole
from attention_vat.interpret.results import AttentionEvaluation
from attention_vat.reports import charts
from attention_vat.reports.comparison import compare_with_first, holm_adjusted
from attention_vat.reports.figures import Figure, figures
from attention_vat.reports.label_names import with_label_names
from attention_vat.reports.markup import escape
from attention_vat.reports.overview import class_table, models_list, notes_list, numbers_table, tiles
from attention_vat.reports.sentences import embedded, sentences_data

SCRIPTS = ("sentences", "choices", "cards", "controls")


def write_report(
    path: Union[str, PathLike],
    results: Dict[str, AttentionEvaluation],
    title: str = "Attention report",
    data: Optional[str] = None,
    pictures: Optional[Sequence[Figure]] = None,
) -> None:
    """
    Writes one HTML file that needs nothing else: no network, no other file. It shows the numbers with their intervals,
    how the measures are distributed, and the sentences as heat maps that can be sorted, filtered and searched.

    # Parameters

    path : `Union[str, PathLike]`
        Replaced if it exists.
    results : `Dict[str, AttentionEvaluation]`
        Models by name, on the same sentences. All others are compared with the first one.
    title : `str`, optional (default = `"Attention report"`)
    data : `str`, optional
        What the sentences are called, for example the name of their file.
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
    """The page as a string, see `write_report`."""
    if not results:
        raise ConfigurationError("A report shows one model or more, but there is none.")
    results = with_label_names(results)
    evaluations = list(results.values())
    differences = holm_adjusted(compare_with_first(results))
    template = Template(_joined("page/report.html"))
    return template.substitute(
        title=escape(title),
        kind={1: "single", 2: "comparison"}.get(len(results), "comparison several"),
        style=_joined("page/report.css", "charts/charts.css"),
        script=_joined(*(f"page/{name}.js" for name in SCRIPTS)),
        summary=escape(_summary(evaluations[0], data)),
        models=models_list(results),
        tiles=tiles(results, differences),
        table=numbers_table(results, differences),
        classes=class_table(results),
        notes=notes_list(evaluations[0]),
        figures=_figures(figures(results) if pictures is None else pictures, list(results)),
        data=embedded(sentences_data(results)),
    )


def _joined(*names: str) -> str:
    return "".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in names)


def _summary(evaluation: AttentionEvaluation, data: Optional[str]) -> str:
    count = len(evaluation.sentences)
    where = f" of {data}" if data else ""
    return f"{count:,} {'sentence' if count == 1 else 'sentences'}{where}, labels {', '.join(evaluation.labels)}"


def _figures(pictures: Sequence[Figure], models: Sequence[str]) -> str:
    sections = []
    for group in dict.fromkeys(picture.group for picture in pictures):
        some = "".join(_figure(picture, models) for picture in pictures if picture.group == group)
        sections.append(f'<div class="pictures"><h3>{escape(group)}</h3><div class="charts">{some}</div></div>')
    return "".join(sections)


def _figure(picture: Figure, models: Sequence[str]) -> str:
    panels: List[str] = []
    for svg, shown in picture.panels:
        # Where a chart shows one of several models, it says which; the others share the legend at the top.
        name = f"<p>{charts.legend_mark(shown[0])} {escape(models[shown[0]])}</p>" if len(shown) < len(models) else ""
        panels.append(f'<div class="panel">{svg}{name}</div>')
    title, caption = f"<h4>{escape(picture.title)}</h4>", f"<figcaption>{escape(picture.caption)}</figcaption>"
    return f'<figure id="{escape(picture.name)}">{title}<div class="panels">{"".join(panels)}</div>{caption}</figure>'
