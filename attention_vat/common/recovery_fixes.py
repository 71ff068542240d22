"""
Fixes for AllenNLP 2.10.1 that let a training continue after a kill at any moment or damage to its files: files are
written atomically, and all states are restored exactly.
"""

import json
import os
import random
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, List, Optional

import numpy
import torch
from allennlp.commands import train
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.data.data_loaders import MultiProcessDataLoader
from allennlp.data.vocabulary import NAMESPACE_PADDING_FILE
from allennlp.models import archival
from allennlp.training import util as training_util
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer
from allennlp.training.moving_average import MovingAverage

from attention_vat.common.checkpoint_record import every_checkpoint
from attention_vat.common.checksums import checksum, is_whole_zip
from attention_vat.common.end_with_parent import end_with_parent
from attention_vat.common.locks import locked
from attention_vat.common.only_training import only_training_in
from attention_vat.common.random_state import get_random_state, set_random_state
from attention_vat.common.replacing import in_place_of
from attention_vat.common.whole_file import place_beside, replaced_whole


def apply_recovery_fixes() -> None:
    """Applies every fix."""
    train_alone_in_a_directory()
    write_the_configuration_whole()
    write_the_vocabulary_whole()
    write_weights_whole()
    write_archives_whole()
    restore_moving_averages()
    end_workers_with_their_trainer()
    test_with_the_same_batches()


def train_alone_in_a_directory() -> None:
    """
    Two processes that train into one directory, such as `--recover` of a run that is still active, overwrite each
    other's files. A run that was killed before its first checkpoint may leave an empty directory, a truncated
    configuration or a partial vocabulary; `--recover` accepts none of them.
    """

    @in_place_of("train_model", train)
    def train_model(
        original: Any,
        params: Params,
        serialization_dir: Any,
        recover: bool = False,
        force: bool = False,
        node_rank: int = 0,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        directory = Path(serialization_dir)
        # AllenNLP reports what is wrong. The other nodes share the directory of the first one.
        if recover and (force or not directory.is_dir()) or node_rank > 0:
            return original(params, serialization_dir, recover, force, node_rank, *args, **kwargs)
        if force and directory.is_dir():
            with only_training_in(directory):
                shutil.rmtree(directory)
            force = False
        directory.mkdir(parents=True, exist_ok=True)
        with only_training_in(directory):
            recover = recover and _has_something_to_recover(params, directory)
            return original(params, serialization_dir, recover, force, node_rank, *args, **kwargs)


def _has_something_to_recover(params: Params, directory: Path) -> bool:
    config = directory / archival.CONFIG_NAME
    with suppress(FileNotFoundError):
        place_beside(config).unlink()
    if not any(directory.iterdir()):
        return False
    if config.exists() and not _is_json_object(config):
        _put_back_configuration(params, config)
    vocabulary = directory / "vocabulary"
    if "distributed" in params and not (vocabulary / NAMESPACE_PADDING_FILE).exists():
        # Distributed training reads the vocabulary from here; other trainings rebuild it.
        training_util.create_serialization_dir(params, str(directory), recover=True, force=False)
        shutil.rmtree(vocabulary, ignore_errors=True)
        training_util.make_vocab_from_params(params.duplicate(), str(directory))
    return True


def _is_json_object(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_text(encoding="utf-8")), dict)
    except ValueError:
        return False


def _put_back_configuration(params: Params, config: Path) -> None:
    checkpoints = every_checkpoint(config.parent)
    with replaced_whole(config) as aside:
        params.to_file(str(aside))
        given = checksum(aside)
        records = [files.read_record() for files in checkpoints]
        if checkpoints and not any(record and record.run.get(config.name) == given for record in records):
            raise ConfigurationError(
                f"{config} is damaged, and the given configuration matches no checkpoint of the run. Restore the file, "
                "or start over with --force."
            )


def write_the_configuration_whole() -> None:
    """A kill can truncate `config.json`, which `--recover` then cannot compare with the given configuration."""

    @in_place_of("to_file", Params)
    def to_file(original: Any, self: Params, params_file: str, *args: Any, **kwargs: Any) -> None:
        with replaced_whole(params_file) as aside:
            original(self, str(aside), *args, **kwargs)


