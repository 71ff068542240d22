"""Python's garbage collector while modules are imported."""

import gc
from contextlib import contextmanager
from typing import Iterator


@contextmanager
def without_collection() -> Iterator[None]:
    """
    Pauses the garbage collector. It scans all objects again and again while thousands of modules create more of them,
    which takes a tenth of the time that AllenNLP needs to start.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
