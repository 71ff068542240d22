"""The notebooks of the tutorials run, cell by cell, with small trainings, and show what they are about."""

import json
from unittest import mock

import pytest
from allennlp.commands import train

from scripts.notebook import run_cells
from tests.docs.clone import make_clone
from tests.docs.pages import ROOT
from tests.docs.typed import shrunk

NOTEBOOKS = sorted((ROOT / "docs" / "tutorials").glob("*.ipynb"))
train_model = train.train_model


def train_shortly(params, *args, **kwargs):
    return train_model(shrunk(params), *args, **kwargs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_cells(path, tmp_path, monkeypatch):
    monkeypatch.chdir(make_clone(tmp_path))
    notebook = json.loads(path.read_text(encoding="utf-8"))
    before = [[sorted(output["data"]) for output in cell.get("outputs", [])] for cell in notebook["cells"]]

    with mock.patch.object(train, "train_model", train_shortly):
        run_cells(notebook, path.name)

    after = [[sorted(output["data"]) for output in cell.get("outputs", [])] for cell in notebook["cells"]]
    assert after == before
    assert "rgba(" in json.dumps(notebook)
    assert str(ROOT) not in path.read_text(encoding="utf-8")
