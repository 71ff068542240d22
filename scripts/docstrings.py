"""
Counts what docstrings of public classes and functions say: `python -m scripts.docstrings [--missing KIND] [PATH ...]`.

Each is checked for its purpose, parameters, shapes of tensors, units, errors, source and example, if they apply: a
function without tensors needs no shapes, and one that raises nothing names no errors.
"""

import argparse
import ast
import re
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Union

KINDS = ("purpose", "parameters", "shapes", "units", "errors", "source", "example")
ROOT = Path(__file__).resolve().parent.parent
Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]
# Parameters whose names contain one of these have a unit or a range.
_MEASURED = re.compile(
    "seconds|minutes|limit|fraction|share|ratio|rate|weight|epsilon|threshold|temperature|tau|scale|noise"
)
_UNIT = re.compile(
    r"[Ss]econds|[Mm]inutes|bytes|nats|norm|share|between|at least|at most|in \[|default|λ|ε|units?|fraction|ratio"
)
_SOURCE = re.compile(r"\(\d{4}\)|\d{4}\)|et al\.|Eq\. ?\d|AllenNLP|Allen|As .*'s")


class Audit(NamedTuple):
    """
    The findings on the docstring of one class or function.

    # Parameters

    place : `str`
        `FILE:LINE NAME`.
    said : `Dict[str, Optional[bool]]`
        Whether each of `KINDS` is present; `None` if it does not apply.
    """

    place: str
    said: Dict[str, Optional[bool]]


def audit(path: Path) -> Iterator[Audit]:
    """
    Checks each public class, function and method of a file.

    # Parameters

    path : `Path`
        A Python file. Names that begin with `_` are left out, and so are methods without a docstring in classes with a
        base class, whose docstring they share.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    where = path.resolve().relative_to(ROOT)
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_"):
            yield Audit(f"{where}:{node.lineno} {node.name}", _said(node, _docstring(node)))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            overrides = bool(node.bases)
            for method in node.body:
                text = ast.get_docstring(method) if isinstance(method, ast.FunctionDef) else None
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_") and (text or not overrides):
                    yield Audit(f"{where}:{method.lineno} {node.name}.{method.name}", _said(method, text or ""))


def _docstring(node: Union[ast.ClassDef, Function]) -> str:
    assigned = [
        each for each in node.body if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "__doc__"
    ]
    return ast.get_docstring(node) or "".join(ast.unparse(each.value) for each in assigned)


def _said(node: Union[ast.ClassDef, Function], text: str) -> Dict[str, Optional[bool]]:
    function = _signature(node) if isinstance(node, ast.ClassDef) else node
    arguments = _arguments(function) if function is not None else []
    types = " ".join(ast.unparse(each.annotation) for each in arguments if each.annotation is not None)
    if isinstance(node, ast.ClassDef):
        types += " ".join(ast.unparse(each.annotation) for each in node.body if isinstance(each, ast.AnnAssign))
    elif node.returns is not None:
        types += " " + ast.unparse(node.returns)
    names = [each.arg for each in arguments]
    raises = isinstance(node, ast.FunctionDef) and any(
        isinstance(each, ast.Raise) and each.exc is not None and "NotImplementedError" not in ast.unparse(each.exc)
        for each in ast.walk(node)
    )
    tensors = bool(re.search(r"\bTensor\b|BoolTensor|LongTensor|IntTensor", types))
    measured = any(_MEASURED.search(name) for name in names)
    return {
        "purpose": bool(text.split("\n# ")[0].strip()),
        "parameters": ("# Parameters" in text or all(name in text for name in names)) if names else None,
        "shapes": bool(re.search(r"[Ss]hape|scalar|\(\w+, ?\w+|dimension", text)) if tensors else None,
        "units": bool(_UNIT.search(text)) if measured else None,
        "errors": bool(re.search(r"[Rr]aise|error", text)) if raises else None,
        "source": bool(_SOURCE.search(text)) if isinstance(node, ast.ClassDef) and "Registered as" in text else None,
        "example": "# Examples" in text if isinstance(node, ast.ClassDef) and names else None,
    }


def _signature(node: ast.ClassDef) -> Optional[Function]:
    return next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None)


def _arguments(function: Function) -> List[ast.arg]:
    every = [*function.args.args, *function.args.kwonlyargs]
    return [each for each in every if each.arg not in ("self", "cls")]


def audits(*paths: Path) -> List[Audit]:
    """
    Returns the audits of all Python files in some folders.

    # Parameters

    paths : `Path`
        Files or folders.
    """
    files = [file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    return [each for file in files for each in audit(file)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Counts what docstrings say.")
    parser.add_argument("paths", type=Path, nargs="*", default=[ROOT / "attention_vat"], help="files or folders")
    parser.add_argument("--missing", choices=KINDS, help="list what lacks this")
    arguments = parser.parse_args()
    found = audits(*arguments.paths)
    print(f"{len(found)} public classes, functions and methods")
    for kind in KINDS:
        asked = [each.said[kind] for each in found if each.said[kind] is not None]
        print(f"{kind:<12}{sum(map(bool, asked)):>5} of {len(asked)}")
    for each in found:
        if arguments.missing and each.said[arguments.missing] is False:
            print(each.place)
