import argparse
import json
import sys

import pytest
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError

from attention_vat.commands import make_encoder as command
from attention_vat.commands.output import Output


def test_it_says_where_the_folder_is(monkeypatch, capsys, tmp_path):
    calls = []
    monkeypatch.setattr(command, "make_encoder", lambda *arguments: calls.append(arguments) or tmp_path / "minilm")
    args = argparse.Namespace(source="minilm", output_dir=None)
    command.make_encoder_from_args(args, Output())
    assert capsys.readouterr().out == f"written to {tmp_path / 'minilm'}\n"
    command.make_encoder_from_args(args, Output(json=True))
    assert json.loads(capsys.readouterr().out) == {"output_dir": str(tmp_path / "minilm")}
    assert calls == [("minilm", None)] * 2


def test_errors_are_one_sentence(monkeypatch):
    def refuse(*_):
        raise ConfigurationError("There is no archive x.")

    monkeypatch.setattr(command, "make_encoder", refuse)
    monkeypatch.setattr(sys, "argv", ["allennlp", "make-encoder", "x"])
    with pytest.raises(SystemExit) as exit_info:
        main()
    assert exit_info.value.code == "allennlp make-encoder: There is no archive x."
