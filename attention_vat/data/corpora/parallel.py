"""
Cleans texts on all cores.
"""

import os
import signal
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from itertools import chain, islice
from typing import Any, Callable, Deque, Dict, Iterable, Iterator, List, Optional, Tuple, TypeVar

from attention_vat.common.end_with_parent import end_with_parent
from attention_vat.data.corpora.cleaning import clean_words

T = TypeVar("T")
R = TypeVar("R")
Item = Tuple[str, Dict[str, Any]]

CHUNK = 2000
TEXTS = ("text", "premise", "hypothesis")


def parallel_map(
    function: Callable[[T], R], items: Iterable[T], workers: Optional[int] = None, chunk: int = CHUNK
) -> Iterator[R]:
    """
    Maps on several processes, in order.  Only a few chunks are in progress at a time, so items may be a stream of any
    length.

    # Parameters

    function : `Callable[[T], R]`
        A function of one item; it is sent to the processes.
    items : `Iterable[T]`
    workers : `int`, optional (default = all cores that this process may use)
    chunk : `int`, optional (default = `2000`)
        The number of items sent at a time.  No process is started for fewer.

    Raises `BrokenProcessPool` if one of the processes is killed, for example for lack of memory.
    """
    items = iter(items)
    workers = workers or _cores()
    first = list(islice(items, chunk))
    if workers == 1 or len(first) < chunk:
        yield from map(function, chain(first, items))
        return
    chunks = chain([first], iter(lambda: list(islice(items, chunk)), []))
    with ProcessPoolExecutor(workers, initializer=_initialize) as pool:
        under_way: Deque["Future[List[R]]"] = deque()
        for part in chunks:
            under_way.append(pool.submit(_map_chunk, function, part))
            if len(under_way) > 2 * workers:
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()


def cleaned(examples: Iterable[Item], **options: Any) -> Iterator[Item]:
    """
    Replaces the texts in the examples `(split, example)` of a corpus with words, in order: `text` becomes `tokens`;
    `premise` and `hypothesis` keep their keys.  All other keys are unchanged.

    # Parameters

    examples : `Iterable[Tuple[str, Dict[str, Any]]]`
    options : `Any`
        The options of `clean_words`.
    """
    return parallel_map(partial(_clean, options), examples)


def _clean(options: Dict[str, Any], item: Item) -> Item:
    split, example = item
    return split, {
        "tokens" if key == "text" else key: clean_words(value, **options) if key in TEXTS else value
        for key, value in example.items()
    }


def _map_chunk(function: Callable[[T], R], items: List[T]) -> List[R]:
    return [function(item) for item in items]


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # on macOS
        return os.cpu_count() or 1


def _initialize() -> None:
    # Ctrl-C interrupts only the parent; its processes end with it, because they hold its locks.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
