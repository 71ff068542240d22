"""The navigation of the documentation site has every page, and its scripts make Markdown of docstrings."""

import doctest
from pathlib import Path
from typing import Any, Iterator

import yaml

from tests.docs.pages import ROOT

# Pages that scripts/docs_hooks.py makes of files of the repository.
MADE = {"index.md", "changelog.md", "code_of_conduct.md", "contributing.md", "release.md", "security.md"}


def pages_in(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    else:
        for each in nav.values() if isinstance(nav, dict) else nav:
            yield from pages_in(each)


def test_navigation():
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    pages = [*pages_in(settings["nav"])]
    files = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}

    assert len(pages) == len(set(pages))
    assert set(pages) == MADE | {file for file in files if not file.startswith("results/")}


def test_docstrings_become_markdown(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import docstring_markdown

    assert doctest.testmod(docstring_markdown).attempted == 1
    assert doctest.testmod(docstring_markdown).failed == 0


def test_nothing_is_loaded_from_elsewhere():
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    files = [*Path(ROOT / "docs" / "javascripts").iterdir(), *Path(ROOT / "docs" / "stylesheets").iterdir()]

    assert "http" not in settings
    assert not any("http" in file.read_text(encoding="utf-8") for file in files)
