"""Reads what a picture draws."""

import re
from xml.etree import ElementTree

from attention_vat.plots import inline


def root_of(svg):
    """Of a picture, or of a file with one."""
    return ElementTree.fromstring(svg.encode("utf-8") if svg.startswith("<?xml") else str(inline(svg)))


def named(node):
    return node.tag.split("}")[-1]


def parts(svg, *classes):
    """What was drawn with all of these classes."""
    return [node for node in root_of(svg).iter() if set(classes) <= set(node.get("class", "").split())]


def outline(part):
    """The points of its path, downwards."""
    path = next(node for node in part.iter() if node.get("d"))
    used = [node for node in part.iter() if named(node) == "use"]
    x, y = (float(used[0].get(name)) if used else 0.0 for name in "xy")
    points = re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.get("d"))
    return [(x + float(one), y + float(other)) for one, other in points]


def marks(svg, *classes):
    """The places of marks."""
    uses = [node for part in parts(svg, "marks", *classes) for node in part.iter() if named(node) == "use"]
    return [(float(node.get("x")), float(node.get("y"))) for node in uses]


def words(svg):
    """The texts that are drawn."""
    return [node.text for node in root_of(svg).iter() if named(node) == "text"]


def text(svg):
    return "".join(root_of(svg).itertext())
