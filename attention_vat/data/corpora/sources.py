"""
Where a corpus comes from: a directory, an archive or a single file, packed or not, all read the same way.
"""

import bz2
import gzip
import hashlib
import io
import lzma
import tarfile
import zipfile
import zlib
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from typing import IO, Any, Callable, Dict, Iterator, List, Tuple, Union

from allennlp.common.checks import ConfigurationError
from allennlp.common.file_utils import cached_path

UNPACK: Dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}

BROKEN = (EOFError, OSError, RuntimeError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, tarfile.TarError)


class Source:
    """
    One place that holds files of a corpus: a directory, a `.zip` or `.tar` archive (packed or not), or one file.

    # Parameters

    path : `Union[str, PathLike]`
        Raises a `ConfigurationError` if nothing is there, or if an archive is broken.
    """

    def __init__(self, path: Union[str, PathLike]) -> None:
        self.path = Path(path)
        self._is_directory = self.path.is_dir()
        if not self._is_directory and not self.path.is_file():
            raise ConfigurationError(f"{self.path}: no such file or directory; check --source")
        # By content, not by name: what was downloaded lies in a cache under another name.
        self._is_zip = not self._is_directory and zipfile.is_zipfile(self.path)
        self._is_tar = not self._is_directory and not self._is_zip and tarfile.is_tarfile(str(self.path))
        if self.path.suffix in (".zip", ".tar", ".tgz") and not (self._is_directory or self._is_zip or self._is_tar):
            raise ConfigurationError(f"{self.path}: is no complete {self.path.suffix} archive; get the file again")

    def names(self) -> List[str]:
        """
        The files inside, as paths relative to the source; the file's own name if the source is one file.
        """
        try:
            if self._is_directory:
                names = [path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if path.is_file()]
            elif self._is_zip:
                with zipfile.ZipFile(self.path) as zipped:
                    names = [info.filename for info in zipped.infolist() if not info.is_dir()]
            elif self._is_tar:
                with tarfile.open(self.path) as tar:
                    names = [member.name for member in tar.getmembers() if member.isfile()]
            else:
                names = [self.path.name]
        except BROKEN as error:
            raise ConfigurationError(f"{self.path}: cannot be read ({error}); get the file again") from error
        # Archives made on a Mac carry a shadow of each file.
        return sorted(name for name in names if not name.startswith("__MACOSX/"))

    def find(self, name: str) -> str:
        """
        The one file with this name, in any folder of the source, plain or packed (`train.txt`, `trees/train.txt.xz`).
        """
        wanted = {name} | {name + suffix for suffix in UNPACK}
        found = [candidate for candidate in self.names() if Path(candidate).name in wanted]
        if not found:
            raise ConfigurationError(f"{self.path}: holds no {name} (or {name}.xz, {name}.gz, {name}.bz2)")
        if len(found) > 1:
            raise ConfigurationError(f"{self.path}: holds {name} more than once ({', '.join(found)}); keep one of them")
        return found[0]

    def where(self, name: str) -> str:
        """
        The name of a file for messages.
        """
        if self._is_directory:
            return str(self.path / name)
        return f"{self.path}!{name}" if self._is_zip or self._is_tar else str(self.path)

    def lines(self, name: str) -> Iterator[Tuple[str, str]]:
        """
        The lines of a UTF-8 file (a byte order mark and `\\r\\n` are understood), each with its `file:line`.
        """
        where, number = self.where(name), 0
        try:
            with ExitStack() as stack:
                text = io.TextIOWrapper(self._open(name, stack), encoding="utf-8-sig")
                for number, line in enumerate(text, start=1):
                    yield f"{where}:{number}", line.rstrip("\n")
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"{where}: is no UTF-8 text after line {number} ({error.reason})") from error
        except BROKEN as error:
            raise ConfigurationError(f"{where}: cannot be read after line {number} ({error}); get it again") from error

    def _open(self, name: str, stack: ExitStack) -> IO[bytes]:
        data: Any
        if self._is_zip:
            archive = stack.enter_context(zipfile.ZipFile(self.path))
            data = stack.enter_context(archive.open(name))
        elif self._is_tar:
            data = stack.enter_context(tarfile.open(self.path)).extractfile(name)  # noqa: SIM115
        else:
            path = self.path / name if self._is_directory else self.path
            data = stack.enter_context(path.open("rb"))
        unpack = UNPACK.get(Path(name).suffix)
        return stack.enter_context(unpack(data)) if unpack else data


def download(url: str, sha256: str) -> Source:
    """
    The archive behind a URL, from AllenNLP's cache if it is there, checked against its published content.

    # Parameters

    url : `str`
    sha256 : `str`
        What the file must hash to.  Raises a `ConfigurationError` if it does not, or if the download fails.
    """
    try:
        path = cached_path(url)
    except Exception as error:  # of requests, of cloud clients, of the disk: the remedy is the same
        raise ConfigurationError(f"{url}: cannot be downloaded ({error}); name a local copy with --source") from error
    digest = hashlib.sha256()
    with open(path, "rb") as data:
        for block in iter(lambda: data.read(2**20), b""):
            digest.update(block)
    if digest.hexdigest() != sha256:
        raise ConfigurationError(
            f"{url}: the download is not the published file (sha256 {digest.hexdigest()}, expected {sha256}); "
            f"delete {path} and try again, or name a local copy with --source"
        )
    return Source(path)
