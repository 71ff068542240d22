"""All drawing, with matplotlib, which is imported with the first picture."""

from attention_vat.plots.evaluation import Places, Point, curves, density, histogram, intervals, violins
from attention_vat.plots.runs import Cell, Panel, Points, plot_expected_best, plot_map, plot_points
from attention_vat.plots.style import COLORS, inline, save_svg

__all__ = [
    "COLORS",
    "Cell",
    "Panel",
    "Places",
    "Point",
    "Points",
    "curves",
    "density",
    "histogram",
    "inline",
    "intervals",
    "plot_expected_best",
    "plot_map",
    "plot_points",
    "save_svg",
    "violins",
]
