"""
Fixes for AllenNLP 2.10.1 that keep its metrics finite: a mean over no values is left out, and a training stops where
its loss is NaN or infinite and reports the batch.
"""

import json
import logging
import math
from collections import deque
from typing import Any, Deque, Dict, List, Optional

import torch
from allennlp.common import util as common_util
from allennlp.common.checks import ConfigurationError
from allennlp.data import TensorDict
from allennlp.evaluation import evaluator
from allennlp.models import Model
from allennlp.nn.util import get_token_ids_from_text_field_tensors
from allennlp.training import util as training_util
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer
from allennlp.training.metric_tracker import MetricTracker

from attention_vat.common.replacing import in_place_of
from attention_vat.common.whole_file import replaced_whole

logger = logging.getLogger(__name__)

SHOWN_INSTANCES, SHOWN_WORDS = 8, 12


class NotFinite(ConfigurationError, ValueError):
    """A loss or a weight is NaN or infinite. (For a NaN loss AllenNLP raises a `ValueError`.)"""


def apply_metric_fixes() -> None:
    """Applies every fix."""
    write_metrics_that_are_json()
    leave_out_losses_of_nothing()
    select_by_numbers()
    stop_where_the_loss_is_no_number()


def write_metrics_that_are_json() -> None:
    """
    AllenNLP writes NaN and infinity into its files of metrics, but JSON has neither; such metrics are left out. The
    files are written atomically.
    """

    @in_place_of("dump_metrics", common_util, training_util, evaluator)
    def dump_metrics(original: Any, file_path: Optional[str], metrics: Dict[str, Any], log: bool = False) -> None:
        finite = {name: value for name, value in metrics.items() if not _is_not_finite(value)}
        for name in metrics.keys() - finite.keys():
            logger.warning("%s is %s, which JSON cannot represent; it is left out.", name, metrics[name])
        if file_path:
            text = json.dumps(finite, indent=2, allow_nan=False)
            with replaced_whole(file_path) as aside:
                aside.write_text(text, encoding="utf-8")
        original(None, finite, log)


def _is_not_finite(value: Any) -> bool:
    try:
        return not math.isfinite(value)
    except TypeError:
        return False


def leave_out_losses_of_nothing() -> None:
    """
    For AllenNLP the mean loss over no batches is 0, which is the best possible loss.

    The trainer then raises `NotFinite` if the loss of a batch is infinite.
    """

    @in_place_of("get_metrics", training_util)
    def get_metrics(
        original: Any,
        model: Model,
        total_loss: float,
        total_reg_loss: Optional[float],
        batch_loss: Optional[float],
        batch_reg_loss: Optional[float],
        num_batches: int,
        reset: bool = False,
    ) -> Dict[str, float]:
        if batch_loss is not None and model.training and not math.isfinite(batch_loss):
            raise NotFinite("infinite loss encountered")
        metrics = original(model, total_loss, total_reg_loss, batch_loss, batch_reg_loss, num_batches, reset)
        if num_batches == 0:
            for name in ("loss", "reg_loss", "batch_loss", "batch_reg_loss"):
                metrics.pop(name, None)
        return metrics


def select_by_numbers() -> None:
    """
    No comparison with NaN is true, so a first epoch whose metric is NaN stays the best forever. A metric is usually
    missing because the validation data has no labels.

    The trainer then raises `ConfigurationError` for a missing metric, and `NotFinite` for a NaN or infinite one.
    """

    @in_place_of("combined_score", MetricTracker)
    def combined_score(original: Any, self: MetricTracker, metrics: Dict[str, float]) -> float:
        for factor, name in self.tracked_metrics:
            if name not in metrics:
                raise ConfigurationError(
                    f'validation_metric is "{"+" if factor > 0 else "-"}{name}", but validation reported no {name}; it '
                    f"reported {', '.join(sorted(metrics)) or 'nothing'}. Does the validation data have labels?"
                )
            if _is_not_finite(metrics[name]):
                raise NotFinite(
                    f"validation_metric: {name} of the validation data is {metrics[name]}, which cannot select the "
                    "best epoch. Choose another validation_metric, or check the data."
                )
        return original(self, metrics)


