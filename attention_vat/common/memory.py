"""Memory that a training step frees stays with the process, for the next step."""

import ctypes
import logging
import sys

logger = logging.getLogger(__name__)

# Of malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3


def keep_freed_memory() -> bool:
    """
    Tells glibc's `malloc` not to hand large pieces of freed memory back to the system. A training step on a CPU frees
    gradients and hidden states of some ten or hundred megabytes and asks for as much again in the next step. By default
    each of them comes fresh from the system, page by page and set to zero, which is a quarter of the time of a step.

    Does nothing where there is no glibc (macOS, Windows, musl) or where another allocator is loaded.

    # Returns

    done : `bool`
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    # A threshold of one gigabyte; older versions of glibc take 32 megabytes at most.
    done = any(mallopt(M_MMAP_THRESHOLD, size) for size in (2**30, 2**25)) and bool(mallopt(M_TRIM_THRESHOLD, -1))
    logger.debug("malloc keeps freed memory: %s", done)
    return done
