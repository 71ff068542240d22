"""Reads untrusted weights and checkpoints as tensors and numbers, never as code."""

import functools
import inspect
import os
import pickle
import re
import tarfile
import zipfile
from os import PathLike
from typing import IO, Any, Dict, Union

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.nn import util
from allennlp.nn.initializers import PretrainedModelInitializer

from attention_vat.common.texts import one_line

# The types that tensors, their containers and numpy scalars need.
ADMITTED = {
    ("collections", "OrderedDict"),
    ("_codecs", "encode"),
    ("collections", "Counter"),
    *((module, name) for module in ("builtins", "__builtin__") for name in ("set", "bytearray", "complex")),
    ("torch", "Size"),
    ("torch", "device"),
    ("torch.serialization", "_get_layout"),
    *(("torch._utils", f"_rebuild_{what}") for what in ("tensor", "tensor_v2", "parameter", "sparse_tensor")),
    *((f"numpy.{core}.multiarray", "scalar") for core in ("core", "_core")),
    ("numpy", "dtype"),
}


def make_weights_safe() -> None:
    """
    Makes `torch.load` refuse everything except tensors and plain Python objects by default, as it does since torch 2.6,
    and makes AllenNLP refuse damaged weights. AllenNLP 2.10.1 does not restrict what it loads: on an older torch the
    weights of an archive, a checkpoint of `--recover` or a `--weights-file` would be unpickled and could run code.
    """
    if hasattr(util.read_state_dict, "__wrapped__"):
        return
    if tuple(int(part) for part in re.findall(r"\d+", torch.__version__)[:2]) < (2, 6):
        torch.load = _tensors_only(torch.load)
    util.read_state_dict = _of_whole_files(util.read_state_dict)
    initialize = PretrainedModelInitializer.__init__

    @functools.wraps(initialize)
    def __init__(self: Any, weights_file_path: str, *args: Any, **kwargs: Any) -> None:
        check_zip_crc(weights_file_path)
        initialize(self, weights_file_path, *args, **kwargs)

    PretrainedModelInitializer.__init__ = __init__  # type: ignore[method-assign]


def check_zip_crc(path: Union[str, PathLike]) -> None:
    """
    Reads a file of `torch.save` to its end and verifies the checksums of its parts, which `torch.load` does not.

    Raises `ConfigurationError` if a checksum is wrong. Files from torch before version 1.6 are not zip archives and
    have no checksums.
    """
    try:
        if not zipfile.is_zipfile(path):
            return
        with zipfile.ZipFile(path) as parts:
            # torch does not compress, so parts that are larger than the file indicate a zip bomb.
            too_large = sum(part.file_size for part in parts.infolist()) > os.path.getsize(path)
            broken = "its parts are larger than the file" if too_large else parts.testzip()
    except Exception as error:  # damaged headers fail in many ways
        broken = one_line(error)
    if broken is not None:
        raise ConfigurationError(f"The weights file {path} is damaged ({broken}); create or download it again.")


class TensorUnpickler(pickle.Unpickler):
    """Raises a `pickle.UnpicklingError`, before the import, for all but tensors, plain Python objects and numbers."""

    def find_class(self, module: str, name: str) -> Any:
        dtype = getattr(torch, name, None) if module == "torch" else None
        if isinstance(dtype, torch.dtype):
            return dtype
        if (module, name) not in ADMITTED and not (module == "torch.storage" and name.endswith("Storage")):
            raise pickle.UnpicklingError(f"GLOBAL {module}.{name} is refused")
        return super().find_class(module, name)


class TensorPickle:
    """Replaces the module `pickle` in `torch.load`."""

    Unpickler = TensorUnpickler

    @staticmethod
    def load(file: IO[bytes], **kwargs: Any) -> Any:
        """Reads one object that consists only of tensors and plain values."""
        return TensorUnpickler(file, **kwargs).load()


def _tensors_only(load: Any) -> Any:
    knows_weights_only = "weights_only" in inspect.signature(load).parameters

    @functools.wraps(load)
    def wrapper(f: Any, map_location: Any = None, pickle_module: Any = None, **kwargs: Any) -> Any:
        weights_only = kwargs.pop("weights_only", None)
        if pickle_module is None and weights_only is not False:
            _refuse_other_formats(f)
            pickle_module = TensorPickle
        if knows_weights_only:
            kwargs["weights_only"] = False  # torch would refuse the pickle module
        return load(f, map_location, pickle_module or pickle, **kwargs)

    return wrapper


def _refuse_other_formats(f: Any) -> None:
    # torch would run the TorchScript of a zip archive and unpack a tar archive.
    if hasattr(f, "read"):
        start = f.tell()
        refused = _is_other_format(f)
        f.seek(start)
    else:
        with open(f, "rb") as file:
            refused = _is_other_format(file)
    if refused:
        raise pickle.UnpicklingError("it is a program or another kind of archive")


def _is_other_format(file: IO[bytes]) -> bool:
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as parts:
            return any(name.endswith("constants.pkl") for name in parts.namelist())
    file.seek(0)
    try:
        with tarfile.open(fileobj=file, mode="r:"):
            return True
    except tarfile.TarError:
        return False


def _of_whole_files(read_state_dict: Any) -> Any:
    @functools.wraps(read_state_dict)
    def wrapper(path: Union[str, PathLike], *args: Any, **kwargs: Any) -> Dict[str, torch.Tensor]:
        check_zip_crc(path)
        try:
            weights = read_state_dict(path, *args, **kwargs)
        except Exception as error:  # bytes of another format fail in almost any way
            asked = re.search(r"GLOBAL (\S+)", str(error))
            why = f"it asks for {asked[1]}, which no weights need" if asked else one_line(error)[:200]
            raise ConfigurationError(
                f"The weights file {path} holds no model weights ({why or type(error).__name__}); give a checkpoint "
                "such as model_state_e3_b0.th, or create or download it again."
            ) from error
        if not all(isinstance(weight, torch.Tensor) for weight in weights.values()):
            raise ConfigurationError(
                f"The weights file {path} holds no model weights; give a checkpoint such as model_state_e3_b0.th."
            )
        return weights

    return wrapper
