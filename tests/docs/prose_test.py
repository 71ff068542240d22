"""Turns of phrase that a native writer avoids are in no page, help text, docstring, comment or message."""

import ast
import re
import tokenize
from pathlib import Path
from typing import Iterator, List

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


MODULES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "attention_vat").rglob("*.py"))


def found_in(text: str) -> List[str]:
    return PATTERN.findall(" ".join(text.split()))


def prose_of(module: Path) -> Iterator[str]:
    """Docstrings, messages and comments; comments in several lines are one text."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
    with tokenize.open(str(module)) as file:
        comments = [token for token in tokenize.generate_tokens(file.readline) if token.type == tokenize.COMMENT]
    yield " ".join(comment.string.strip("# ") for comment in comments)


@pytest.mark.parametrize("page", [*PAGES, "CODE_OF_CONDUCT.md", "SECURITY.md"])
def test_pages(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```|^    .*?$|`[^`]+`", "", text, flags=re.MULTILINE | re.DOTALL)

    assert found_in(prose) == []


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_help(subcommand):
    (subparsers,) = _parser()._subparsers._group_actions

    assert found_in(subparsers.choices[subcommand].format_help()) == []


@pytest.mark.parametrize("module", MODULES)
def test_modules(module):
    assert [found for text in prose_of(ROOT / module) for found in found_in(text)] == []


def test_mistakes_are_found(tmp_path):
    assert found_in("A run that was killed goes\non, whatever is there.") == ["goes on", "is there"]
    (tmp_path / "some.py").write_text('"""It is there."""\nx = f"train {1} anew"  # that goes\n# on\n')
    assert [found for text in prose_of(tmp_path / "some.py") for found in found_in(text)] == [
        "is there",
        "anew",
        "goes on",
    ]
