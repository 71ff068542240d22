"""Measurements in a separate process."""

import multiprocessing
from typing import Any, Callable, TypeVar

T = TypeVar("T")


def apart(function: Callable[..., T], *arguments: Any) -> T:
    """Calls a function in a process of its own: the peak of a process never falls, and those it starts inherit it."""
    with multiprocessing.get_context("spawn").Pool(1) as process:
        return process.apply(function, arguments)
