"""
Loads untrusted archives: they are unpacked with checks, and their configuration can name parts of imported packages
but cannot run code. SECURITY.md says what is trusted.
"""

import gzip
import json
import os
import shutil
import sys
import tarfile
import tempfile
from contextlib import contextmanager
from contextvars import ContextVar
from fnmatch import fnmatchcase
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import IO, Any, Dict, Iterator, List, Optional, Set, Tuple, Union

import torch
from allennlp.common import Params, Registrable
from allennlp.common.checks import ConfigurationError
from allennlp.common.meta import META_NAME
from allennlp.common.params import parse_overrides, with_overrides
from allennlp.models import archival

from attention_vat.common.texts import one_line

LIMIT_VARIABLE = "ATTENTION_VAT_MAX_UNPACKED_BYTES"
SMALLEST_LIMIT = 100 * 10**6
LARGEST_RATIO = 20  # trained weights hardly compress; a bomb compresses a thousandfold
MOST_MEMBERS = 10_000
DEEPEST = 100
BLOCK = 2**20

CONFIG = archival.CONFIG_NAME
VOCABULARY = "vocabulary"
MEMBERS = (CONFIG, META_NAME, archival._WEIGHTS_NAME, archival._DEFAULT_WEIGHTS)

REFUSED_OPTIONS = ("trust_remote_code", "cache_dir", "proxies")
"""Options of transformers: the first runs code from a model hub, the others set where to write and whom to contact."""

_named_by_archives: Set[str] = set()
_being_loaded: ContextVar[Tuple[str, ...]] = ContextVar("being_loaded", default=())


def make_archives_safe() -> None:
    """
    Makes AllenNLP unpack and build archives with the checks of this module, in `load_archive` and therefore in
    `predict`, `evaluate`, `from_archive`, `Predictor.from_path` and all commands of this package.

    All of these then raise `ConfigurationError` for an archive that is missing, damaged or unsafe.
    """
    if archival.extracted_archive is extracted_archive:
        return
    archival.extracted_archive = extracted_archive
    archival.Params = ArchiveParams  # type: ignore[misc]
    find = archival.cached_path
    load_readers, load_model = archival._load_dataset_readers, archival._load_model
    resolve = Registrable.resolve_class_name.__func__  # type: ignore[attr-defined]

    def cached_path(archive_file: Union[str, PathLike], *args: Any, **kwargs: Any) -> str:
        try:
            return find(archive_file, *args, **kwargs)
        except FileNotFoundError as error:
            raise ConfigurationError(f"{archive_file}: there is no such archive or directory") from error

    def _load_dataset_readers(config: Params, serialization_dir: str) -> Any:
        with _in_a_sentence():
            return load_readers(config, serialization_dir)

    def _load_model(config: Params, weights_path: str, serialization_dir: str, cuda_device: int) -> torch.nn.Module:
        with _not_in_a_circle(config), _in_a_sentence():
            model = load_model(config, weights_path, serialization_dir, cuda_device)
        check_finite(model)
        return model

    def resolve_class_name(cls: Any, name: str) -> Tuple[Any, Optional[str]]:
        if name in _named_by_archives and name not in Registrable._registry[cls]:
            _check_imported(cls, name)
        return resolve(cls, name)

    archival.cached_path = cached_path
    archival._load_dataset_readers, archival._load_model = _load_dataset_readers, _load_model
    Registrable.resolve_class_name = classmethod(resolve_class_name)  # type: ignore[assignment,method-assign]


@contextmanager
def extracted_archive(resolved_archive_file: Union[str, PathLike], cleanup: bool = True) -> Iterator[str]:
    """
    Like AllenNLP's function, but uses `unpack`. Removes the temporary folder if the archive is refused.
    """
    directory = tempfile.mkdtemp()
    try:
        unpack(resolved_archive_file, Path(directory))
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    try:
        yield directory
    finally:
        if cleanup:
            shutil.rmtree(directory, ignore_errors=True)


