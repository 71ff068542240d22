"""
Reads the source of a corpus: a directory, an archive or a single file, compressed or not.
"""

import bz2
import gzip
import hashlib
import lzma
import tarfile
import zipfile
from contextlib import ExitStack, contextmanager
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import IO, Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple, Union

from allennlp.common.checks import ConfigurationError

from attention_vat.common.lines import numbered_lines
from attention_vat.common.texts import one_line
from attention_vat.data.corpora.downloads import fetch

UNPACK: Dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}

LONGEST_FILE = 2**28
"""The limit in bytes for files read at once, such as a document or a review.  The longest have a few million."""

LONGEST_NAME = 200
"""The limit in characters for names in messages.  Names in an archive can have any length."""


@contextmanager
def reading(where: Any) -> Iterator[None]:
    """
    Wraps a block that reads a file.  Raises a `ConfigurationError` that names the file if it is damaged.
    """
    try:
        yield
    except ConfigurationError:
        raise
    except Exception as error:  # each format fails in its own way, such as with a ValueError for a number in a header
        reason = one_line(error)[:100] or type(error).__name__
        raise ConfigurationError(f"{where}: cannot be read ({reason}); get it again") from error


class Source:
    """
    A place with the files of a corpus: a directory, a `.zip` or `.tar` archive (compressed or not), or a single file.

    # Parameters

    path : `Union[str, PathLike]`
        Raises a `ConfigurationError` if it does not exist, or if an archive is broken.
    """

    def __init__(self, path: Union[str, PathLike]) -> None:
        self.path = Path(path)
        self._is_directory = self.path.is_dir()
        if not self._is_directory and not self.path.is_file():
            raise ConfigurationError(f"{self.path}: no such file or directory; check --source")
        # Detected by content, not by name: downloads are cached under other names.
        self._names: Optional[List[str]] = None
        with reading(self.path):
            self._is_zip = not self._is_directory and zipfile.is_zipfile(self.path)
            self._is_tar = not self._is_directory and not self._is_zip and tarfile.is_tarfile(str(self.path))
        if self.path.suffix in (".zip", ".tar", ".tgz") and not (self._is_directory or self._is_zip or self._is_tar):
            raise ConfigurationError(f"{self.path}: is not a complete {self.path.suffix} archive; get it again")

    def names(self) -> List[str]:
        """
        Returns the files inside, as paths relative to the source, or the file's own name if the source is a single
        file.
        """
        if self._names is None:
            with reading(self.path):
                self._names = self._list()
        return self._names

    def _list(self) -> List[str]:
        if self._is_directory:
            names = [path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if path.is_file()]
        elif self._is_zip:
            with zipfile.ZipFile(self.path) as zipped:
                names = [info.filename for info in zipped.infolist() if not info.is_dir()]
        elif self._is_tar:
            with tarfile.open(self.path) as tar:
                names = [member.name for member in tar if member.isfile()]
                _read_to_end(tar)
        else:
            names = [self.path.name]
        return sorted(name for name in names if not _is_shadow(name))

    def holds(self, *names: str) -> bool:
        """
        Says whether the source has one of these files, plain or compressed.
        """
        return any(self._named(name) for name in names)

    def find(self, *names: str, folders: Sequence[str] = ()) -> str:
        """
        Returns the only file with this name, plain or compressed (`train.txt`, `trees/train.txt.xz`): at the top of the
        source, or else in any folder.

        # Parameters

        names : `str`
            Alternative names; the first that exists is used.
        folders : `Sequence[str]`, optional (default = `()`)
            If the name occurs in several folders, the first of these that has it is used.

        Raises `ConfigurationError` if there is no such file, or more than one.
        """
        for name in names:
            found = self._named(name)
            for folder in folders if len(found) > 1 else ():
                inside = [candidate for candidate in found if folder in PurePosixPath(candidate).parts]
                found = inside or found
            if len(found) > 1:
                raise ConfigurationError(
                    f"{self.path}: holds {name} more than once "
                    f"({', '.join(other[:LONGEST_NAME] for other in found[:3])}); keep one of them"
                )
            if found:
                return found[0]
        raise ConfigurationError(f"{self.path}: holds no {' or '.join(names)} (or {names[0]}.xz, .gz, .bz2)")

    def _named(self, name: str) -> List[str]:
        wanted = {name} | {name + suffix for suffix in UNPACK}
        found = [candidate for candidate in self.names() if PurePosixPath(candidate).name in wanted]
        return [candidate for candidate in found if candidate in wanted] or found

    def where(self, name: str) -> str:
        """
        Returns the name of a file for messages.
        """
        name = name[:LONGEST_NAME]
        if self._is_directory:
            return str(self.path / name)
        return f"{self.path}!{name}" if self._is_zip or self._is_tar else str(self.path)

    def lines(self, name: str) -> Iterator[Tuple[str, str]]:
        """
        Yields the lines of a UTF-8 file (a byte order mark and `\\r\\n` are accepted), each with its `file:line`.
        """
        with reading(self.where(name)), ExitStack() as stack:
            yield from self._decoded(name, self.open(name, stack))

    def text(self, name: str, data: IO[bytes], encoding: str = "utf-8") -> str:
        """
        Returns the text of a file that `walk` has opened.  Raises a `ConfigurationError` if it is too long or not text.
        """
        with reading(self.where(name)):
            content = data.read(LONGEST_FILE + 1)
        if len(content) > LONGEST_FILE:
            raise ConfigurationError(f"{self.where(name)}: has more than {LONGEST_FILE:,} bytes, too many for one text")
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"{self.where(name)}: is not UTF-8 text ({error.reason})") from error

    def walk(self, wanted: Callable[[str], bool]) -> Iterator[Tuple[str, IO[bytes]]]:
        """
        Yields the wanted files in the order of the source, each open for reading until the next one.

        An archive is read once from start to end, which is much faster than opening many files one by one.

        # Parameters

        wanted : `Callable[[str], bool]`
            Says whether a file is wanted, by its name as in `names`.
        """
        with reading(self.path):
            if self._is_tar:
                with tarfile.open(self.path) as tar:
                    for member in tar:
                        if member.isfile() and not _is_shadow(member.name) and wanted(member.name):
                            with ExitStack() as stack:
                                yield member.name, _unpacked(member.name, tar.extractfile(member), stack)
                    _read_to_end(tar)
            else:
                for name in filter(wanted, self.names()):
                    with ExitStack() as stack:
                        yield name, self.open(name, stack)

    def walk_lines(self, wanted: Callable[[str], bool]) -> Iterator[Tuple[str, str]]:
        """
        Yields the lines of all wanted files, as `lines` does.
        """
        for name, data in self.walk(wanted):
            yield from self._decoded(name, data)

    def _decoded(self, name: str, data: IO[bytes]) -> Iterator[Tuple[str, str]]:
        where = self.where(name)
        with reading(where):
            for line in numbered_lines(data, where):
                yield f"{where}:{line.number}", line.text.rstrip("\r\n")

    def open(self, name: str, stack: ExitStack) -> IO[bytes]:
        """
        Opens a file, decompressed, until the stack is closed.
        """
        data: Any
        if self._is_zip:
            archive = stack.enter_context(zipfile.ZipFile(self.path))
            data = stack.enter_context(archive.open(name))
        elif self._is_tar:
            data = stack.enter_context(tarfile.open(self.path)).extractfile(name)  # noqa: SIM115
        else:
            path = self.path / name if self._is_directory else self.path
            data = stack.enter_context(path.open("rb"))
        return _unpacked(name, data, stack)


