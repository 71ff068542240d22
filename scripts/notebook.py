"""Runs the cells of a notebook without Jupyter, and stores the output of each last line: `notebook.py FILE`."""

import argparse
import ast
import json
from pathlib import Path
from typing import Any, Dict, List

from attention_vat.common.whole_file import written_whole

# A value that is shown as HTML needs no more text than this.
MOST_TEXT = 2_000


def run_cells(notebook: Dict[str, Any], name: str = "notebook") -> None:
    """
    Runs all code cells in one namespace. Their outputs replace the former ones.

    # Parameters

    notebook : `Dict[str, Any]`
        A notebook in format 4.
    name : `str`, optional (default = `"notebook"`)
        The name in tracebacks.
    """
    namespace: Dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cell for cell in notebook["cells"] if cell["cell_type"] == "code"):
        tree = ast.parse("".join(cell["source"]))
        shown: List[Dict[str, Any]] = []
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"{name}, cell {number + 1}", "exec"), namespace)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), f"{name}, cell {number + 1}", "eval"), namespace)
            if value is not None:
                shown = [_output(value, number + 1)]
        cell.update(outputs=shown, execution_count=number + 1)


def _output(value: Any, number: int) -> Dict[str, Any]:
    text = repr(value)
    if hasattr(value, "_repr_html_"):
        text = text if len(text) < MOST_TEXT else f"<{type(value).__name__}>"
    data = {"text/plain": text.splitlines(keepends=True)}
    if hasattr(value, "_repr_html_"):
        data["text/html"] = value._repr_html_().splitlines(keepends=True)
    return {"output_type": "execute_result", "execution_count": number, "metadata": {}, "data": data}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="the notebook, whose outputs are replaced")
    path = parser.parse_args().file
    contents = json.loads(path.read_text(encoding="utf-8"))
    run_cells(contents, path.name)
    with written_whole(path) as file:
        file.write(json.dumps(contents, ensure_ascii=False, indent=1) + "\n")
