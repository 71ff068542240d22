"""AllenNLP's parser adds defaults to the help of options, so none should say its own."""

import re
import sys
from unittest import mock

import pytest
from allennlp.commands import parse_args
from allennlp.commands.subcommand import Subcommand

COMMANDS = sorted(
    name for name in Subcommand.list_available() if Subcommand.by_name(name).__module__.startswith("attention_vat")
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_default_is_said_once(command, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["allennlp", command, "--help"])
    with mock.patch("allennlp.commands.import_plugins"), pytest.raises(SystemExit):
        parse_args("allennlp")

    options = re.split(r"\n  (?=-)", capsys.readouterr().out)
    assert len(options) > (1 if command == "install-plugin" else 3)
    assert [option for option in options if option.count("(default") > 1] == []
