"""The metrics of any model on test data."""

import tempfile
from os import PathLike
from pathlib import Path
from typing import Dict, Union

from allennlp.commands.evaluate import evaluate_from_archive

from attention_vat.reproduction.checks import MODEL


def model_metrics(archive_file: Union[str, PathLike], data: str, cuda_device: int = -1) -> Dict[str, float]:
    """
    What `allennlp evaluate` says of an archive, each number under `model_` and its name.

    # Examples

        model_metrics("output/wnut17/model.tar.gz", "data/wnut17/test.jsonl")["model_entity_f1"]
    """
    with tempfile.TemporaryDirectory() as folder:
        metrics = evaluate_from_archive(
            str(archive_file), data, metrics_output_file=str(Path(folder, "metrics.json")), cuda_device=cuda_device
        )
    return {f"{MODEL}_{name}": value for name, value in metrics.items()}
