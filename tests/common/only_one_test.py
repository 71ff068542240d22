import pytest
from allennlp.common.checks import ConfigurationError
from filelock import FileLock

from attention_vat.common.only_one import only_one


def test_one_process_at_a_time(tmp_path):
    lock = tmp_path / "new" / ".lock"
    with only_one(lock, "allennlp x", "the/place", "--place"):
        message = "Another `allennlp x` is at work in the/place; wait, or choose another --place."
        with pytest.raises(ConfigurationError, match=message), only_one(lock, "allennlp x", "the/place", "--place"):
            raise AssertionError("two are in the block")
    # It is free again, also after an error.
    with pytest.raises(KeyError), only_one(lock, "allennlp x", "the/place", "--place"):
        raise KeyError
    with FileLock(str(lock), timeout=0):
        assert lock.exists()


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    lock = tmp_path / "file" / ".lock"
    message = "cannot be written .*; choose another --place"
    with pytest.raises(ConfigurationError, match=message), only_one(lock, "allennlp x", "the/place", "--place"):
        raise AssertionError("the block is not entered")
