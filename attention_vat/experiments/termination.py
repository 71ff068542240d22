"""Handles SIGTERM, which batch systems and `timeout` send."""

import signal
import threading
from contextlib import contextmanager
from typing import Any, Iterator


def interrupt_on_sigterm() -> None:
    """
    Turns SIGTERM into a `KeyboardInterrupt`, so that it ends a command like Ctrl-C. Must be called after Ray has
    started, as Ray installs a handler that prints the stack of its native code and exits. Does nothing outside the main
    thread, which alone may handle signals.
    """
    if _is_main_thread():
        signal.signal(signal.SIGTERM, _interrupt)


@contextmanager
def sigterm_restored() -> Iterator[None]:
    """Restores the handler of SIGTERM after the block."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if _is_main_thread():
            # `None` stands for a handler that was not set from Python, which cannot be restored.
            signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)


def _interrupt(number: int, frame: Any) -> None:
    # Stopping Ray takes a few seconds, which a second signal must not interrupt.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
