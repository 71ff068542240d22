"""A fresh clone with what a reader brings along, and small data where the real one would be downloaded."""

import gzip
import shutil
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModel

from attention_vat.commands.make_dataset import make_dataset
from tests.data.corpora.movies_test import write as write_movies
from tests.docs.pages import ROOT

OF_THE_REPOSITORY = [
    *("Makefile", "setup.py", "pyproject.toml", ".allennlp_plugins"),
    *("attention_vat", "benchmarks", "docs", "experiments", "fixtures", "requirements", "scripts", "training_configs"),
]
PAIRS = ["snli", "multinli", "cnn", "babi_1", "babi_2", "babi_3"]
VECTORS = {"vectors.txt": 300, "vectors100.txt": 100}


def make_clone(directory: Path) -> Path:
    """Files of the repository, and of the reader: vectors, searches, a configuration."""
    for name in OF_THE_REPOSITORY:
        (directory / name).symlink_to(ROOT / name)
    (directory / "data").mkdir()
    for name, dim in VECTORS.items():
        write_vectors(directory / "data" / name, dim)
    write_vectors(directory / "glove.6B.300d.txt", 300)
    for name in ("vat", "ivat"):
        (directory / "logs" / name).mkdir(parents=True)
    (directory / "JW.jsonnet").write_text("(import 'training_configs/sst/vanilla.jsonnet') + { weight_decay:: 3.1e-7 }")
    text = (directory / "data" / "vectors100.txt").read_bytes()
    for name in ("glove.6B.100d.txt.gz", "data/glove.6B.100d.txt.gz"):
        (directory / name).write_bytes(gzip.compress(text))
    return directory


def write_vectors(path: Path, dim: int) -> None:
    path.write_text("".join(f"{word} {' '.join(['0.1'] * dim)}\n" for word in ("a", "film", "this")))


def make_small_encoder(output_dir: Path) -> None:
    """Where `allennlp make-encoder` would take one of a package or an archive."""
    if not output_dir.exists():
        shutil.copytree(ROOT / "fixtures" / "tiny_bert", output_dir)
        encoder = AutoModel.from_config(AutoConfig.from_pretrained(str(output_dir)))
        torch.save(encoder.state_dict(), str(output_dir / "pytorch_model.bin"))


def make_small_dataset(name: str, output_dir: Path) -> None:
    """Where `allennlp make-dataset` would download a corpus. What was made before stays."""
    if output_dir.exists():
        return
    if name == "movies":
        source = output_dir.with_name("movies_source")
        source.mkdir(parents=True)
        write_movies(source)
        make_dataset(name, [str(source)], str(output_dir))
        return
    output_dir.mkdir(parents=True)
    for split in ("train", "validation", "test", "unlabeled"):
        file = ROOT / "fixtures" / ("pairs.jsonl" if name in PAIRS else f"example/{split}.jsonl")
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)[:12]
        (output_dir / f"{split}.jsonl").write_text("".join(lines), encoding="utf-8")