def write_the_vocabulary_whole() -> None:
    """
    A kill can leave a partial vocabulary, which a recovered distributed training takes for a complete one. The file of
    namespaces is therefore written last and exists only if all others do. Its lines are sorted, so that the same
    vocabulary always gives the same files.
    """

    @in_place_of("save_to_files", Vocabulary)
    def save_to_files(original: Any, self: Vocabulary, directory: str) -> None:
        place = Path(directory)
        place.mkdir(parents=True, exist_ok=True)
        aside = place / ".new"  # hidden files are not read as namespaces
        with locked(place / ".lock"):
            shutil.rmtree(aside, ignore_errors=True)
            original(self, str(aside))
            padding = aside / NAMESPACE_PADDING_FILE
            padding.write_text("".join(sorted(padding.read_text("utf-8").splitlines(keepends=True))), "utf-8")
            names = {name for name in os.listdir(aside) if not name.startswith(".")}
            for name in [*sorted(names - {NAMESPACE_PADDING_FILE}), NAMESPACE_PADDING_FILE]:
                os.replace(aside / name, place / name)
            shutil.rmtree(aside)


def write_weights_whole() -> None:
    """
    AllenNLP's trainer writes `best.th` in place. A kill can truncate the file; if it is a hard link to the model of a
    checkpoint, the checkpoint is overwritten. The trainer does not check the weights that it reads at the end of
    training.
    """

    @in_place_of("_save_model_state", GradientDescentTrainer)
    def _save_model_state(original: Any, self: GradientDescentTrainer, path: str) -> None:
        with replaced_whole(path) as aside:
            original(self, str(aside))

    @in_place_of("_load_model_state", GradientDescentTrainer)
    def _load_model_state(original: Any, self: GradientDescentTrainer, path: str) -> None:
        _check_weights(Path(path))
        original(self, path)


def write_archives_whole() -> None:
    """A kill can truncate `model.tar.gz`, and AllenNLP archives damaged weights without a warning."""

    @in_place_of("archive_model", archival, train)
    def archive_model(
        original: Any,
        serialization_dir: Any,
        weights: str = archival._DEFAULT_WEIGHTS,
        archive_path: Any = None,
        include_in_archive: Optional[List[str]] = None,
    ) -> str:
        _check_weights(Path(serialization_dir, weights))
        path = Path(archive_path or serialization_dir)
        if path.is_dir():
            path = path / "model.tar.gz"
        with replaced_whole(path) as aside:
            original(serialization_dir, weights, str(aside), include_in_archive)
        return str(path)


def _check_weights(path: Path) -> None:
    if path.exists() and not is_whole_zip(path):
        raise ConfigurationError(f"{path} is damaged: its checksums do not match. Restore it, or train again.")


def restore_moving_averages() -> None:
    """
    When AllenNLP loads moving averages, it also replaces the averaged parameters with loaded copies. The averages then
    follow copies that no longer change, and validation uses the plain weights.

    Loading then raises `ConfigurationError` if the checkpoint has averages of other parameters.
    """

    @in_place_of("load_state_dict", MovingAverage)
    def load_state_dict(original: Any, self: MovingAverage, state_dict: Dict[str, Any]) -> None:
        for own, saved in ((self._shadows, state_dict["shadows"]), (self._backups, state_dict["backups"])):
            if own.keys() != saved.keys():
                raise ConfigurationError("moving_average: the checkpoint has averages of other parameters.")
            for name, value in saved.items():
                own[name].copy_(value)


def end_workers_with_their_trainer() -> None:
    """
    The workers of a data loader notice that their trainer was killed only when they send something. A worker that has
    read everything waits forever. In distributed training the remaining processes would write into the directory in
    which their run is being recovered.
    """

    @in_place_of("train", GradientDescentTrainer)
    def train_(original: Any, self: GradientDescentTrainer) -> Dict[str, Any]:
        if self._distributed:
            end_with_parent()
        return original(self)

    @in_place_of("_instance_worker", MultiProcessDataLoader)
    def _instance_worker(original: Any, self: MultiProcessDataLoader, *args: Any) -> None:
        end_with_parent()
        original(self, *args)

    @in_place_of("_batch_worker", MultiProcessDataLoader)
    def _batch_worker(original: Any, self: MultiProcessDataLoader, *args: Any) -> None:
        end_with_parent()
        original(self, *args)


def test_with_the_same_batches() -> None:
    """
    Batches of the test data may be drawn at random, and the mean loss depends on the batches. A run that is recovered
    after its training would start its test with other random numbers than an uninterrupted run.
    """

    @in_place_of("finish", train.TrainModel)
    def finish(original: Any, self: train.TrainModel, metrics: Dict[str, Any]) -> None:
        state = get_random_state()
        random.seed(0)
        numpy.random.seed(0)
        torch.manual_seed(0)
        try:
            original(self, metrics)
        finally:
            set_random_state(state)
