"""Reads what a chart draws."""

from xml.etree import ElementTree


def elements(svg, name, *classes):
    """The elements of a name that have all the classes, in order."""
    root = ElementTree.fromstring(svg)
    found = [node for node in root.iter() if node.tag.split("}")[-1] == name]
    return [node for node in found if set(classes) <= set(node.get("class", "").split())]


def text(svg):
    return "".join(ElementTree.fromstring(svg).itertext())
