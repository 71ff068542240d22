"""The models work over a transformer: a BERT with random weights from local files, without any network."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.predictors import Predictor
from transformers import BertConfig, BertModel

ROOT = Path(__file__).parents[2]


def test_attention_ivat_over_bert(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")
    bert = str(tmp_path / "bert")
    shutil.copytree(ROOT / "fixtures" / "tiny_bert", bert)
    torch.manual_seed(0)
    BertModel(BertConfig.from_pretrained(bert)).save_pretrained(bert)
    params = Params.from_file(str(ROOT / "fixtures" / "experiments" / "single_sequence.jsonnet")).as_dict()
    for key in ("train_data_path", "validation_data_path"):
        params[key] = str(ROOT / params[key])
    params["dataset_reader"] = {
        "type": "single_sequence",
        "max_instances": 20,
        "tokenizer": {"type": "pretrained_transformer", "model_name": bert, "max_length": 32},
        "token_indexers": {"tokens": {"type": "pretrained_transformer", "model_name": bert}},
    }
    # The example's words are given one by one; a transformer cuts a text into pieces of its own.
    for key in ("train", "validation"):
        lines = [json.loads(line) for line in Path(params[f"{key}_data_path"]).read_text().splitlines()[:20]]
        params[f"{key}_data_path"] = str(tmp_path / f"{key}.jsonl")
        texts = [{"text": " ".join(line["tokens"]), "label": line["label"]} for line in lines]
        Path(params[f"{key}_data_path"]).write_text("".join(json.dumps(text) + "\n" for text in texts))
    params["model"].update(
        text_field_embedder={"token_embedders": {"tokens": {"type": "pretrained_transformer", "model_name": bert}}},
        encoder={"type": "pass_through", "input_dim": BertConfig.from_pretrained(bert).hidden_size},
        boundary_tokens=1,
    )

    train_model(Params(params), str(tmp_path / "model"))

    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert metrics["training_perturbation_norm"] == pytest.approx(2.0, abs=1e-4)
    prediction = Predictor.from_path(str(tmp_path / "model" / "model.tar.gz")).predict("the film was good")
    assert prediction["tokens"] == ["the", "film", "was", "good"]
    assert sum(prediction["attention"]) == pytest.approx(1.0, abs=1e-5)
