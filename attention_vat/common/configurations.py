"""
Configurations that are composed on demand: `FOLDER/CORPUS/TECHNIQUE.jsonnet` need not be a file.
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
    Lets AllenNLP use composed configurations in all of its commands and in `import` of jsonnet. An existing file takes
    precedence.

    - `training_configs/sst/attention_ivat.jsonnet`, in any folder that has `corpora` and `experiment.libsonnet`, is
      `corpora/sst.libsonnet` with the technique `attention_ivat`.
    - `package:sst/attention_ivat` is the same, from the configurations that come with this package.

    As always, archives hold the complete configuration.
    """
    params.cached_path = _configuration_path
    params.evaluate_file = evaluate_file
    params.evaluate_snippet = evaluate_snippet


def package_folder(name: str = "training_configs") -> Path:
    """The folder `training_configs` or `experiments`, as installed with this package or from the repository."""
    package = Path(__file__).resolve().parents[1]
    installed = package / f"shipped_{name}"
    return installed if installed.is_dir() else package.parent / name


def names_of_corpora(folder: Path) -> List[str]:
    """
    Returns the names of the corpora that have a configuration, sorted.

    # Parameters

    folder : `Path`
        Such as `training_configs`.
    """
    return sorted(path.stem for path in (folder / _CORPORA).glob(f"*{_SUFFIX}"))


def techniques_of(folder: Path, corpus: str) -> List[str]:
    """
    Returns the names of the techniques for a corpus, sorted.

    # Parameters

    folder : `Path`
    corpus : `str`
    """
    file = (folder / _CORPORA / f"{corpus}{_SUFFIX}").resolve()
    return sorted(json.loads(evaluate_snippet(corpus, f"(import {json.dumps(str(file))}).techniques")))


def composed(path: Union[str, PathLike]) -> Optional[str]:
    """
    Returns the jsonnet of a composed configuration; `None` for anything else.

    Raises `ConfigurationError` if the corpus does not exist.
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
    Evaluates a configuration with other values of its hidden fields (those with two colons). Returns the configuration
    and the names of all its hidden fields; fields with other names are ignored.

    # Examples

        config, known = evaluate_with_fields("training_configs/sst/vanilla.jsonnet", {"hidden_size": 64})
    """
    return evaluate_all_with_fields([(path, fields)], ext_vars)[0]


def evaluate_all_with_fields(
    requests: Sequence[Tuple[Union[str, PathLike], Dict[str, Any]]], ext_vars: Optional[Dict[str, str]] = None
) -> List[Tuple[Any, List[str]]]:
    """
    Does the same as `evaluate_with_fields` for many configurations, which takes little longer than for one: jsonnet
    reads its own library and shared files once. An error may come from any of them.
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
    """Like jsonnet's function, but also accepts composed configurations."""
    text = composed(filename)
    if text is not None:
        return evaluate_snippet(filename, text, ext_vars=ext_vars or {}, **options)
    return _jsonnet.evaluate_file(filename, ext_vars=ext_vars or {}, import_callback=_import, **options)


def evaluate_snippet(filename: str, expr: str, ext_vars: Optional[Dict[str, str]] = None, **options: Any) -> str:
    """
    Like jsonnet's function, but the snippet may import composed configurations.

    Raises `ConfigurationError` if the technique does not exist, and `RuntimeError` for other errors of jsonnet.
    """
    try:
        return _jsonnet.evaluate_snippet(filename, expr, ext_vars=ext_vars or {}, import_callback=_import, **options)
    except RuntimeError as error:
        # The position in jsonnet does not help with an unknown technique.
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
    """Lists the available names for an error message, after the one most similar to `name`, if any."""
    near = difflib.get_close_matches(name, names, n=1)
    return (f"did you mean '{near[0]}'? Choose from " if near else "choose from ") + ", ".join(names)
