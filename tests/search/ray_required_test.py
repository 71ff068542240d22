import ast
import sys
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

import attention_vat
from attention_vat.search.ray_required import require_ray

MODULES = sorted(Path(attention_vat.__file__).parent.rglob("*.py"))


def test_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigurationError, match="pip install 'ray\\[tune\\]'"):
        require_ray()


def test_ray_is_imported_where_it_is_used():
    """`--include-package attention_vat` imports every module, also where there is no Ray."""
    found = []
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [path for name in names if name.split(".")[0] == "ray"]
    assert found == []
