"""
Charts as SVG. Colours come from a style sheet: in the page from the page's, so that they follow the reader's dark mode;
in a file of their own (`standalone`) from one that they carry with them.
"""

from attention_vat.reports.charts.axes import Axes, ticks
from attention_vat.reports.charts.curves import Point, curves
from attention_vat.reports.charts.density import density
from attention_vat.reports.charts.histogram import histogram
from attention_vat.reports.charts.intervals import intervals
from attention_vat.reports.charts.marks import legend_mark
from attention_vat.reports.charts.standalone import standalone
from attention_vat.reports.charts.violins import Places, violins

__all__ = [
    "Places",
    "Axes",
    "Point",
    "curves",
    "density",
    "histogram",
    "intervals",
    "legend_mark",
    "standalone",
    "ticks",
    "violins",
]
