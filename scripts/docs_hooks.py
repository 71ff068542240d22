"""Adds to the site what is not in docs/: README and other pages, linked files, and the API reference."""

import ast
import posixpath
import re
from pathlib import Path
from typing import Any, Dict, List

from mkdocs.structure.files import File, Files
from pymdownx.slugs import slugify

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "README.md": "index.md",
    **{
        f"{name}.md": f"{name.lower()}.md"
        for name in ("CHANGELOG", "CODE_OF_CONDUCT", "CONTRIBUTING", "RELEASE", "SECURITY")
    },
}
_LINK = re.compile(r"(\]\()([^()\s#]+)(#[^()\s]*)?(\))")
_PACKAGE = "attention_vat"


def on_config(config: Any) -> Any:
    """Uses the anchors of GitHub, and adds the API reference to the navigation."""
    config.mdx_configs["toc"]["slugify"] = slugify(case="lower")
    config.nav.append({"API": [{name: f"api/{name}.md"} for name in sorted(modules())]})
    return config


def on_files(files: Files, config: Any) -> Files:
    """Adds pages and files that are not in docs/."""
    for source, target in PAGES.items():
        files.append(File.generated(config, target, content=(ROOT / source).read_text(encoding="utf-8")))
    for name, names in modules().items():
        text = "\n".join([f"# {_PACKAGE}.{name}", "", *(f"::: {module}\n" for module in names)])
        files.append(File.generated(config, f"api/{name}.md", content=text))
    linked = {
        _resolved(source_of(file), link)
        for file in files.documentation_pages()
        for _, link, _, _ in _LINK.findall(file.content_string)
    }
    for path in sorted(linked):
        if not path.startswith("docs/") and path not in PAGES and (ROOT / path).is_file():
            files.append(File.generated(config, path, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Points links to where their targets are on the site."""
    source = source_of(page.file)

    def moved(match: "re.Match[str]") -> str:
        opening, link, anchor, closing = match.groups()
        if "://" in link or link.startswith("mailto:"):
            return match.group()
        path = _resolved(source, link)
        target = PAGES.get(path, path[len("docs/") :] if path.startswith("docs/") else path)
        relative = posixpath.relpath(target, posixpath.dirname(page.file.src_uri) or ".")
        return f"{opening}{relative}{anchor or ''}{closing}"

    return _LINK.sub(moved, markdown)


def source_of(file: File) -> str:
    """Returns the path of a page in the repository."""
    pages = {target: source for source, target in PAGES.items()}
    return pages.get(file.src_uri, f"docs/{file.src_uri}")


def modules() -> Dict[str, List[str]]:
    """Returns the modules with public classes or functions, grouped by their folder in the package."""
    found: Dict[str, List[str]] = {}
    for path in sorted((ROOT / _PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        tree = ast.parse(path.read_text(encoding="utf-8"))
        public = [node for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
        if len(parts) > 2 and any(not node.name.startswith("_") and ast.get_docstring(node) for node in public):
            found.setdefault(parts[1], []).append(".".join(parts).replace(".__init__", ""))
    return found


def _resolved(source: str, link: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), link))
