"""Turns of phrase that a native writer avoids are in no page and in no help text."""

import re
from typing import List

import pytest

from tests.docs.pages import PAGES, ROOT
from tests.docs.typed import _parser

BANNED = [
    *("go on", "goes on", "going on", "gone on"),
    *("is there", "are there", "so many", "anew", "of which", "of yours", "of theirs", "of ours"),
    *("stay with", "stays with", "one's own"),
]
PATTERN = re.compile(r"\b(?:" + "|".join(map(re.escape, BANNED)) + r")\b", re.IGNORECASE)
SUBCOMMANDS = [
    *("attention", "evaluate-attention", "install-plugin", "make-config", "make-dataset", "make-encoder"),
    *("reproduce", "search", "search-report", "select-unlabeled"),
]


def found_in(text: str) -> List[str]:
    return PATTERN.findall(" ".join(text.split()))


@pytest.mark.parametrize("page", [*PAGES, "CODE_OF_CONDUCT.md", "SECURITY.md"])
def test_pages(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```|^    .*?$|`[^`]+`", "", text, flags=re.MULTILINE | re.DOTALL)

    assert found_in(prose) == []


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_help(subcommand):
    (subparsers,) = _parser()._subparsers._group_actions

    assert found_in(subparsers.choices[subcommand].format_help()) == []


def test_mistakes_are_found():
    assert found_in("A run that was killed goes\non, whatever is there.") == ["goes on", "is there"]
