import doctest
import importlib
import pkgutil
import sys

import pytest

import attention_vat
from scripts.docstrings import KINDS, ROOT, audit, audits

needs_unparse = pytest.mark.skipif(sys.version_info < (3, 9), reason="ast.unparse is of Python 3.9")
MODULE = '''
class Base:
    """A base. See Miyato et al. (2017)."""

    def __init__(self, epsilon: float) -> None:
        if epsilon < 0:
            raise ValueError


def norm(values: torch.Tensor) -> torch.Tensor:
    """
    The norm.

    # Parameters

    values : `torch.Tensor`
        Shape `(batch_size,)`.
    """


def nothing():
    pass


def _private(values):
    pass
'''


@needs_unparse
def test_what_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("scripts.docstrings.ROOT", tmp_path)
    (tmp_path / "module.py").write_text(MODULE, encoding="utf-8")
    base, norm, nothing = audit(tmp_path / "module.py")

    assert base.place == "module.py:2 Base"
    assert base.said["purpose"] and base.said["parameters"] is False and base.said["example"] is False
    assert norm.said["shapes"] and norm.said["parameters"] and norm.said["errors"] is None
    assert nothing.said == {**dict.fromkeys(KINDS), "purpose": False}


@needs_unparse
def test_everything_public_says_what_is_asked_of_it():
    found = audits(ROOT / "attention_vat")
    for kind in ("purpose", "shapes", "units", "errors"):
        assert [each.place for each in found if each.said[kind] is False] == [], kind


def test_examples_with_prompts_run():
    modules = [module.name for module in pkgutil.walk_packages(attention_vat.__path__, "attention_vat.")]
    with_examples = [name for name in modules if _source_of(name).count(">>> ")]

    assert with_examples
    for name in with_examples:
        assert doctest.testmod(importlib.import_module(name)).failed == 0


def _source_of(name):
    path = ROOT.joinpath(*name.split("."))
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")
