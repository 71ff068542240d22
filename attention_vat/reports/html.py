"""A standalone page: numbers, distributions, and every sentence as a heat map."""

import json
import math
import os
import tempfile
from html import escape
from os import PathLike
from pathlib import Path
from string import Template
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.bootstrap import Difference, Estimate
from attention_vat.interpret.evaluation import AttentionEvaluation, SentenceEvaluation, compare_evaluations
from attention_vat.reports import charts
from attention_vat.reports.numbers import description_of, interval, number, p_value

# A weight becomes one of these characters, which keeps 25,000 long reviews a file that a browser can open.
LEVELS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
# The numbers at the top; the others are in the table below them.
HEADLINES = ("pearson", "kendall_attention_constant", "f1", "macro_f1", "auprc")
# More points than this do not change the picture.
_MOST_WORDS = 400_000


def write_report(
    path: Union[str, PathLike],
    results: Dict[str, AttentionEvaluation],
    title: str = "Attention report",
    data: Optional[str] = None,
) -> None:
    """
    Writes one HTML file that needs nothing else: no network, no other file. It shows the numbers with their intervals,
    how the correlations are distributed, and the sentences as heat maps that can be sorted, filtered and searched.

    # Parameters

    path : `Union[str, PathLike]`
        Replaced if it exists.
    results : `Dict[str, AttentionEvaluation]`
        One or two models by name, on the same sentences.
    title : `str`, optional (default = `"Attention report"`)
    data : `str`, optional
        What the sentences are called, for example the name of their file.

    Raises `ConfigurationError` if there are not one or two models, or if their sentences differ.

    # Examples

        write_report("report.html", {"vanilla": vanilla, "Attention iVAT": ivat}, title="SST")
    """
    page = render_report(results, title, data)
    path = Path(path)
    # Written aside and renamed, so that there is never half a page.
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(page)
        os.chmod(aside, 0o644)
        os.replace(aside, path)
    except BaseException:
        os.unlink(aside)
        raise


def render_report(results: Dict[str, AttentionEvaluation], title: str, data: Optional[str] = None) -> str:
    """The page as a string, see `write_report`."""
    if len(results) not in (1, 2):
        raise ConfigurationError(f"A report shows one model or compares two, not {len(results)}.")
    evaluations = list(results.values())
    differences = compare_evaluations(*evaluations) if len(results) == 2 else {}
    folder = Path(__file__).parent
    template = Template((folder / "report.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=escape(title),
        kind="single" if len(results) == 1 else "comparison",
        style=(folder / "report.css").read_text(encoding="utf-8"),
        script=(folder / "report.js").read_text(encoding="utf-8"),
        summary=escape(_summary(evaluations[0], data)),
        models=_models(results),
        tiles="".join(_tile(name, results, differences) for name in _headlines(results)),
        table=_table(results, differences),
        histogram=charts.histogram({name: _correlations(result) for name, result in results.items()}),
        densities=_densities(results),
        notes=_notes(evaluations[0]),
        data=_embedded(_data(results)),
    )


def _summary(evaluation: AttentionEvaluation, data: Optional[str]) -> str:
    count = len(evaluation.sentences)
    where = f" of {data}" if data else ""
    return f"{count:,} {'sentence' if count == 1 else 'sentences'}{where}, labels {', '.join(evaluation.labels)}"


def _models(results: Dict[str, AttentionEvaluation]) -> str:
    if len(results) == 1:
        return ""
    names = [f"<li>{charts.legend_mark(i)} {escape(name)}</li>" for i, name in enumerate(results)]
    return f'<ul class="models" aria-label="Models">{"".join(names)}</ul>'


def _headlines(results: Dict[str, AttentionEvaluation]) -> List[str]:
    return [name for name in HEADLINES if any(name in result.metrics for result in results.values())]


def _tile(name: str, results: Dict[str, AttentionEvaluation], differences: Dict[str, Difference]) -> str:
    description = description_of(name)
    estimates = [result.metrics.get(name, _NOTHING) for result in results.values()]
    lines = []
    for index, (model, estimate) in enumerate(zip(results, estimates)):
        who = f'{charts.legend_mark(index)}<span class="who">{escape(model)}</span>' if len(results) > 1 else ""
        lines.append(
            f'<p class="value">{who} <strong>{number(estimate.value)}</strong> '
            f'<span class="interval-text">{interval(estimate.low, estimate.high)}</span></p>'
        )
    chart = charts.interval_chart(
        [estimate.value for estimate in estimates], [(e.low, e.high) for e in estimates], description.signed
    )
    return (
        f'<article class="tile"><h3>{escape(description.title)}</h3><div>{"".join(lines)}</div>{chart}'
        f'{_difference_line(differences.get(name))}<p class="explain">{escape(description.explanation)}</p></article>'
    )


def _difference_line(difference: Optional[Difference]) -> str:
    if difference is None or difference.value is None:
        return '<p class="difference"></p>'
    p = p_value(difference.p_value)
    return (
        f'<p class="difference">Difference <strong>{number(difference.value, sign=True)}</strong> '
        f'<span class="nowrap">{interval(difference.low, difference.high)},</span> '
        f'<span class="nowrap">p {escape(p if p.startswith("<") else "= " + p)}</span></p>'
    )


def _table(results: Dict[str, AttentionEvaluation], differences: Dict[str, Difference]) -> str:
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in results)
    if differences:
        heads += '<th scope="col">Difference</th><th scope="col">p</th>'
    rows = []
    for name in next(iter(results.values())).metrics:
        description = description_of(name)
        cells = [_cell(result.metrics.get(name, _NOTHING)) for result in results.values()]
        if differences:
            difference = differences.get(name, Difference(None, None, None, None))
            small = interval(difference.low, difference.high)
            cells.append(f"<td>{number(difference.value, sign=True)} <small>{small}</small></td>")
            cells.append(f"<td>{escape(p_value(difference.p_value))}</td>")
        head = f'<th scope="row">{escape(description.title)}<small>{escape(description.explanation)}</small></th>'
        rows.append(f"<tr>{head}{''.join(cells)}</tr>")
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="All numbers"><table><caption>All numbers, with 95% '
        f'intervals in brackets</caption><thead><tr><th scope="col">Measure</th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(estimate: Estimate) -> str:
    small = [interval(estimate.low, estimate.high)]
    if estimate.std is not None:
        small.append(f"std {number(estimate.std)}")
    if estimate.undefined:
        small.append(f"{estimate.undefined:,} undefined")
    return f"<td>{number(estimate.value)} <small>{', '.join(part for part in small if part)}</small></td>"


