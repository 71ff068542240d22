"""What is in a directory, in a form that can be compared."""

import hashlib
import json
import re
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Dict, List

import torch

# What two runs that do the same need not share.
OF_THE_MOMENT = re.compile(r"duration|memory|seconds|finished|config_file")
LOG = re.compile(r"(out|err|log|stdout|stderr)(_worker\d+)?\.(log|txt)")

Contents = Dict[str, Any]


def contents_of(directory: Path) -> Contents:
    """
    Names of files, hidden ones included, with what they hold: weights bit for bit, numbers without durations and
    memory, the members of archives, and nothing of logs.
    """
    contents: Contents = {}
    for path in sorted(directory.rglob("*")):
        name = str(path.relative_to(directory))
        # AllenNLP locks a vocabulary to read it, and processes that do so at once may leave the lock or not.
        if name.endswith("vocabulary/.lock"):
            continue
        if path.is_dir():
            contents[f"{name}/"] = None
        elif LOG.fullmatch(path.name) or path.name in ("seconds.json", "optuna.journal"):
            contents[name] = None
        elif path.name.endswith(".tar.gz"):
            contents[f"{name}"] = None
            contents.update({f"{name}:{member}": value for member, value in _members(path).items()})
        else:
            contents[name] = _content(path)
    return contents


def differences(one: Contents, other: Contents) -> List[str]:
    """
    Names of what is in one of them only, or differs; at most ten. The second may lack the metrics of training in an
    epoch: one that was killed in its middle has none.
    """
    result = [f"{name} is missing" for name in one.keys() - other.keys()]
    result += [f"{name} is new" for name in other.keys() - one.keys()]
    for name in one.keys() & other.keys():
        expected = one[name]
        if "metrics" in name and isinstance(other[name], dict) and not any(map(_of_training, other[name])):
            expected = {key: value for key, value in expected.items() if not _of_training(key)}
        if expected != other[name]:
            result.append(_difference(name, expected, other[name]))
    return sorted(result)[:10]


def _of_training(key: str) -> bool:
    return key.startswith("training_")


def _difference(name: str, one: Any, other: Any) -> str:
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return f"{name} differs"
    keys = sorted(str(key) for key in one.keys() | other.keys() if one.get(key) != other.get(key))
    return f"{name} differs in {', '.join(keys[:8])}"


def _members(archive: Path) -> Contents:
    with tempfile.TemporaryDirectory() as directory:
        with tarfile.open(archive) as file:
            file.extractall(directory)
        return contents_of(Path(directory))


def _content(path: Path) -> Any:
    if path.suffix == ".th":
        state = torch.load(path)
        if state.get("best_model_filename"):
            state["best_model_filename"] = Path(state["best_model_filename"]).name
        return {key: _digest(value) for key, value in state.items()}
    if path.suffix == ".json":
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:  # damaged, and never read again
            return path.read_bytes()
        if path.name.startswith("checkpoint_"):
            return _names(value)  # checksums of files with durations in them
        return _lasting(value)
    if path.suffix == ".jsonl":
        return [_lasting(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    return path.read_bytes()


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lasting(item) for key, item in value.items() if not OF_THE_MOMENT.search(key)}
    # Through text, in which NaN equals NaN.
    return list(map(_lasting, value)) if isinstance(value, list) else json.dumps(value)


def _names(value: Any) -> Any:
    return {key: _names(inner) for key, inner in value.items()} if isinstance(value, dict) else None


def _digest(value: Any) -> str:
    digest = hashlib.sha256()
    _update(digest, value)
    return digest.hexdigest()


def _update(digest: Any, value: Any) -> None:
    if isinstance(value, torch.Tensor):
        value = value.coalesce().to_dense() if value.is_sparse else value
        digest.update(f"{value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    elif isinstance(value, dict):
        for key in value:
            # The metrics so far, in the state of a callback, are compared as files.
            if key == "metrics" or OF_THE_MOMENT.search(str(key)):
                continue
            digest.update(repr(key).encode())
            _update(digest, value[key])
    elif isinstance(value, (list, tuple)):
        digest.update(str(len(value)).encode())
        for item in value:
            _update(digest, item)
    else:
        digest.update(repr(value).encode())
