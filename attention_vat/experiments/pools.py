"""Selections from an unlabelled pool, which are made once and kept."""

from pathlib import Path
from typing import Any, Dict

from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.experiment import Unlabeled
from attention_vat.experiments.fingerprint import config_hash


class Pool:
    """
    # Parameters

    output_dir, corpus : `str`
    unlabeled : `Unlabeled`
    files : `Dict[str, str]`
        The `train_data_path`, `unlabeled_data_path` and, for `mean_embedding`, `pretrained_file` of the corpus'
        configuration.

    Raises `ConfigurationError` if one of them is missing.
    """

    def __init__(self, output_dir: str, corpus: str, unlabeled: Unlabeled, files: Dict[str, str]) -> None:
        if "unlabeled_data_path" not in files:
            raise ConfigurationError(f"The configuration of {corpus} has no unlabelled data to select from.")
        if unlabeled.strategy == "mean_embedding" and "pretrained_file" not in files:
            raise ConfigurationError("unlabeled.strategy 'mean_embedding' needs parameters.vectors.file.")
        self._unlabeled = unlabeled
        self._labeled, self._pool = files["train_data_path"], files["unlabeled_data_path"]
        self._vectors = files["pretrained_file"] if unlabeled.strategy == "mean_embedding" else None
        name = f"{corpus}-{unlabeled.strategy}-{unlabeled.count}"
        contents = config_hash([self._labeled, self._pool, self._vectors])
        self.file = Path(output_dir, "unlabeled", f"{name}-{contents}", "unlabeled.jsonl").resolve()

    def make(self) -> None:
        """Selects the sentences, unless they are selected already."""
        from attention_vat.data.selection import (
            BagOfWords,
            MeanEmbedding,
            NearestNeighbors,
            RandomSelection,
            select_unlabeled,
        )

        if self.file.exists():
            return
        strategy: Any = RandomSelection()
        if self._unlabeled.strategy != "random":
            strategy = NearestNeighbors(MeanEmbedding(self._vectors) if self._vectors else BagOfWords())
        self.file.parent.parent.mkdir(parents=True, exist_ok=True)
        select_unlabeled(self._labeled, self._pool, self.file.parent, strategy, count=self._unlabeled.count)
