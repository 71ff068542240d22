import io
import os
import pickle
import subprocess
import tarfile
import zipfile
from collections import OrderedDict

import numpy
import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.nn import util
from allennlp.nn.initializers import Initializer

import attention_vat  # noqa: F401  (makes torch.load safe)
from attention_vat.common.safe_weights import TensorUnpickler, check_zip_crc

OLD_TORCH = not hasattr(torch.serialization, "add_safe_globals")


class Program:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_is_neither_run_nor_imported(tmp_path, zipped):
    path, ran = tmp_path / "weights.th", tmp_path / "ran"
    for content in (
        Program(ran),
        {"weight": Program(ran)},
        {"weight": subprocess.Popen},
        {"net": torch.nn.Linear(1, 1)},
    ):
        torch.save(content, path, _use_new_zipfile_serialization=zipped)
        with pytest.raises(pickle.UnpicklingError):
            torch.load(path)
        with open(path, "rb") as file, pytest.raises(pickle.UnpicklingError):
            torch.load(file)
        with pytest.raises(ConfigurationError, match=r"asks for [\w.]+, which no weights need") as refused:
            util.read_state_dict(path)
        assert "\n" not in str(refused.value)
    assert not ran.exists()


def test_programs_of_torch_are_no_weights(tmp_path):
    path = tmp_path / "weights.th"
    torch.jit.script(torch.nn.Linear(1, 1)).save(str(path))
    with pytest.raises(ConfigurationError, match="holds no model weights"):
        util.read_state_dict(path)


def test_archives_of_old_versions_of_torch_are_not_unpacked(tmp_path):
    path = tmp_path / "weights.th"
    with tarfile.open(path, "w:") as archive:
        for name in ("storages", "tensors", "pickle"):
            content = pickle.dumps(0)
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    with pytest.raises(ConfigurationError, match="holds no model weights"):
        util.read_state_dict(path)


@pytest.mark.parametrize("zipped", [True, False])
def test_what_a_checkpoint_holds_is_read(tmp_path, zipped):
    embedding = torch.nn.Embedding(3, 2, sparse=True)
    embedding(torch.tensor([1])).sum().backward()
    optimizer = torch.optim.Adam(torch.nn.Linear(1, 1).parameters(), amsgrad=True)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[2, 3])
    state = {
        "scheduler": scheduler.state_dict(),
        "model": torch.nn.Linear(2, 1).state_dict(),
        "half": torch.zeros(2, dtype=torch.float16),
        "numbers": torch.arange(3),
        "parameter": torch.nn.Parameter(torch.ones(1)),
        "sparse": embedding.weight.grad,
        "optimizer": optimizer.state_dict(),
        "numpy": [numpy.float64(0.5), numpy.float32(0.5), numpy.int64(3), numpy.bool_(True)],
        "plain": OrderedDict(a=(1, None, "b", 2.0, True), b={1, 2}, c=b"bytes"),
        "others": [torch.Size([1]), torch.device("cpu"), torch.float32],
    }
    path = tmp_path / "state.th"
    torch.save(state, path, _use_new_zipfile_serialization=zipped)
    loaded = torch.load(path, map_location=util.device_mapping(-1))
    assert loaded.keys() == state.keys()
    for key in ("half", "numbers", "parameter"):
        assert torch.equal(loaded[key], state[key])
    assert torch.equal(loaded["model"]["weight"], state["model"]["weight"])
    assert torch.equal(loaded["sparse"].to_dense(), state["sparse"].to_dense())
    for key in ("numpy", "plain", "others", "optimizer", "scheduler"):
        assert loaded[key] == state[key]


@pytest.mark.skipif(not OLD_TORCH, reason="new versions of torch have the option themselves")
def test_a_file_of_ones_own_can_still_be_unpickled(tmp_path):
    torch.save(Program(tmp_path / "ran"), tmp_path / "state.th")
    torch.load(tmp_path / "state.th", weights_only=False)
    assert (tmp_path / "ran").exists()


def test_names_are_not_followed_by_dots():
    content = pickle.dumps(os.mkdir, protocol=4).replace(b"posix", b"torch").replace(b"mkdir", b"os.mk")
    with pytest.raises(pickle.UnpicklingError, match="is refused"):
        TensorUnpickler(io.BytesIO(content)).load()


def test_checksums(tmp_path):
    path = tmp_path / "weights.th"
    weights = {"weight": torch.rand(64)}
    torch.save(weights, path)
    check_zip_crc(path)
    content = bytearray(path.read_bytes())
    content[content.index(weights["weight"].numpy().tobytes()) + 8] ^= 1
    path.write_bytes(content)
    with pytest.raises(
        ConfigurationError, match=r"^The weights file .*weights.th is damaged \(.*data/0\); create or download it"
    ):
        check_zip_crc(path)
    with pytest.raises(ConfigurationError, match="is damaged"):
        util.read_state_dict(path)
    with pytest.raises(ConfigurationError, match="is damaged"):
        Initializer.from_params(Params({"type": "pretrained", "weights_file_path": str(path)}))
    torch.save(weights, path, _use_new_zipfile_serialization=False)
    check_zip_crc(path)


def test_packed_weights_are_a_bomb(tmp_path):
    with zipfile.ZipFile(tmp_path / "weights.th", "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("archive/data.pkl", bytes(10**6))
    with pytest.raises(ConfigurationError, match="its parts are larger than the file"):
        check_zip_crc(tmp_path / "weights.th")


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x05\x06" + bytes(18), b"\x80\x02", bytes(2000)])
def test_what_is_no_file_of_torch(tmp_path, content):
    (tmp_path / "weights.th").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"weights\.th (holds no model weights|is damaged)") as refused:
        util.read_state_dict(tmp_path / "weights.th")
    assert len(str(refused.value)) < 500
