"""
Reads the lines of any text file without filling the memory, and reports errors with their line numbers.
"""

import lzma
import tarfile
import zipfile
import zlib
from typing import IO, Iterator, NamedTuple

from allennlp.common.checks import ConfigurationError

BYTE_ORDER_MARK = "\ufeff"

LONGEST_LINE = 2**26
"""In bytes. The longest articles and books on a single line have a few million."""

BROKEN = (EOFError, OSError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, tarfile.TarError)
"""The errors that readers of compressed files raise for a damaged file."""


class Line(NamedTuple):
    """
    A line of a file, with its number from 1 and its offset in bytes (after decompression, if the file is compressed).
    """

    number: int
    offset: int
    text: str


def numbered_lines(file: IO[bytes], name: str, longest: int = LONGEST_LINE) -> Iterator[Line]:
    """
    Yields the lines of a UTF-8 file with their line ends. A byte order mark at the start of the file is left out.

    # Parameters

    file : `IO[bytes]`
        Open for reading, decompressed.
    name : `str`
        The name of the file in messages.
    longest : `int`, optional (default = `2**26`)
        Raises a `ConfigurationError` with `name:line` for a line of more bytes. No more than that is held in memory.

    Raises a `ConfigurationError` with `name:line` for a line that is not UTF-8 text, and if the file cannot be read to
    its end.
    """
    number, offset = 0, 0
    try:
        # Iterating over the file would read lines of any length.
        for number, line in enumerate(iter(lambda: file.readline(longest + 1), b""), start=1):
            if len(line) > longest:
                raise ConfigurationError(f"{name}:{number}: has more than {longest:,} bytes; cut or split the text")
            text = line.decode("utf-8")
            yield Line(number, offset, text.lstrip(BYTE_ORDER_MARK) if number == 1 else text)
            offset += len(line)
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{name}:{number}: is not UTF-8 text ({error.reason})") from error
    except BROKEN as error:
        raise ConfigurationError(
            f"{name}: cannot be read after line {number} ({error}); create or download it again"
        ) from error
