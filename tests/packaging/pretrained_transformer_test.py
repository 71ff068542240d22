"""A BERT with random weights from local files goes through AllenNLP's own parts, without any network."""

import json
import shutil
from pathlib import Path
from typing import Any, Dict

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.data import Vocabulary
from allennlp.data.token_indexers import PretrainedTransformerIndexer
from allennlp.data.tokenizers import PretrainedTransformerTokenizer
from allennlp.models import load_archive
from allennlp.modules.token_embedders import PretrainedTransformerEmbedder
from transformers import BertConfig, BertModel

TINY_BERT = Path(__file__).parents[2] / "fixtures" / "tiny_bert"


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")


@pytest.fixture
def bert(tmp_path: Path) -> str:
    """A folder with weights, as a hub would have it."""
    folder = tmp_path / "bert"
    shutil.copytree(TINY_BERT, folder)
    torch.manual_seed(0)
    BertModel(BertConfig.from_pretrained(str(folder))).save_pretrained(str(folder))
    return str(folder)


def test_tokenizer_adds_special_tokens_once() -> None:
    tokenizer = PretrainedTransformerTokenizer(str(TINY_BERT))

    assert [str(token) for token in tokenizer.tokenize("The film was never boring")] == [
        *("[CLS]", "the", "film", "was", "never", "boring", "[SEP]")
    ]
    pair = tokenizer.add_special_tokens(tokenizer.tokenize("good")[1:-1], tokenizer.tokenize("bad")[1:-1])
    assert [token.text for token in pair] == ["[CLS]", "good", "[SEP]", "bad", "[SEP]"]


def test_vocabulary_has_the_size_that_the_config_says() -> None:
    words = (TINY_BERT / "vocab.txt").read_text().split()

    assert len(words) == len(set(words)) == json.loads((TINY_BERT / "config.json").read_text())["vocab_size"]


def test_indexer_uses_the_vocabulary_of_the_model() -> None:
    indexer = PretrainedTransformerIndexer(str(TINY_BERT))
    tokens = PretrainedTransformerTokenizer(str(TINY_BERT)).tokenize("good")
    words = (TINY_BERT / "vocab.txt").read_text().split()

    indices = indexer.tokens_to_indices(tokens, Vocabulary())["token_ids"]
    assert [words[index] for index in indices] == ["[CLS]", "good", "[SEP]"]


def test_embedder_loads_the_weights(bert: str) -> None:
    embedder = PretrainedTransformerEmbedder(bert)
    expected = BertModel.from_pretrained(bert)

    inputs = torch.tensor([[2, 50, 60, 3]])
    mask = torch.ones(1, 4, dtype=torch.bool)
    expected.eval()
    embedder.eval()
    torch.testing.assert_close(embedder(inputs, mask), expected(inputs, attention_mask=mask).last_hidden_state)


@pytest.mark.parametrize("load_weights", [True, False])
def test_trains_and_loads_from_an_archive(bert: str, tmp_path: Path, load_weights: bool) -> None:
    corpus = tmp_path / "corpus.jsonl"
    lines = [{"text": "the film was good", "label": "1"}, {"text": "the story is dull, never great", "label": "0"}]
    corpus.write_text("\n".join(json.dumps(line) for line in lines * 4))
    embedder: Dict[str, Any] = {"type": "pretrained_transformer", "model_name": bert, "load_weights": load_weights}
    config = Params(
        {
            "dataset_reader": {
                "type": "text_classification_json",
                "tokenizer": {"type": "pretrained_transformer", "model_name": bert},
                "token_indexers": {"tokens": {"type": "pretrained_transformer", "model_name": bert}},
            },
            "train_data_path": str(corpus),
            "validation_data_path": str(corpus),
            "model": {
                "type": "basic_classifier",
                "text_field_embedder": {"token_embedders": {"tokens": embedder}},
                "seq2vec_encoder": {"type": "bert_pooler", "pretrained_model": bert}
                if load_weights
                else {"type": "cls_pooler", "embedding_dim": 16},
            },
            "data_loader": {"batch_size": 4},
            "trainer": {"optimizer": {"type": "huggingface_adamw", "lr": 0.01}, "num_epochs": 8, "cuda_device": -1},
        }
    )

    model = train_model(config, str(tmp_path / "out"))
    loaded = load_archive(str(tmp_path / "out" / "model.tar.gz")).model

    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["validation_accuracy"] == 1.0
    for name, weights in model.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], weights)
