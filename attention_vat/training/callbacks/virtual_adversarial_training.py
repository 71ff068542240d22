"""Semi-supervised training with unlabelled text beside the labelled batches."""

from typing import TYPE_CHECKING, Any, Dict, Optional

import torch
from allennlp.common import Lazy
from allennlp.common.checks import ConfigurationError
from allennlp.data import DataLoader, DatasetReader
from allennlp.data.samplers import BucketBatchSampler
from allennlp.training.callbacks import TrainerCallback

from attention_vat.common.memory import keep_freed_memory
from attention_vat.common.numbers import check_number
from attention_vat.data.data_loaders import FlatDataLoader
from attention_vat.models.regularizable import RegularizableModel
from attention_vat.training.callbacks.exact_recovery import ExactRecovery
from attention_vat.training.unlabeled_stream import UnlabeledStream
from attention_vat.training.weight_schedule import WeightSchedule

if TYPE_CHECKING:
    from allennlp.training import GradientDescentTrainer

LABEL_METRICS = {"loss", "accuracy", "precision", "recall", "f1"}
"""Metrics that need labels."""


@TrainerCallback.register("virtual_adversarial_training")
class VirtualAdversarialTraining(ExactRecovery):
    """
    Manages the training state beyond a single batch: it provides one unlabelled batch for each labelled batch, warms up
    the weight λ, and updates the nearest words after each epoch. The regularizers themselves belong to the model and
    work without this callback on labelled sentences alone; with it the loss of Kitada & Iyatomi (2022), Eq. 13-14, is a
    mean over labelled and unlabelled sentences.

    As a subclass of `ExactRecovery` it also makes `--recover` exact, including the stream of unlabelled batches.

    The console, `metrics_epoch_*.json` and TensorBoard show `supervised_loss`, `kl_labeled`, `kl_unlabeled`,
    `perturbation_norm` (the mean of `‖r‖₂`) and `unlabeled_share` (the share of unlabelled sentences in the adversarial
    loss).

    Registered as a `TrainerCallback` with name "virtual_adversarial_training".

    # Parameters

    unlabeled_data_path : `str`, optional (default = `None`)
        Text for the reader; labels in it are ignored. Without a path, training is purely supervised.
    unlabeled_ratio : `float`, optional (default = `1.0`)
        The number of unlabelled sentences for each labelled one.
    unlabeled_dataset_reader : `DatasetReader`, optional (default = the reader of the labelled data)
    unlabeled_data_loader : `Lazy[DataLoader]`, optional
        A loader with its own batch size, instead of `unlabeled_ratio`. By default the loader "flat" makes batches of
        `unlabeled_ratio × labelled batch size` sentences of similar length.
    schedule : `WeightSchedule`, optional (default = `"constant"`)

    Raises `ConfigurationError` if the model is not a `RegularizableModel`, if no regularizer uses the unlabelled text,
    if that text has no sentences, or if the validation metric needs labels that the validation data does not have.

    # Examples

        "callbacks": [{
          "type": "virtual_adversarial_training",
          "unlabeled_data_path": "data/sentences/unlabeled.jsonl",
          "unlabeled_ratio": 2,
          "schedule": {"type": "linear_warmup", "num_steps": 200}
        }]
    """

    def __init__(
        self,
        serialization_dir: str,
        unlabeled_data_path: Optional[str] = None,
        unlabeled_ratio: Optional[float] = None,
        unlabeled_dataset_reader: Optional[DatasetReader] = None,
        unlabeled_data_loader: Optional[Lazy[DataLoader]] = None,
        schedule: Optional[WeightSchedule] = None,
    ) -> None:
        super().__init__(serialization_dir)
        if unlabeled_ratio is not None and unlabeled_data_loader is not None:
            raise ConfigurationError(
                "virtual_adversarial_training: unlabeled_data_loader sets its own batch size; remove unlabeled_ratio."
            )
        if unlabeled_ratio is not None:
            # A ratio of 0 is refused: without unlabelled text, leave out unlabeled_data_path.
            check_number("virtual_adversarial_training: unlabeled_ratio", unlabeled_ratio, positive=True)
        self._path = unlabeled_data_path
        self._ratio = unlabeled_ratio or 1.0
        self._reader = unlabeled_dataset_reader
        self._lazy_loader = unlabeled_data_loader or Lazy(FlatDataLoader.build)
        self._has_own_loader = unlabeled_data_loader is not None
        self._schedule = schedule or WeightSchedule()
        self._stream: Optional[UnlabeledStream] = None
        self._step = 0

    def on_start(self, trainer: "GradientDescentTrainer", is_primary: bool = True, **kwargs: Any) -> None:
        model = trainer.model
        if not isinstance(model, RegularizableModel):
            raise ConfigurationError(
                f"virtual_adversarial_training needs one of attention_vat's models, not {type(model).__name__}. "
                "A model of type 'regularized' can wrap any other."
            )
        _check_labels_of_validation(trainer)
        if self._path is not None:
            if not any(regularizer.uses_unlabeled for regularizer in model.regularizers):
                raise ConfigurationError(
                    "unlabeled_data_path is given, but no regularizer of the model uses unlabelled text. Add one to "
                    'model.regularizers, such as {"type": "attention_ivat"}, or remove unlabeled_data_path.'
                )
            self._stream = UnlabeledStream(self._build_loader(trainer), seed=torch.initial_seed())
            if self._restored is not None:
                self._stream.load_state_dict(self._restored["stream"])
        model.unlabeled_batches = self._stream
        if self._restored is not None:
            self._step = self._restored["step"]
            for regularizer, state in zip(model.regularizers, self._restored["regularizers"]):
                regularizer.load_state_dict(state)
        model.regularization_scale = self._schedule.factor(self._step)
        keep_freed_memory()
        super().on_start(trainer, is_primary, **kwargs)

    def _build_loader(self, trainer: "GradientDescentTrainer") -> DataLoader:
        labeled = trainer.data_loader
        reader = self._reader or getattr(labeled, "reader", None)
        if reader is None:
            raise ConfigurationError("virtual_adversarial_training: this data loader needs unlabeled_dataset_reader.")
        extras: Dict[str, Any] = {}
        if not self._has_own_loader:
            sampler = getattr(labeled, "batch_sampler", None)
            batch_size = getattr(labeled, "batch_size", None) or (sampler and sampler.get_batch_size())
            if batch_size is None:
                raise ConfigurationError("virtual_adversarial_training: this data loader needs unlabeled_data_loader.")
            size, model = max(1, round(self._ratio * batch_size)), trainer.model
            extras["fields"] = list(model.input_names)
            extras["batch_sampler"] = BucketBatchSampler(size, sorting_keys=list(model.input_names[:1]))
        loader = self._lazy_loader.construct(reader=reader, data_path=self._path, **extras)
        loader.index_with(trainer.model.vocab)
        if trainer.cuda_device is not None:
            loader.set_target_device(trainer.cuda_device)
        return loader

    def on_batch(self, trainer: "GradientDescentTrainer", *args: Any, is_training: bool = True, **kwargs: Any) -> None:
        if is_training:
            self._step += 1
            trainer.model.regularization_scale = self._schedule.factor(self._step)

    def on_epoch(self, trainer: "GradientDescentTrainer", *args: Any, **kwargs: Any) -> None:
        super().on_epoch(trainer, *args, **kwargs)
        for regularizer in trainer.model.regularizers:
            regularizer.refresh(trainer.model)

    def on_end(self, trainer: "GradientDescentTrainer", *args: Any, **kwargs: Any) -> None:
        trainer.model.unlabeled_batches = None
        super().on_end(trainer, *args, **kwargs)

    def state_dict(self) -> Dict[str, Any]:
        state = {**super().state_dict(), "step": self._step}
        assert self.trainer is not None
        state["regularizers"] = [regularizer.state_dict() for regularizer in self.trainer.model.regularizers]
        if self._stream is not None:
            state["stream"] = self._stream.state_dict()
        return state


def _check_labels_of_validation(trainer: "GradientDescentTrainer") -> None:
    """Checks the labels before training; otherwise the error would come only after the first epoch."""
    loader = trainer._validation_data_loader
    selecting = [name for _, name in trainer._metric_tracker.tracked_metrics if name in LABEL_METRICS]
    if loader is None or not selecting or any("label" in instance.fields for instance in loader.iter_instances()):
        return
    raise ConfigurationError(
        f"validation_metric is {selecting[0]}, but no sentence of the validation data has a label: "
        f"{getattr(loader, 'data_path', 'validation_data_path')}."
    )
