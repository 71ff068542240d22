"""SIGTERM, which batch systems and `timeout` send."""

import signal
import threading
from contextlib import contextmanager
from typing import Any, Iterator


def interrupt_on_sigterm() -> None:
    """
    Makes SIGTERM a `KeyboardInterrupt`, so that a command ends by it as by Ctrl-C. To be called when Ray has started,
    for Ray then has a handler that prints the stack of its native code and exits. Does nothing outside of the main
    thread, which alone may handle signals.
    """
    if _is_main_thread():
        signal.signal(signal.SIGTERM, _interrupt)


@contextmanager
def sigterm_restored() -> Iterator[None]:
    """After the block SIGTERM does what it did before."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if _is_main_thread():
            # `None` stands for a handler that is not Python's, which cannot be put back.
            signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)


def _interrupt(number: int, frame: Any) -> None:
    # To stop Ray takes a few seconds, which a second signal must not cut short.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
