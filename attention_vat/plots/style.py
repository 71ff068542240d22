"""The style of all pictures, in light and dark mode."""

import io
import re
import textwrap
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator, List, NamedTuple, Sequence, Tuple

from attention_vat.common.templates import printable

# Colours of pages and pictures in light and dark mode. Pictures are drawn in the light ones; a style sheet replaces
# them.
COLORS = {
    "card": ("#ffffff", "#1c1f24"),
    "ink": ("#1c1e22", "#e9eaed"),
    "soft": ("#565c66", "#a7adb7"),
    "line": ("#dcdcd6", "#343941"),
    "model0": ("#6d7480", "#a0a8b5"),
    "model1": ("#00806a", "#2fbf9f"),
    "model2": ("#b3541e", "#f0995a"),
    "model3": ("#6a4fb3", "#ab96f0"),
    "model4": ("#b0246b", "#f07ab0"),
    "model5": ("#2f6fb5", "#6fb0ef"),
    "model6": ("#8a6d00", "#d6b83c"),
    "model7": ("#3d3d3d", "#e0e0e0"),
    "accent": ("#0b62a8", "#7db8ef"),
}
CARD, INK, SOFT, LINE, *_ = (day for day, _ in COLORS.values())
_MODELS = [name for name in COLORS if name.startswith("model")]
# Circle, square, triangle and diamond distinguish models for people who cannot distinguish the colours.
_MARKERS = "os^D"
# The size of a picture with one plot, in inches.
SIZE = (5.1, 3.1)
FONT = "font-family: system-ui, 'Liberation Sans', Arial, sans-serif; stroke-linejoin: round; stroke-linecap: butt"
_STYLE = {
    "svg.fonttype": "none",
    # Dollar signs in names do not start formulas.
    "text.parse_math": False,
    "font.size": 11,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "text.color": INK,
    **dict.fromkeys(("axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), SOFT),
    **dict.fromkeys(("axes.spines.top", "axes.spines.right", "axes.spines.left", "legend.frameon"), False),
    **dict.fromkeys(("xtick.major.size", "xtick.minor.size", "ytick.major.size"), 0),
    **dict.fromkeys(("xtick.major.pad", "ytick.major.pad"), 6),
    **{"legend.handlelength": 1, "legend.handletextpad": 0.4},
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": LINE,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
}


class ModelStyle(NamedTuple):
    """
    # Parameters

    name : `str`
        The name of the colour, and the class of the model's elements in an SVG.
    color, marker : `str`
        In matplotlib's notation.
    """

    name: str
    color: str
    marker: str


def model_style(index: int) -> ModelStyle:
    """The style of a model of an evaluation. The ninth model has that of the first."""
    name = _MODELS[index % len(_MODELS)]
    return ModelStyle(name, COLORS[name][0], _MARKERS[index % len(_MARKERS)])


@contextmanager
def drawing(name: str, rows: int = 1, columns: int = 1, size: Tuple[float, float] = SIZE) -> Iterator[Tuple[Any, Any]]:
    """
    A figure and its axes, to draw and save in this style. The same name and the same data give the same picture.

    # Parameters

    name : `str`
        Pictures on one page need different names.
    rows, columns : `int`, optional (default = `1`)
    size : `Tuple[float, float]`, optional
        The size of each of the axes, in inches.
    """
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": printable(name)}), warnings.catch_warnings():
        # The reader's fonts have glyphs that matplotlib's lack.
        warnings.filterwarnings("ignore", message="Glyph ")
        figure = Figure(figsize=(size[0] * columns, size[1] * rows), layout="constrained")
        yield figure, [figure.add_subplot(rows, columns, index + 1) for index in range(rows * columns)]


def mark(kind: str, title: str = "") -> str:
    """The `gid` of a part: its class in the SVG, and its tooltip."""
    return f"@{kind}|{printable(title)}"


def legend(figure: Any, names: Sequence[str]) -> None:
    """Adds the names of the models above the plots, long ones below one another."""
    from matplotlib.lines import Line2D

    texts = [textwrap.fill(printable(name), 40) for name in names]
    styles = map(model_style, range(len(texts)))
    signs = [Line2D([], [], color=style.color, marker=style.marker, linestyle="") for style in styles]
    columns = len(texts) if sum(map(len, texts)) < 40 else 1
    figure.legend(signs, texts, loc="outside upper left", ncols=columns)


def svg_of(figure: Any, kind: str, description: str) -> str:
    """The drawing as an SVG element with a text description, in the colours of light mode."""
    file, words = io.StringIO(), _escaped(description)
    figure.savefig(file, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    width, height = (72 * inches for inches in figure.get_size_inches())
    body = printable(file.getvalue().split("</defs>", 1)[1])
    # Remove ids that would be duplicates on a page, and the font that only matplotlib has.
    body = re.sub(r"<g id=([\"'])([^<>]*)\1(/?)>", _group, body)
    body = re.sub(r"font(?:-size)?: ([^'\";]*px)(?:; font-family:)?[^\";]*", r"font-size: \1", body)
    # Nothing needs clipping: everything drawn lies within its axes.
    body = re.sub(r' clip-path="[^"]*"|<defs>\s*<clipPath.*?</defs>', "", re.sub(r">\s+<", "><", body), flags=re.S)
    says = 'aria-hidden="true"' if kind == "interval" else f'role="img" aria-label="{words}"'
    return (
        f'<svg class="chart {kind}" viewBox="0 0 {width:g} {height:g}" style="{FONT}" {says}>'
        f"<title>{words}</title>{body.strip()}"
    )


def _group(match: "re.Match[str]") -> str:
    if match[3] or not match[2].startswith("@"):
        return "" if match[3] else "<g>"
    kind, _, title = match[2][1:].partition("|")
    return f'<g class="{kind}">' + (f"<title>{title}</title>" if title else "")


def _escaped(text: str) -> str:
    from markupsafe import escape

    return str(escape(printable(text)))


def inline(svg: str) -> Any:
    """The picture as a part of a page, `markupsafe.Markup`: its colours are those of the page."""
    from markupsafe import Markup

    for name, (day, _) in COLORS.items():
        svg = svg.replace(day, f"var(--{name})")
    return Markup(svg.replace("xlink:href", "href"))


def save_svg(svg: str, path: Path) -> None:
    """Writes the picture as a file. Browsers follow light and dark mode; other programs show the light colours."""
    rules: List[str] = []
    for day, dark in COLORS.values():
        rules += [f'[style*="{what}: {day}"]{{{what}:{dark}!important}}' for what in ("fill", "stroke")]
    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0]
    head = f"<style>@media (prefers-color-scheme: dark){{{''.join(rules)}}}</style>"
    paper = f'<rect class="paper" width="{width}" height="{height}" style="fill: {CARD}"/>'
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    text = svg.replace("<svg", f'<svg {spaces} width="{width}pt" height="{height}pt"', 1)
    text = text.replace("</title>", f"</title>{head}{paper}", 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', encoding="utf-8")


def save(figure: Any, path: Path, description: str) -> None:
    """Writes a figure as SVG and as PNG."""
    save_svg(svg_of(figure, "file", description), path.with_suffix(".svg"))
    figure.savefig(path.with_suffix(".png"), dpi=160, facecolor=CARD, metadata={"Software": None})
