import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.modules.token_embedders import TokenEmbedder

import attention_vat  # noqa: F401  (names broken vectors)


def embedding(path):
    vocabulary = Vocabulary()
    vocabulary.add_tokens_to_namespace(["good", "bad"])
    params = {"type": "embedding", "embedding_dim": 2, "pretrained_file": str(path)}
    return TokenEmbedder.from_params(Params(params), vocab=vocabulary).weight


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("good 1 2\nbad nan 1\n", "v.txt:2: is not a word and its numbers .they are not finite"),
        ("good 1 2\nother nan 1\nbad 1 -inf\n", "v.txt:3: is not a word and its numbers .they are not finite"),
        ("3 2\nbad 1 2\ngood 1e39 1\n", "v.txt:3: is not a word and its numbers .they are not finite"),
        ("good 1 2\nbad 1 x\n", "v.txt:2: is not a word and its numbers .could not convert string to float: 'x'"),
        ("", "v.txt: word vectors cannot be read"),
    ],
)
def test_a_broken_line_is_named(tmp_path, content, problem):
    (tmp_path / "v.txt").write_text(content)
    with pytest.raises(ConfigurationError, match=problem):
        embedding(tmp_path / "v.txt")


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "v.txt").write_bytes(b"good 1 2\nb\xe4d 1 2\n")
    with pytest.raises(ConfigurationError, match="v.txt: word vectors cannot be read .*utf-8"):
        embedding(tmp_path / "v.txt")


def test_sound_vectors_are_read_as_before(tmp_path):
    (tmp_path / "v.txt").write_text("good 1 2\nother nan nan\nbad 3 4\n")
    assert torch.equal(embedding(tmp_path / "v.txt")[2:], torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
