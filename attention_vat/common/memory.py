"""Keeps the memory that a training step frees in the process, for the next step."""

import ctypes
import logging
import sys

logger = logging.getLogger(__name__)

# Values from malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3


def keep_freed_memory() -> bool:
    """
    Tells glibc's `malloc` not to return large blocks of freed memory to the system. A training step on a CPU frees
    gradients and hidden states of tens or hundreds of megabytes, and the next step needs as much again. By default the
    system maps and zeroes each block page by page, which takes a quarter of the time of a step.

    Does nothing without glibc (macOS, Windows, musl) or with another allocator.

    # Returns

    done : `bool`
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    # A threshold of 1 GiB; older versions of glibc accept at most 32 MiB.
    done = any(mallopt(M_MMAP_THRESHOLD, size) for size in (2**30, 2**25)) and bool(mallopt(M_TRIM_THRESHOLD, -1))
    logger.debug("malloc keeps freed memory: %s", done)
    return done
