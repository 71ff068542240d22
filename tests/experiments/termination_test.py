import os
import signal
import threading

import pytest

from attention_vat.experiments.termination import interrupt_on_sigterm, sigterm_restored


def terminate():
    os.kill(os.getpid(), signal.SIGTERM)


def test_sigterm_is_an_interrupt_and_then_what_it_was():
    received = []
    original = signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))
    try:
        with pytest.raises(KeyboardInterrupt), sigterm_restored():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # as Ray, which has a handler of its own
            interrupt_on_sigterm()
            try:
                terminate()
            finally:
                terminate()  # does not disturb the end
                ended = True
        assert ended and received == []
        terminate()
        assert received == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, original)


def test_another_thread_leaves_signals_alone():
    problems, before = [], signal.getsignal(signal.SIGTERM)

    def search():
        try:
            with sigterm_restored():
                interrupt_on_sigterm()
        except BaseException as error:
            problems.append(error)

    thread = threading.Thread(target=search)
    thread.start()
    thread.join()
    assert problems == [] and signal.getsignal(signal.SIGTERM) is before
