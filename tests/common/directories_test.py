import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.common import directories
from attention_vat.common.directories import make_writable


def test_makes_the_directory_and_leaves_it_empty(tmp_path):
    for _ in range(2):
        make_writable(tmp_path / "a" / "b", "--log-dir")
        assert list((tmp_path / "a" / "b").iterdir()) == []


@pytest.mark.parametrize(("name", "reason"), [("file", "File exists"), ("file/a", "Not a directory")])
def test_names_directory_and_option(tmp_path, name, reason):
    (tmp_path / "file").touch()
    with pytest.raises(
        ConfigurationError, match=f"{name} is not a writable directory .*{reason}.*; choose another --log-dir"
    ):
        make_writable(tmp_path / name, "--log-dir")


def test_a_directory_that_is_there_may_not_be_writable(tmp_path, monkeypatch):
    def refuse(dir):
        raise PermissionError(13, "Permission denied", str(dir))

    monkeypatch.setattr(directories.tempfile, "TemporaryFile", refuse)  # root may write everywhere
    with pytest.raises(ConfigurationError, match="Permission denied"):
        make_writable(tmp_path, "--log-dir")