def stop_where_the_loss_is_no_number() -> None:
    """
    AllenNLP's trainer stops at a NaN loss without naming the batch, continues with an infinite loss, and saves the NaN
    weights of the last step of an epoch. This fix uses the two points at which the trainer reads the loss of each step
    anyway; a third read would wait for the GPU. A training without batches also stops with an error, and an epoch that
    a recovery continues in its middle has no training metrics.

    The trainer then raises `NotFinite` with the number of the batch.
    """

    @in_place_of("batch_outputs", GradientDescentTrainer)
    def batch_outputs(original: Any, self: GradientDescentTrainer, batch: TensorDict, for_training: bool) -> Any:
        if for_training:
            _batches_of(self).append(batch)
        return original(self, batch, for_training)

    @in_place_of("_train_epoch", GradientDescentTrainer)
    def _train_epoch(original: Any, self: GradientDescentTrainer, epoch: int) -> Dict[str, float]:
        recovered = self._start_after_epochs_completed, self._start_after_batches_in_epoch_completed
        try:
            metrics = original(self, epoch)
        except ValueError as error:
            infinite = isinstance(error, NotFinite)
            if not infinite and "nan loss" not in str(error):
                raise
            batches = list(_batches_of(self))
            number = self._batches_in_epoch_completed if infinite else self._batches_in_epoch_completed + 1
            raise NotFinite(
                f"The loss is {'infinite' if infinite else 'NaN'} in epoch {epoch}, batch {number}, which contains "
                f"{_instances(self.model, batches if infinite else batches[-1:])}. If these instances are correct, the "
                "learning rate may be too large."
            ) from error
        finally:
            _batches_of(self).clear()
        if self._epochs_completed < recovered[0]:
            return metrics  # catching up
        if self._batches_in_epoch_completed == 0 and not self._distributed:
            raise ConfigurationError("train_data_path: the training data has no batches.")
        _check_weights(self.model, epoch)
        if self._epochs_completed == recovered[0] and recovered[1] > 0:
            # They cover only the batches after the recovery, and the loss is divided by the number of all batches.
            metrics = {name: value for name, value in metrics.items() if name.endswith("_memory_MB")}
        return metrics


def _batches_of(trainer: GradientDescentTrainer) -> Deque[TensorDict]:
    """Returns the batches of the current step."""
    if "_batches_of_step" not in trainer.__dict__:
        trainer._batches_of_step = deque(maxlen=trainer._num_gradient_accumulation_steps)  # type: ignore[attr-defined]
    return trainer._batches_of_step  # type: ignore[attr-defined]


def _check_weights(model: Model, epoch: int) -> None:
    parameters = [(name, parameter) for name, parameter in model.named_parameters() if parameter.is_floating_point()]
    finite = (
        torch.stack([torch.isfinite(parameter).all() for _, parameter in parameters]).tolist() if parameters else []
    )
    bad = [name for (name, _), is_finite in zip(parameters, finite) if not is_finite]
    if bad:
        raise NotFinite(
            f"After epoch {epoch} weights of {', '.join(bad[:3])} are NaN or infinite; this epoch is not saved. Try a "
            "smaller learning rate."
        )


def _instances(model: Model, batches: List[TensorDict]) -> str:
    """Identifies the instances of batches by their ids or their first words."""
    named = [name for batch in batches for name in _names(model, batch)]
    more = f" and {len(named) - SHOWN_INSTANCES} more" if len(named) > SHOWN_INSTANCES else ""
    return "; ".join(named[:SHOWN_INSTANCES]) + more if named else "instances without an id or a text"


def _names(model: Model, batch: TensorDict) -> List[str]:
    metadata: Any = batch.get("metadata")
    if metadata is not None and all(isinstance(data, dict) and "id" in data for data in metadata):
        return [f"id {data['id']}" for data in metadata]
    for value in batch.values():
        if isinstance(value, dict):  # the first text field
            try:
                rows = get_token_ids_from_text_field_tensors(value).tolist()  # type: ignore[arg-type]
            except (NotImplementedError, KeyError):
                continue
            return [_words(model, row) for row in rows]
    return []


def _words(model: Model, ids: List[int]) -> str:
    namespace = getattr(model, "_namespace", "tokens")
    words = model.vocab.get_index_to_token_vocabulary(namespace) if namespace in model.vocab.get_namespaces() else {}
    known = [words.get(index, str(index)) for index in ids if index != 0]
    return f'"{" ".join(known[:SHOWN_WORDS])}{" …" if len(known) > SHOWN_WORDS else ""}"'
