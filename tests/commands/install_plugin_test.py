import sys

import pytest
from allennlp.commands import main
from allennlp.common import plugins
from allennlp.common.checks import ConfigurationError

from attention_vat.commands.install_plugin import install_plugin


def test_added_once(monkeypatch, capsys, tmp_path):
    file = tmp_path / ".allennlp" / "plugins"
    monkeypatch.setattr(plugins, "GLOBAL_PLUGINS_FILENAME", str(file))
    monkeypatch.setattr(sys, "argv", ["allennlp", "install-plugin"])
    main()
    main()
    assert file.read_text() == "attention_vat\n"
    assert capsys.readouterr().out == f"attention_vat added to {file}\nattention_vat was in {file}\n"
    assert list(plugins.discover_file_plugins(str(file))) == ["attention_vat"]


@pytest.mark.parametrize("before", ["other", "other\n"])
def test_other_plugins_stay(before, tmp_path):
    file = tmp_path / "plugins"
    file.write_text(before)
    assert install_plugin(file)
    assert file.read_text() == "other\nattention_vat\n"
    assert not install_plugin(file)


def test_a_file_that_cannot_be_read(tmp_path):
    (tmp_path / "plugins").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="plugins cannot be read"):
        install_plugin(tmp_path / "plugins")
