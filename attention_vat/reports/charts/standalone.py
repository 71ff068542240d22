"""Charts as files of their own."""

import re
from pathlib import Path
from typing import Sequence, Tuple

from attention_vat.reports.charts.marks import mark
from attention_vat.reports.markup import escape

_LEGEND = 22
_FONT = "font-family: system-ui, 'Liberation Sans', Arial, sans-serif"


def standalone(svg: str, legend: Sequence[Tuple[int, str]] = ()) -> str:
    """
    The same chart as a file: with its colours, on white, and with the names of the models above it. Programs that know
    little of style sheets (Inkscape, converters to PDF) draw it as well: nothing in it is a variable.

    # Parameters

    svg : `str`
        What a function of this package gives.
    legend : `Sequence[Tuple[int, str]]`, optional
        The models by number and name, if they are to be told apart.
    """
    opening = re.match(r'<svg class="([^"]*)" viewBox="0 0 ([\d.]+) ([\d.]+)"(.*?<title>.*?</title>)', svg, flags=re.S)
    assert opening is not None
    kind, width, height, head = opening.group(1), float(opening.group(2)), float(opening.group(3)), opening.group(4)
    top, names, x = _LEGEND if legend else 0, [], 12.0
    for index, name in legend:
        names.append(f'{mark(index, x, 11)}<text class="name" x="{x + 9:.1f}" y="15">{escape(name)}</text>')
        # A little more than letters take, as nobody can measure them here.
        x += 28 + 7.2 * len(name)
    width, height = max(width, x if legend else 0.0), height + top
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" '
        f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" style="{_FONT}"{head}'
        f'<style>{_style(single=not legend)}</style><rect class="paper" width="{width:g}" height="{height:g}"/>'
        f'<g transform="translate(0 {top})">{svg[opening.end() : -len("</svg>")]}</g>{"".join(names)}</svg>\n'
    )


def _style(single: bool) -> str:
    """The page's rules for charts, with its colours for daylight."""
    folder = Path(__file__).parent
    page = (folder.parent / "page" / "report.css").read_text(encoding="utf-8")
    # The first block is for daylight, the second one for the dark.
    colors = dict(re.findall(r"--([\w-]+): ([^;]+);", page[: page.index("}")]))
    if single:
        colors["model0"] = colors["accent"]
    rules = (folder / "charts.css").read_text(encoding="utf-8")
    return re.sub(r"var\(--([\w-]+)\)", lambda found: colors[found.group(1)], rules)
