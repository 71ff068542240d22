"""
Configurations that are put together when they are asked for: `FOLDER/CORPUS/TECHNIQUE.jsonnet` need not be a file.
"""

import difflib
import json
import os
from os import PathLike
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

import _jsonnet
from allennlp.common import params
from allennlp.common.checks import ConfigurationError

from attention_vat.common.texts import shortened

PACKAGE = "package:"
_CORPORA, _SUFFIX = "corpora", ".libsonnet"
_EXAMPLES = ("example", "example_transformer")
# Outside a clone, the data of the example is what `make-dataset example` writes.
_MADE_EXAMPLE = ", data_dir:: 'data/example', unlabeled_pool:: 'data/example/unlabeled.jsonl'"
_cached_path = params.cached_path


def compose_configurations() -> None:
    """
    Lets AllenNLP take configurations that are no files, for all of its commands and in `import` of jsonnet. A file that
    is there comes first.

    - `training_configs/sst/attention_ivat.jsonnet`, in any folder that has `corpora` and `experiment.libsonnet`, is
      `corpora/sst.libsonnet` with the technique `attention_ivat`.
    - `package:sst/attention_ivat` is the same from the configurations that come with this package.

    What is archived is the whole configuration, as always.
    """
    params.cached_path = _configuration_path
    params.evaluate_file = evaluate_file
    params.evaluate_snippet = evaluate_snippet


def package_folder(name: str = "training_configs") -> Path:
    """A folder that comes with this package, `training_configs` or `experiments`: of the repository, or installed."""
    package = Path(__file__).resolve().parents[1]
    installed = package / f"shipped_{name}"
    return installed if installed.is_dir() else package.parent / name


def names_of_corpora(folder: Path) -> List[str]:
    """
    # Parameters

    folder : `Path`
        Such as `training_configs`.
    """
    return sorted(path.stem for path in (folder / _CORPORA).glob(f"*{_SUFFIX}"))


def techniques_of(folder: Path, corpus: str) -> List[str]:
    """
    # Parameters

    folder : `Path`
    corpus : `str`
    """
    file = (folder / _CORPORA / f"{corpus}{_SUFFIX}").resolve()
    return sorted(json.loads(evaluate_snippet(corpus, f"(import {json.dumps(str(file))}).techniques")))


def composed(path: Union[str, PathLike]) -> Optional[str]:
    """
    The jsonnet of a configuration that is no file; `None` for anything else.

    Raises `ConfigurationError` if there is no such corpus.
    """
    path = str(path)
    if path.startswith(PACKAGE):
        corpus, _, technique = path[len(PACKAGE) :].partition("/")
        folder = package_folder()
    elif path.endswith(".jsonnet") and not os.path.exists(path):
        folder, corpus, technique = Path(path).parent.parent, Path(path).parent.name, Path(path).stem
        if not os.path.isfile(folder / "experiment.libsonnet"):
            return None
    else:
        return None
    corpora = names_of_corpora(folder)
    if corpus not in corpora:
        raise ConfigurationError(
            f"{shortened(path)}: there is no corpus '{shortened(corpus)}' in {folder}; {choices(corpus, corpora)}."
        )
    file = (folder / _CORPORA / f"{corpus}{_SUFFIX}").resolve()
    made = _MADE_EXAMPLE if corpus in _EXAMPLES and not os.path.isdir("fixtures/example") else ""
    return f"(import {json.dumps(str(file))}) + {{ technique:: {json.dumps(technique)}{made} }}"


def evaluate_with_fields(
    path: Union[str, PathLike], fields: Dict[str, Any], ext_vars: Optional[Dict[str, str]] = None
) -> Tuple[Any, List[str]]:
    """
    A configuration with other values of its hidden fields (those with two colons), and the names of all of them. What
    is none of them is left out.

    # Examples

        config, known = evaluate_with_fields("training_configs/sst/vanilla.jsonnet", {"hidden_size": 64})
    """
    return evaluate_all_with_fields([(path, fields)], ext_vars)[0]


def evaluate_all_with_fields(
    requests: Sequence[Tuple[Union[str, PathLike], Dict[str, Any]]], ext_vars: Optional[Dict[str, str]] = None
) -> List[Tuple[Any, List[str]]]:
    """
    The same for many, which takes little longer than one: jsonnet reads its own library and shared files once. An error
    is that of any one of them.
    """
    snippet = "[" + ", ".join(_with_fields(path, fields) for path, fields in requests) + "]"
    evaluated = json.loads(evaluate_snippet(str(requests[0][0]), snippet, ext_vars))
    return [(one["config"], one["known"]) for one in evaluated]


def _with_fields(path: Union[str, PathLike], fields: Dict[str, Any]) -> str:
    changes = "".join(
        f"[if std.setMember({name}, known) then {name}]:: {json.dumps(value)}, "
        for name, value in ((json.dumps(name), value) for name, value in fields.items())
    )
    return (
        f"local config = import {_quoted(path)}; local known = if std.isObject(config) then "
        "std.setDiff(std.objectFieldsAll(config), std.objectFields(config)) else []; "
        f"{{ known: known, config: if known == [] then config else config + {{ {changes}}} }}"
    )


def _quoted(path: Union[str, PathLike]) -> str:
    path = str(path)
    return json.dumps(path if path.startswith(PACKAGE) else os.path.abspath(path))


def evaluate_file(filename: str, ext_vars: Optional[Dict[str, str]] = None, **options: Any) -> str:
    """As jsonnet's, also for configurations that are no files."""
    text = composed(filename)
    if text is not None:
        return evaluate_snippet(filename, text, ext_vars=ext_vars or {}, **options)
    return _jsonnet.evaluate_file(filename, ext_vars=ext_vars or {}, import_callback=_import, **options)


def evaluate_snippet(filename: str, expr: str, ext_vars: Optional[Dict[str, str]] = None, **options: Any) -> str:
    """
    As jsonnet's; it may import configurations that are no files.

    Raises `ConfigurationError` if there is no such technique, and `RuntimeError` for other errors of jsonnet.
    """
    try:
        return _jsonnet.evaluate_snippet(filename, expr, ext_vars=ext_vars or {}, import_callback=_import, **options)
    except RuntimeError as error:
        # Whoever asks for a technique that is not there has no use for the place in jsonnet.
        _, found, message = str(error).splitlines()[0].partition("RUNTIME ERROR: There is no technique")
        if found:
            raise ConfigurationError(f"{filename}: There is no technique{message}") from None
        raise


def _configuration_path(url_or_filename: Union[str, PathLike], *args: Any, **kwargs: Any) -> str:
    if composed(url_or_filename) is not None:
        return str(url_or_filename)
    return _cached_path(url_or_filename, *args, **kwargs)


def _import(directory: str, relative: str) -> Tuple[str, bytes]:
    path = relative if relative.startswith(PACKAGE) else os.path.join(directory, relative)
    text = composed(path)
    return path, Path(path).read_bytes() if text is None else text.encode("utf-8")


def choices(name: str, names: List[str]) -> str:
    """For a message: the names that there are, first the one that is like `name`."""
    near = difflib.get_close_matches(name, names, n=1)
    return (f"did you mean '{near[0]}'? There are " if near else "choose from ") + ", ".join(names)
