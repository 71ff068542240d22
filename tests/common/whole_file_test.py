import errno
import os

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.common.whole_file import replaced_whole, written_whole


def test_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "file.txt"
    with written_whole(path) as file:
        file.write("first \ud800")
        assert not path.exists()
    assert path.read_text() == "first \\ud800"
    with pytest.raises(KeyboardInterrupt), written_whole(path) as file:
        file.write("second")
        raise KeyboardInterrupt
    assert path.read_text() == "first \\ud800"
    assert [p.name for p in path.parent.iterdir()] == ["file.txt"]


def test_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    path, synced = tmp_path / "file.txt", []
    path.write_text("old")
    fsync = os.fsync

    def spy(handle):
        synced.append((os.fstat(handle).st_ino, os.fstat(handle).st_size, path.read_text()))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", spy)
    with written_whole(path) as file:
        file.write("new one")
    assert synced == [(path.stat().st_ino, len("new one"), "old")]


def test_a_full_disk_is_reported(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(
        ConfigurationError, match=r"numbers.json cannot be written \(No space left on device\); free some space"
    ), written_whole(tmp_path / "numbers.json") as file:
        file.write("1")
    assert not list(tmp_path.iterdir())


def test_a_link_to_the_same_file_leaves_nothing_beside(tmp_path):
    path = tmp_path / "weights.th"
    path.write_text("weights")
    with replaced_whole(path) as aside:
        os.link(path, aside)
    assert [file.name for file in tmp_path.iterdir()] == ["weights.th"]
