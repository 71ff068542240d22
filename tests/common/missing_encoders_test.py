import shutil

import pytest
from allennlp.common import cached_transformers
from allennlp.common.checks import ConfigurationError

import attention_vat  # noqa: F401  (names missing encoders)
from tests.tiny_transformers import TINY_BERT

FUNCTIONS = ["get", "get_tokenizer"]


def load(function, name):
    arguments = [False] if function == "get" else []
    return getattr(cached_transformers, function)(name, *arguments)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", ["encoders/minilm", "./minilm", "mine/minilm", "of/my/own"])
def test_a_missing_folder_is_named_at_once(function, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    monkeypatch.setattr("transformers.AutoConfig.from_pretrained", None)
    monkeypatch.setattr("transformers.AutoTokenizer.from_pretrained", None)
    with pytest.raises(ConfigurationError, match=f"^model_name: {name} is not a folder; make it with `allennlp"):
        load(function, name)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_folder_without_an_encoder(function, tmp_path):
    with pytest.raises(
        ConfigurationError, match=rf"model_name: the encoder {tmp_path} cannot be loaded \(.+\); name a"
    ):
        load(function, str(tmp_path))


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", ["bert-of-nobody", "nobody/bert"])
def test_a_name_goes_to_hugging_face(function, name, tmp_path, monkeypatch):
    def refuse(asked, *args, **kwargs):
        raise OSError(f"{asked} is not a valid model identifier\nIf this is a private repository ...")

    monkeypatch.chdir(tmp_path)
    for kind in ("AutoConfig", "AutoModel", "AutoTokenizer"):
        monkeypatch.setattr(f"transformers.{kind}.from_pretrained", refuse)
    with pytest.raises(
        ConfigurationError, match=rf"encoder {name} cannot be loaded \({name} is not a valid model ident"
    ):
        load(function, name)


def test_a_tokenizer_loads_as_before(tmp_path):
    folder = shutil.copytree(TINY_BERT, tmp_path / "bert")
    assert load("get_tokenizer", str(folder)).tokenize("a film")
