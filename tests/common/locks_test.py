import multiprocessing
import os
import threading
import time

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.common.locks import IsLocked, locked, only_one


def test_one_process_at_a_time(tmp_path):
    lock = tmp_path / "new" / ".lock"
    with only_one(lock, "allennlp x", "the/place", "--place"):
        message = "Another `allennlp x` is already running in the/place; wait, or choose another --place."
        with pytest.raises(ConfigurationError, match=message), only_one(lock, "allennlp x", "the/place", "--place"):
            raise AssertionError("two are in the block")
    # It is free again, also after an error.
    with pytest.raises(KeyError), only_one(lock, "allennlp x", "the/place", "--place"):
        raise KeyError
    with locked(lock, timeout=0):
        assert lock.exists()
    assert not lock.exists()


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    lock = tmp_path / "file" / ".lock"
    message = "cannot be written .*; choose another --place"
    with pytest.raises(ConfigurationError, match=message), only_one(lock, "allennlp x", "the/place", "--place"):
        raise AssertionError("the block is not entered")


def test_it_waits(tmp_path):
    lock, entered = tmp_path / ".lock", []

    def enter():
        with locked(lock):
            entered.append(time.monotonic())

    with locked(lock):
        thread = threading.Thread(target=enter)
        thread.start()
        with pytest.raises(IsLocked), locked(lock, timeout=0.2):
            raise AssertionError("two are in the block")
        left = time.monotonic()
    thread.join()
    assert entered[0] >= left and not lock.exists()


def count(lock, counter, rounds):
    for _ in range(rounds):
        with locked(lock):
            number = int(counter.read_text())
            counter.write_text("")
            time.sleep(0.001)
            counter.write_text(str(number + 1))


def test_the_file_that_goes_away_lets_nobody_in_twice(tmp_path):
    lock, counter = tmp_path / ".lock", tmp_path / "counter"
    counter.write_text("0")
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=count, args=(lock, counter, 20)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert counter.read_text() == "80" and os.listdir(tmp_path) == ["counter"]


def test_what_a_killed_process_left_is_no_lock(tmp_path):
    (tmp_path / ".lock").write_text("")
    with locked(tmp_path / ".lock", timeout=0):
        pass
    assert not (tmp_path / ".lock").exists()