def _notes(evaluation: AttentionEvaluation) -> str:
    settings = evaluation.settings
    importance = {"gradient_x_input": "|e · ∂y/∂e|", "gradient_norm": "‖∂y/∂e‖₂"}
    positive = evaluation.positive_label
    notes = [
        f"Importance of a word with embedding e is {importance.get(settings['importance'], settings['importance'])}, "
        f"where y is the {settings['output']} of "
        + (f"the positive class, {positive}." if positive is not None else "the most probable class."),
        "A correlation needs three words and neither attention nor importance may be constant; other sentences are "
        "counted as undefined and left out of the mean.",
        f"Intervals cover 95% of {settings['resamples']:,} bootstrap draws of the sentences; differences are drawn in "
        "pairs.",
    ]
    if settings.get("rationale_fraction") is not None:
        notes.append(
            f"For F1 against human words, the {100 * settings['rationale_fraction']:.1f}% most attended words of each "
            "sentence are taken (rounded up)."
        )
    return "".join(f"<li>{escape(note)}</li>" for note in notes)


def _correlations(evaluation: AttentionEvaluation) -> List[float]:
    values = [sentence.scores.get("pearson") for sentence in evaluation.sentences]
    return [value for value in values if value is not None]


def _densities(results: Dict[str, AttentionEvaluation]) -> str:
    figures = []
    for index, (name, result) in enumerate(results.items()):
        caption = f"<figcaption>{charts.legend_mark(index)} {escape(name)}</figcaption>" if len(results) > 1 else ""
        figures.append(f"<figure>{charts.density(name, index, *_relative_weights(result))}{caption}</figure>")
    return "".join(figures)


def _relative_weights(evaluation: AttentionEvaluation) -> Tuple[List[float], List[float]]:
    attention: List[float] = []
    importance: List[float] = []
    for sentence in evaluation.sentences:
        if len(attention) > _MOST_WORDS:
            break
        most = max(sentence.attention, default=0.0), max(sentence.importance, default=0.0)
        if min(most) > 0:
            attention += [value / most[0] for value in sentence.attention]
            importance += [value / most[1] for value in sentence.importance]
    return attention, importance


# The sentences, as compact as their heat maps allow.


def _data(results: Dict[str, AttentionEvaluation]) -> Dict[str, Any]:
    evaluations = list(results.values())
    return {
        "models": list(results),
        "labels": [evaluation.labels for evaluation in evaluations],
        "sentences": [_sentence(rows) for rows in zip(*(evaluation.sentences for evaluation in evaluations))],
    }


def _sentence(rows: Sequence[SentenceEvaluation]) -> List[Any]:
    """`[id, gold label, tokens, human marks or 0, model, …]`; a model with other tokens brings its own."""
    first = rows[0]
    marks = 0 if first.rationale is None else "".join(map(str, first.rationale))
    return [first.id, first.label, first.tokens, marks, *(_model_row(row, first) for row in rows)]


def _model_row(row: SentenceEvaluation, first: SentenceEvaluation) -> List[Any]:
    """`[label, probability, Pearson, attention levels, full level, importance levels, full level, tokens or 0]`"""
    pearson, confidence = row.scores.get("pearson"), max(row.probs)
    return [
        row.prediction,
        round(confidence, 4) if math.isfinite(confidence) else 0,
        None if pearson is None else round(pearson, 3),
        *_levels(row.attention),
        *_levels(row.importance),
        0 if row.tokens == first.tokens else row.tokens,
    ]


def _levels(weights: Sequence[float]) -> List[Any]:
    total = sum(weights)
    if not total > 0 or math.isinf(total):
        return [LEVELS[0] * len(weights), 0]
    shares = [weight / total for weight in weights]
    # An even spread should look pale and not like full attention on every word: the full colour is for the largest
    # share, but for no less than three times an even one.
    full = max(max(shares), min(1.0, 3 / len(shares)))
    return ["".join(LEVELS[round(share / full * (len(LEVELS) - 1))] for share in shares), round(full, 4)]


def _embedded(data: Dict[str, Any]) -> str:
    """JSON that cannot end its script element, whatever the sentences contain."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


_NOTHING = Estimate(None, None, None, None, 0, 0)