def unpack(archive_file: Union[str, PathLike], directory: Path) -> None:
    """
    Unpacks the files that belong to an archive: `config.json`, `meta.json`, `vocabulary/`, the weights, and the files
    in `include_in_archive` of its configuration. Other files are skipped with a warning.

    # Parameters

    archive_file : `Union[str, PathLike]`
        A `model.tar.gz`.
    directory : `Path`
        Must be empty.

    Raises `ConfigurationError` if the archive is damaged, if a member occurs twice or is not a file or folder inside
    the archive, or if it unpacks to more than 100 MB and 20 times its own size. The environment variable
    `ATTENTION_VAT_MAX_UNPACKED_BYTES` sets another limit.
    """
    try:
        with open(archive_file, "rb") as file, gzip.open(file) as packed:
            if file.read(2) != b"\x1f\x8b":
                raise tarfile.ReadError("not a gzip file")
            file.seek(0)
            stream = _Limited(packed, _limit(archive_file))  # type: ignore[arg-type]
            # A stream can only be read forwards, so no header can point backwards.
            with tarfile.open(fileobj=stream, mode="r|", bufsize=BLOCK) as archive:  # type: ignore[call-overload]
                _unpack_members(archive, directory)
            # The checksum is at the very end, after everything that tar reads.
            while stream.read(BLOCK):
                pass
    except ConfigurationError as error:
        raise ConfigurationError(f"The archive {archive_file} is refused: {error.message}") from error
    except Exception as error:  # damaged headers and streams fail in many ways
        raise ConfigurationError(
            f"The archive {archive_file} cannot be read ({one_line(error) or type(error).__name__}); give a "
            "model.tar.gz of `allennlp train`, or create or download it again."
        ) from error


def _unpack_members(archive: tarfile.TarFile, directory: Path) -> None:
    seen: Set[PurePosixPath] = set()
    included: List[str] = []
    for number, member in enumerate(archive, start=1):
        path = _checked_path(member)
        if member.isdir():
            continue
        if path in seen:
            raise ConfigurationError(f"it has {str(path)!r} twice.")
        if number > MOST_MEMBERS:
            raise ConfigurationError(f"it has more than {MOST_MEMBERS:,} members.")
        seen.add(path)
        if not _belongs(path, included):
            archival.logger.warning("Skipping %r, which does not belong in an archive", str(path))
            continue
        place = directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if member.islnk():  # two names of the same checkpoint
            os.link(directory / _inside(member.linkname), place)
        else:
            with open(place, "xb") as file:
                shutil.copyfileobj(archive.extractfile(member), file, BLOCK)  # type: ignore[arg-type]
        if str(path) == CONFIG:
            included = _included(place)
    if not (directory / CONFIG).exists():
        raise ConfigurationError(f"it has no {CONFIG}, so it is not the archive of a model.")


def _checked_path(member: tarfile.TarInfo) -> PurePosixPath:
    is_file = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.LNKTYPE) and not member.issparse()
    if not is_file and not member.isdir():
        raise ConfigurationError(f"its member {member.name!r:.100} is neither a file nor a folder.")
    if member.islnk():
        _inside(member.linkname)
    return _inside(member.name)


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise ConfigurationError(f"its member {name!r:.100} points outside the archive.")
    return path


def _belongs(path: PurePosixPath, included: List[str]) -> bool:
    return (
        str(path) in MEMBERS
        or (path.parts[0] == VOCABULARY and len(path.parts) == 2)
        or any(fnmatchcase(str(place), pattern) for pattern in included for place in (path, *path.parents))
    )


def _included(config: Path) -> List[str]:
    patterns = _plain_json(config).get("include_in_archive") or []
    return [pattern for pattern in patterns if isinstance(pattern, str)] if isinstance(patterns, list) else []


