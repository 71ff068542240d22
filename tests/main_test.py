"""The command `attention-vat`."""

import json
import os
import subprocess
import sys

import nltk

from attention_vat.__main__ import _do_not_download_at_start
from tests.forks import ROOT, python


def run(*command, cwd):
    return subprocess.run(
        [sys.executable, "-m", "attention_vat", *command],
        cwd=str(cwd),
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(cwd), "PYTHONWARNINGS": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )


def test_subcommands_in_any_folder_and_no_foreign_warnings(tmp_path, monkeypatch):
    """From a table to data and a configuration, in a folder without a file of plugins."""
    rows = [f"text {i} is fine,{('good', 'bad')[i % 2]}" for i in range(30)]
    (tmp_path / "my.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    result = run("make-dataset", "own", "--source", "my.csv", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert len((tmp_path / "data" / "own" / "train.jsonl").read_text().splitlines()) == 24
    for foreign in ("torchvision", "fairscale", "pkg_resources", "Plugin"):
        assert foreign not in result.stderr
    json.loads((tmp_path / "data" / "own" / "statistics.json").read_text())
    monkeypatch.chdir(tmp_path)
    ending = python("-m", "attention_vat", "no-such-command", output=tmp_path / "log").wait()
    assert ending.code == 2
    printed = ending.output.read_text()
    assert "usage: attention-vat" in printed
    assert "make-dataset" in printed


def test_it_downloads_nothing_at_the_start(monkeypatch):
    asked = []
    monkeypatch.setattr(nltk, "download", lambda name, **kwargs: asked.append((name, kwargs)) or True)
    _do_not_download_at_start()
    assert not nltk.download("punkt") and not nltk.download("wordnet")
    assert nltk.download("treebank", quiet=True)
    assert asked == [("treebank", {"quiet": True})]


def test_the_entry_point():
    setup = (ROOT / "setup.py").read_text(encoding="utf-8")
    assert '"attention-vat = attention_vat.__main__:main"' in setup
