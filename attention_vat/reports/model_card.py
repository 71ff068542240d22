"""Describes a trained model for those who receive its archive."""

from os import PathLike
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

from attention_vat.common.templates import markdown_text, render
from attention_vat.common.whole_file import written_whole
from attention_vat.common.written_numbers import interval, number
from attention_vat.experiments.manifest import environment
from attention_vat.interpret.measures import description_of, in_order
from attention_vat.interpret.results import AttentionEvaluation

MODEL_CARD = "model_card.md"
_PACKAGES = ("attention_vat", "allennlp", "torch", "numpy", "scipy", "python")
_NAMES = {"type": "technique", "epsilon": "ε", "weight": "λ"}


def write_model_card(
    directory: Union[str, PathLike],
    name: str,
    config: Dict[str, Any],
    files: Mapping[str, Union[str, PathLike]],
    evaluation: Optional[AttentionEvaluation] = None,
    source: Optional[str] = None,
    encoder: Optional[str] = None,
) -> Path:
    """
    Writes `model_card.md`: data, settings, numbers, limits, versions of packages, and how to load the archive beside
    it. Missing parts are left out. (AllenNLP's `ModelCard` is not used: it has no readable form, drops numbers that are
    zero, and mistakes archives for files of its own server.)

    # Parameters

    directory : `Union[str, PathLike]`
        The directory of the archive.
    name : `str`
        The name of the model.
    config : `Dict[str, Any]`
        Its configuration.
    files : `Mapping[str, Union[str, PathLike]]`
        The data by split, as the user names it; the numbers are those of the split `test`.
    evaluation : `AttentionEvaluation`, optional (default = `None`)
        The evaluation on the test data. Without it the card has no numbers.
    source : `str`, optional (default = `None`)
        What the data was made from.
    encoder : `str`, optional (default = `None`)
        The user's name for a Transformer (default = the encoder of the configuration).

    # Returns

    path : `Path`

    Raises `ConfigurationError` if the card cannot be written, and `OSError` if a file of the data cannot be read.

    # Examples

        write_model_card("output/ivat", "Attention iVAT", archive.config.as_dict(), {"train": "data/sst/train.jsonl"})
    """
    text = render(
        "reports/templates/model_card.md.jinja",
        name=name,
        kind=f"A model of the type {markdown_text(config['model']['type'])}",
        source=source,
        files=[(split, str(file), f"{_lines(file):,}") for split, file in files.items()],
        settings=_settings(config, encoder),
        numbers=[] if evaluation is None else _numbers(evaluation),
        sentences="" if evaluation is None else f"{len(evaluation.sentences):,}",
        test=str(files.get("test", "test data")),
        versions={package: environment()[package] for package in _PACKAGES},
    )
    path = Path(directory) / MODEL_CARD
    with written_whole(path) as file:
        file.write(text)
    return path


def _lines(file: Union[str, PathLike]) -> int:
    with open(file, "rb") as lines:
        return sum(1 for line in lines if line.strip())


def _settings(config: Dict[str, Any], encoder: Optional[str]) -> List[Tuple[str, Any]]:
    model, trainer = config["model"], config.get("trainer", {})
    regularizers = model.get("regularizers") or [{"type": "none"}]
    rows = [(_NAMES.get(key, key), value) for each in regularizers for key, value in _type_first(each).items()]
    encoder = encoder or model.get("model_name") or _described(model.get("encoder"))
    seeds = {key: config.get(key) for key in ("random_seed", "numpy_seed", "pytorch_seed")}
    rows += [("encoder", encoder), ("optimizer", _described(trainer.get("optimizer"))), *seeds.items()]
    rows += [("epochs at most", trainer.get("num_epochs")), ("selected by", trainer.get("validation_metric"))]
    return [(key, value) for key, value in rows if value is not None]


def _type_first(parameters: Dict[str, Any]) -> Dict[str, Any]:
    return {"type": parameters["type"], **parameters}


def _described(part: Union[str, Dict[str, Any], None]) -> Optional[str]:
    if not isinstance(part, dict):
        return part
    plain = {key: value for key, value in part.items() if not isinstance(value, (dict, list))}
    return ", ".join([str(plain.pop("type", "")), *(f"{key} {value}" for key, value in plain.items())])


def _numbers(evaluation: AttentionEvaluation) -> List[Tuple[str, str, str]]:
    found = [(name, evaluation.metrics[name]) for name in in_order(evaluation.metrics)]
    return [
        (description_of(name).title, number(estimate.value), interval(estimate.low, estimate.high))
        for name, estimate in found
        if estimate.value is not None
    ]
