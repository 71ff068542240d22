"""Files that are there complete or not at all."""

import os
import tempfile
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import IO, Iterator, Union


@contextmanager
def written_whole(path: Union[str, PathLike]) -> Iterator[IO[str]]:
    """
    A text file beside `path`, which takes its name when the block ends without an error. Half a surrogate pair, which
    UTF-8 cannot write, becomes an escape.

    # Examples

        with written_whole("numbers.json") as file:
            json.dump(numbers, file)
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            yield file
            # Else the name may be on the disk before what it names, and a power cut leaves half a file or none of it.
            file.flush()
            os.fsync(file.fileno())
        os.chmod(aside, 0o644)
        os.replace(aside, path)
    except BaseException:
        os.unlink(aside)
        raise
