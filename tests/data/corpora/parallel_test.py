import os
import signal
import threading
from concurrent.futures.process import BrokenProcessPool

import pytest

from attention_vat.common import end_with_parent
from attention_vat.data.corpora.parallel import cleaned, parallel_map


def square(number):
    return number * number


def process(_):
    return os.getpid()


def watched_threads(_):
    return sum(getattr(thread, "_target", None) is end_with_parent._wait for thread in threading.enumerate())


def fail(number):
    raise ValueError(f"no {number}")


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def test_in_order_on_several_processes():
    assert list(parallel_map(square, range(100), workers=2, chunk=7)) == [number * number for number in range(100)]
    assert os.getpid() not in parallel_map(process, range(20), workers=2, chunk=5)


def test_no_process_for_little_or_for_one_core():
    assert set(parallel_map(process, range(4), workers=2, chunk=5)) == {os.getpid()}
    assert set(parallel_map(process, range(50), workers=1, chunk=5)) == {os.getpid()}
    assert list(parallel_map(process, [], workers=2)) == []


def test_a_stream_is_not_read_ahead():
    taken = []

    def stream():
        for number in range(10**9):
            taken.append(number)
            yield number

    results = parallel_map(square, stream(), workers=2, chunk=10)
    assert [next(results) for _ in range(10)] == [number * number for number in range(10)]
    assert len(taken) <= 60
    results.close()


def test_an_error_comes_through():
    with pytest.raises(ValueError, match="no 0"):
        list(parallel_map(fail, range(100), workers=2, chunk=10))


def test_processes_end_with_the_one_that_started_them():
    assert set(parallel_map(watched_threads, range(20), workers=2, chunk=5)) == {1}


def test_a_killed_process_is_an_error_and_not_waited_for():
    with pytest.raises(BrokenProcessPool):
        list(parallel_map(die, range(100), workers=2, chunk=10))


def test_cleaned_examples():
    examples = [
        ("train", {"id": "1", "text": "It's 5!", "label": "0"}),
        ("test", {"premise": "A b.", "hypothesis": "C?", "label": "Yes!"}),
    ]
    assert list(cleaned(examples)) == [
        ("train", {"id": "1", "tokens": ["it", "s", "5"], "label": "0"}),
        ("test", {"premise": ["a", "b"], "hypothesis": ["c"], "label": "Yes!"}),
    ]
    assert next(cleaned(examples, keep_punctuation=True, number_token="qqq"))[1]["tokens"] == ["it", "'s", "qqq", "!"]