def _unpacked(name: str, data: Any, stack: ExitStack) -> IO[bytes]:
    unpack = UNPACK.get(PurePosixPath(name).suffix)
    if unpack is None:
        return data
    if not data.peek(1):  # truncated: even an empty text has some bytes when compressed
        raise EOFError("it is empty")
    return stack.enter_context(unpack(data))


def _read_to_end(tar: tarfile.TarFile) -> None:
    # The checksum comes after the compressed archive, and is compared only when it is reached.
    while tar.fileobj.read(2**20):  # type: ignore[union-attr]
        pass


def _is_shadow(name: str) -> bool:
    # Archives made on macOS contain a shadow of each file.
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith("._")


def download(url: str, digest: Optional[str] = None, size: Optional[int] = None) -> Source:
    """
    Returns the file at a URL, from AllenNLP's cache if possible, after a check against the published digest or size.

    # Parameters

    url : `str`
    digest : `str`, optional (default = `None`)
        The expected digest of the file: a SHA-256, or an MD5 if only that was published.
    size : `int`, optional (default = `None`)
        The expected number of bytes, if no digest was published.

    Raises a `ConfigurationError` if the download fails or is not the published file.
    """
    path = Path(fetch(url))
    if digest is not None:
        kind = "md5" if len(digest) == 32 else "sha256"
        got = _hashed(path, kind)
        if got != digest:
            _refuse(url, path, f"{kind} {got}, expected {digest}")
    if size is not None and path.stat().st_size != size:
        _refuse(url, path, f"{path.stat().st_size:,} bytes, expected {size:,}")
    return Source(path)


def _refuse(url: str, path: Path, why: str) -> None:
    raise ConfigurationError(
        f"{url}: the download is not the published file ({why}); "
        f"delete {path} and try again, or name a local copy with --source"
    )


def _hashed(path: Path, kind: str) -> str:
    hasher = hashlib.new(kind)
    with open(path, "rb") as data:
        for block in iter(lambda: data.read(2**20), b""):
            hasher.update(block)
    return hasher.hexdigest()
