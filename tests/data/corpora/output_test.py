import os

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora.output import written_aside


def test_appears_when_complete(tmp_path):
    directory = tmp_path / "data" / "sst"
    with written_aside(directory) as aside:
        (aside / "train.jsonl").write_text("new")
        assert not directory.exists()
    assert (directory / "train.jsonl").read_text() == "new"
    assert [path.name for path in directory.parent.iterdir()] == ["sst"], "nothing else is left"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_changes_nothing(tmp_path, error):
    directory = tmp_path / "sst"
    directory.mkdir()
    (directory / "train.jsonl").write_text("old")

    def write_and_fail():
        with written_aside(directory, force=True) as aside:
            (aside / "train.jsonl").write_text("new")
            raise error

    with pytest.raises(error):
        write_and_fail()
    assert (directory / "train.jsonl").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["sst"]


def test_a_full_disk_is_reported(tmp_path):
    with pytest.raises(ConfigurationError, match="sst: cannot be written .No space left"), written_aside(
        tmp_path / "sst"
    ):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_replaces_only_when_forced(tmp_path):
    (tmp_path / "train.jsonl").write_text("old")
    (tmp_path / "statistics.json").write_text("{}")
    with pytest.raises(ConfigurationError, match="is not empty.*--force"), written_aside(tmp_path):
        pytest.fail("must not start")
    with written_aside(tmp_path, force=True) as aside:
        (aside / "test.jsonl").write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == ["test.jsonl"]


@pytest.mark.parametrize("foreign", ["thesis.tex", "package.json", "folder.jsonl"])
def test_never_replaces_what_is_not_ours(tmp_path, foreign):
    (tmp_path / "train.jsonl").write_text("old")
    path = tmp_path / foreign
    path.mkdir() if foreign.startswith("folder") else path.write_text("precious")
    with pytest.raises(ConfigurationError, match=f"holds {foreign}"), written_aside(tmp_path, force=True):
        pytest.fail("must not start")
    assert path.exists()


def test_a_file_is_in_the_way(tmp_path):
    (tmp_path / "sst").write_text("")
    with pytest.raises(ConfigurationError, match="sst: is a file"), written_aside(tmp_path / "sst", force=True):
        pytest.fail("must not start")
    with pytest.raises(ConfigurationError, match="cannot be written"), written_aside(tmp_path / "sst" / "below"):
        pytest.fail("must not start")


def test_an_empty_directory_is_used_and_open_to_others(tmp_path):
    (tmp_path / "sst").mkdir()
    with written_aside(tmp_path / "sst") as aside:
        (aside / "train.jsonl").touch()
    assert (tmp_path / "sst" / "train.jsonl").exists()
    (tmp_path / "other").mkdir()
    assert (tmp_path / "sst").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_what_a_killed_program_left_is_removed(tmp_path):
    directory, other = tmp_path / "sst", tmp_path / ".sst-2.making-abcdefgh"
    other.mkdir()
    left = tmp_path / ".sst.making-abcdefgh"
    left.mkdir()
    (left / "train.jsonl").write_text("half")
    with written_aside(directory) as aside:
        (aside / "train.jsonl").write_text("new")
        assert not left.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [other.name, "sst"]
    assert [path.name for path in directory.iterdir()] == ["train.jsonl"]


@pytest.mark.parametrize("force", [False, True])
def test_two_programs_at_once(tmp_path, force):
    directory = tmp_path / "sst"
    with written_aside(directory, force) as aside:
        (aside / "train.jsonl").write_text("first")
        with pytest.raises(ConfigurationError, match="sst: another program is writing it"), written_aside(
            directory, force
        ):
            pytest.fail("must not start")
    assert (directory / "train.jsonl").read_text() == "first"


def test_what_appears_meanwhile_is_not_replaced(tmp_path):
    directory = tmp_path / "sst"
    with pytest.raises(ConfigurationError, match="sst: is not empty"), written_aside(directory) as aside:
        (aside / "train.jsonl").write_text("second")
        directory.mkdir()
        (directory / "train.jsonl").write_text("first")
    assert (directory / "train.jsonl").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["sst"]


def test_a_kill_while_a_directory_is_replaced(tmp_path, monkeypatch, caplog):
    directory = tmp_path / "sst"
    directory.mkdir()
    (directory / "train.jsonl").write_text("old")
    rename = os.rename

    def rename_once(source, target):
        if str(source) != str(directory):
            raise KeyboardInterrupt
        rename(source, target)

    monkeypatch.setattr(os, "rename", rename_once)
    with pytest.raises(KeyboardInterrupt), written_aside(directory, force=True):
        pass
    assert not directory.exists()
    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(ConfigurationError, match="is not empty"), written_aside(directory):
        pytest.fail("must not start")
    assert "sst: restored" in caplog.text
    assert (directory / "train.jsonl").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["sst"]