class _Limited:
    """A stream of bytes that raises an error when it yields more than a limit."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file = file
        self._limit = limit
        self._left = limit

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise ConfigurationError(
                f"it unpacks to more than {self._limit:,} bytes; if you trust its source, set {LIMIT_VARIABLE} to a "
                "higher limit."
            )
        return data


def _limit(archive_file: Union[str, PathLike]) -> int:
    given = os.environ.get(LIMIT_VARIABLE)
    if given is None:
        return max(SMALLEST_LIMIT, LARGEST_RATIO * os.path.getsize(archive_file))
    if not given.isdecimal():
        raise ConfigurationError(f"{LIMIT_VARIABLE} must be a number of bytes, not {given!r:.100}.")
    return int(given)


class ArchiveParams(Params):
    """
    The configuration of an archive or of an output directory of `allennlp train`: plain JSON, as AllenNLP writes it,
    because jsonnet could read files and the environment.
    """

    @classmethod
    def from_file(
        cls, params_file: Union[str, PathLike], params_overrides: Union[str, Dict[str, Any]] = "", ext_vars: Any = None
    ) -> Params:
        """
        Like AllenNLP's method. Raises `ConfigurationError` if the file is not a JSON object with a model and a reader,
        if it sets an option that archives may not set, or if the vocabulary or `meta.json` beside it is invalid.
        """
        config = Path(params_file)
        content = _plain_json(config)
        for key in ("dataset_reader", "model"):
            if not isinstance(content.get(key), dict if key == "dataset_reader" else (dict, str)):
                raise ConfigurationError(f'{config}: has no "{key}"; an archive needs its training configuration.')
        _check_beside(config.parent)
        # The trainer of an archive is not built, and a training that starts from the archive may name the same parts.
        built = {key: value for key, value in content.items() if key != "trainer"}
        _named_by_archives.update(value for _, value in _entries(built) if isinstance(value, str) and "." in value)
        if isinstance(params_overrides, dict):
            params_overrides = json.dumps(params_overrides)
        overrides = parse_overrides(params_overrides, ext_vars=ext_vars)
        content = with_overrides(content, overrides) if overrides else content
        _check_options(config, content)
        return Params(content)


def _plain_json(path: Path) -> Dict[str, Any]:
    try:
        if path.is_fifo():  # reading it would block
            raise OSError("is a pipe")
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"{path}: is not the JSON that `allennlp train` writes ({one_line(error)}); create or download it again."
        ) from error
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path}: is not a JSON object; create or download it again.")
    return content


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not valid JSON")


def _check_beside(directory: Path) -> None:
    for path in (directory / VOCABULARY).glob("*"):
        if not path.is_file():
            raise ConfigurationError(f"{path}: is not a file; a vocabulary holds only regular files.")
    meta = directory / META_NAME
    if meta.exists():
        content = _plain_json(meta)
        version = content.get("version")
        if set(content) != {"version"} or not isinstance(version, str) or version.count(".") < 2:
            raise ConfigurationError(f'{meta}: must be {{"version": "…"}}, with a version of AllenNLP.')


def _check_options(config: Path, content: Any) -> None:
    for key, value in _entries(content):
        if key in REFUSED_OPTIONS and value:
            raise ConfigurationError(
                f'{config}: sets "{key}", which archives may not set; override it with null to use the model '
                "without it."
            )


def _entries(content: Any) -> Iterator[Tuple[Any, Any]]:
    """Yields the keys and values at all depths."""
    left = [(content, 1)]
    while left:
        part, depth = left.pop()
        if depth > DEEPEST:
            raise ConfigurationError("The configuration of the archive is nested too deeply.")
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            yield key, value
            if isinstance(value, (dict, list)):
                left.append((value, depth + 1))


def _check_imported(cls: Any, name: str) -> None:
    module, _, part_name = name.rpartition(".")
    part = getattr(sys.modules.get(module), part_name, None)
    if not (isinstance(part, type) and issubclass(part, (cls, torch.nn.Module))):
        raise ConfigurationError(
            f"The configuration of the archive asks for {name!r:.100} as a {cls.__name__}, which no imported package "
            f"has; add --include-package {module:.100} if you trust it."
        )


@contextmanager
def _not_in_a_circle(config: Params) -> Iterator[None]:
    # A model of type `from_archive` opens another archive, which may refer back to the first.
    content = json.dumps(config.as_dict(quiet=True), sort_keys=True)
    if content in _being_loaded.get():
        raise ConfigurationError("The archive refers to itself; give the archive that it was made from.")
    before = _being_loaded.set((*_being_loaded.get(), content))
    try:
        yield
    finally:
        _being_loaded.reset(before)


class UnfitArchive(ConfigurationError):
    """The configuration, vocabulary and weights of an archive, or the overrides, do not fit each other."""


@contextmanager
def _in_a_sentence() -> Iterator[None]:
    try:
        yield
    except ConfigurationError:
        raise
    except (Exception, SystemExit) as error:  # a configuration can request anything, and spaCy exits
        # The message of a KeyError is only the key.
        raise UnfitArchive(f"The archive cannot be built: {type(error).__name__}: {one_line(error)}") from error


def check_finite(model: torch.nn.Module) -> None:
    """Raises `ConfigurationError` if a weight is NaN or infinite, or a buffer NaN: such a model cannot predict."""
    broken = [name for name, weight in model.named_parameters() if not torch.isfinite(weight).all()]
    broken += [name for name, buffer in model.named_buffers() if torch.isnan(buffer).any()]
    if broken:
        raise ConfigurationError(
            f"The weights {broken[0]} contain NaN or infinite values, so the model cannot predict; use the weights of "
            "an earlier epoch, or train again."
        )
