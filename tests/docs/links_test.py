"""Links within the repository lead somewhere, and options that the pages name exist."""

import re
from typing import Set

import pytest
from allennlp.commands import parse_args

from tests.docs.pages import PAGES, ROOT, blocks_of

LINK = re.compile(r"\]\(([^()\s]+(?:\([^()]*\))?[^()\s]*)\)")
# Of pip, of the benchmark ERASER's scorer, of Ray.
OF_OTHERS = {"--no-index", "--find-links", "--no-deps", "--aopc_thresholds", "--num-cpus"}


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def anchors_of(page: str) -> Set[str]:
    """As GitHub makes them of headings."""
    code = {line for block in blocks_of(page, text_of(page)) for line in block.text.splitlines()}
    headings = [line for line in text_of(page).splitlines() if line.startswith("#") and line not in code]
    slugs = (re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower()).replace(" ", "-") for heading in headings)
    return {*slugs}


@pytest.mark.parametrize("page", [*PAGES, "CHANGELOG.md"])
def test_links(page):
    broken = []
    for link in LINK.findall(text_of(page)):
        path, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        if "://" in link or (target.exists() and (not anchor or anchor in anchors_of(str(target.relative_to(ROOT))))):
            continue
        broken.append(link)

    assert broken == []


@pytest.mark.parametrize("page", PAGES)
def test_options(page, monkeypatch):
    monkeypatch.setattr("sys.argv", ["allennlp", "test-install"])
    parser = parse_args("allennlp")[0]
    known = {*OF_OTHERS}
    for subparser in parser._subparsers._group_actions[0].choices.values():
        known.update(subparser._option_string_actions)
    for file in [path for folder in ("benchmarks", "scripts", "tests/chaos") for path in (ROOT / folder).glob("*.py")]:
        known.update(re.findall(r'"(--[\w-]+)"', file.read_text(encoding="utf-8")))
    # In code within the text, not in commands and tables of commands, which are parsed.
    named = {
        option
        for code in re.findall(r"`[^`\n]+`", text_of(page))
        for option in re.findall(r"(?<![\w-])--[a-z][\w-]+", code)
    }

    assert named - known == set()
