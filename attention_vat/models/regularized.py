"""Any AllenNLP model with regularizers."""

import copy
import inspect
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Optional, Tuple

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import TensorDict, Vocabulary
from allennlp.models import Model
from allennlp.nn import util
from allennlp.training.metrics import Metric

from attention_vat.models.regularizable import AnyPass, Divergence, RegularizableModel
from attention_vat.models.stages import WholePass
from attention_vat.nn.divergence import symmetric_kl
from attention_vat.regularizers.regularizer import Regularizer

# The names that AllenNLP's models give their labels.
LABELS = ("label", "labels", "tags", "correct_alternative", "target_ids")
# Fields that the network does not read.
NOT_READ = ("metadata",)


@Model.register("regularized")
class Regularized(RegularizableModel):
    """
    Trains any model, from AllenNLP or your own, with regularizers that run it a second time: taggers, multiple-choice
    models, classifiers, language models. The second pass has no labels, so that metrics count once (if an attack needs
    the supervised loss, the pass has labels and separate metrics). Outside of training it *is* the inner model, with
    the same metrics, predictions, predictors and output.

    Predictions are compared as distributions over classes or alternatives, for tags as a mean over the words of a text;
    a prediction of one number for a text is compared with the squared difference. Where some positions of the logits
    are padding, as in `masked_words`, the model masks them with a method `logits_mask(**inputs)`, shape
    `(batch_size, num_positions)`.

    Registered as a `Model` with name "regularized".

    # Parameters

    vocab : `Vocabulary`, required.
    model : `Model`, required.
        The model to train.
    regularizers : `List[Regularizer]`, optional (default = `[]`)
        Regularizers that enter between the stages of an `AttentionClassifier` (targets "word" and "attention") do not
        work here.
    logits : `str`, optional (default = `"logits"`)
        Where to find the logits: a key of the model's output, or the name of the module that returns them
        (`"_language_model_head"` for `masked_language_model`).
    labels : `List[str]`, optional (default = those of `label`, `labels`, `tags`, `correct_alternative`, `target_ids`
        that `model.forward` takes)
        The fields without which `model` computes no loss.

    Raises `ConfigurationError` if `model.forward` has no such parameters or requires them.

    # Examples

        {
          "type": "regularized",
          "model": {"type": "crf_tagger", "text_field_embedder": {...}, "encoder": {...}},
          "regularizers": [{"type": "adversarial_self_attention"}]
        }
    """

    default_predictor = "regularized"

    def __init__(
        self,
        vocab: Vocabulary,
        model: Model,
        regularizers: Optional[List[Regularizer]] = None,
        logits: str = "logits",
        labels: Optional[List[str]] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(vocab, regularizers, **kwargs)
        self.model = model
        parameters = inspect.signature(model.forward).parameters
        self.labels = list(labels if labels is not None else [name for name in LABELS if name in parameters])
        for name in self.labels:
            if name not in parameters or parameters[name].default is inspect.Parameter.empty:
                raise ConfigurationError(
                    f"labels: forward of {type(model).__name__} has no optional parameter '{name}'; "
                    f"its parameters are {', '.join(parameters)}."
                )
        if not self.labels:
            raise ConfigurationError(
                f"The label fields of {type(model).__name__} are unknown; name them in labels, "
                f"out of {', '.join(parameters)}."
            )
        self.input_names = tuple(name for name in parameters if name not in (*self.labels, *NOT_READ))
        self._logits = logits
        self._logits_module = dict(model.named_modules()).get(logits)
        # Fresh metrics for passes that must not count.
        self._unseen = [(owner, name, copy.deepcopy(metric)) for owner, name, metric in _metrics_of(model)]
        # The logits of the last pass with labels, and its supervised loss.
        self._loss_of: Tuple[Optional[torch.Tensor], Optional[torch.Tensor]] = (None, None)
        self.attach_regularizers()

    def forward(self, **fields: Any) -> Dict[str, Any]:  # type: ignore[override]
        """
        Takes and returns what `model` does; in training, `loss` is the sum of the losses of `model` and of the
        regularizers.

        Raises `ConfigurationError` if `model` returns no loss.
        """
        labels = {name: fields[name] for name in self.labels if fields.get(name) is not None}
        if not (self.training and self.regularizers and labels):
            return self.model(**fields)
        with self._watched() as (start, encoder_calls):
            output, logits = self._run(fields)
        if "loss" not in output:
            raise ConfigurationError(
                f"{type(self.model).__name__} returns no loss with the labels {', '.join(labels)}."
            )
        inputs = {name: field for name, field in fields.items() if name not in self.labels}
        self._means.update("supervised_loss", output["loss"])
        clean = WholePass(inputs, logits, labels, start, encoder_calls)
        return {**output, "loss": output["loss"] + self._regularization(clean, self.next_unlabeled())}

    def clean_pass(self, inputs: Dict[str, Any], label: Any = None) -> WholePass:
        with self._watched() as (start, encoder_calls):
            logits = self._run(inputs)[1]
        return WholePass(inputs, logits, None, start, encoder_calls)

    def _run(self, fields: Dict[str, Any]) -> Tuple[Dict[str, Any], torch.Tensor]:
        """The output of the model and its logits."""
        if self._logits_module is None:
            output = self.model(**fields)
            if self._logits not in output:
                raise ConfigurationError(
                    f"logits: {type(self.model).__name__} returns no '{self._logits}' and has no module of that name; "
                    f"it returns {', '.join(output)}."
                )
            return output, output[self._logits]
        seen: List[torch.Tensor] = []
        handle = self._logits_module.register_forward_hook(lambda module, arguments, result: seen.append(result))
        try:
            output = self.model(**fields)
        finally:
            handle.remove()
        return output, seen[-1]

    def _regularization(self, clean: AnyPass, unlabeled: Optional[Dict[str, Any]] = None) -> torch.Tensor:
        try:
            return super()._regularization(clean, unlabeled)
        finally:
            self._loss_of = (None, None)

    def again(self, clean: AnyPass) -> torch.Tensor:
        assert clean.inputs is not None
        if clean.label is None or not any(regularizer.needs_loss for regularizer in self.regularizers):
            return self._run(clean.inputs)[1]
        with self._metrics_set_aside():
            output, logits = self._run({**clean.inputs, **clean.label})
        self._loss_of = (logits, output["loss"])
        return logits

    def sentence_losses(self, logits: torch.Tensor, label: Any) -> torch.Tensor:
        """The loss of `model` in the last pass, that of the batch repeated for each text, shape `(batch_size,)`."""
        batch_size, (known, loss) = len(logits), self._loss_of
        assert loss is not None and logits is known
        return loss.reshape(1).expand(batch_size)

    def divergences(self, clean: AnyPass, logits: torch.Tensor, divergence: Divergence) -> torch.Tensor:
        if logits.dim() == 1 or logits.size(-1) == 1:
            expected = clean.logits if divergence is symmetric_kl else clean.logits.detach()
            return (expected - logits).square().flatten(1).sum(1) if logits.dim() > 1 else (expected - logits).square()
        values = divergence(clean.logits.flatten(0, -2), logits.flatten(0, -2)).view(logits.shape[:-1])
        if values.dim() == 1:
            return values
        # (batch_size, num_positions)
        values = values.flatten(1)
        words = self._words(clean, values)
        return (values * words).sum(1) / words.sum(1).clamp_min(1)

    def _words(self, clean: AnyPass, values: torch.Tensor) -> torch.Tensor:
        """The model's `logits_mask`, if any; else 1 at words and 0 at padding, or 1 if positions are not words."""
        assert clean.inputs is not None
        if hasattr(self.model, "logits_mask"):
            return self.model.logits_mask(**clean.inputs).to(values.dtype)
        text = next((field for field in clean.inputs.values() if isinstance(field, dict)), None)
        if self._logits_module is None and text is not None:
            mask = util.get_text_field_mask(text)
            if mask.shape == values.shape:
                return mask.to(values.dtype)
        return torch.ones_like(values)

    @contextmanager
    def _metrics_set_aside(self) -> Iterator[None]:
        """Makes the model count in throwaway metrics inside its context."""
        kept = [(owner, name, getattr(owner, name)) for owner, name, _ in self._unseen]
        for owner, name, unseen in self._unseen:
            setattr(owner, name, copy.deepcopy(unseen))
        try:
            yield
        finally:
            for owner, name, metric in kept:
                setattr(owner, name, metric)

    def inputs(self, batch: TensorDict) -> Dict[str, Any]:
        return {name: field for name, field in batch.items() if name not in self.labels}

    def make_output_human_readable(self, output_dict: Dict[str, Any]) -> Dict[str, Any]:
        return self.model.make_output_human_readable(output_dict)

    def get_regularization_penalty(self) -> Optional[torch.Tensor]:
        return self.model.get_regularization_penalty()

    def get_metrics(self, reset: bool = False) -> Dict[str, float]:
        """The metrics of `model`; in training also `supervised_loss` and what the regularizers watch."""
        return {**self.model.get_metrics(reset), **self._read_regularization_metrics(reset)}


def _metrics_of(model: torch.nn.Module) -> List[Tuple[torch.nn.Module, str, Any]]:
    """Every attribute of a model or its submodules that is a metric, or a dictionary or list of metrics."""
    found = []
    for module in model.modules():
        for name, value in vars(module).items():
            parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
            parts = list(parts)
            if parts and all(isinstance(part, Metric) for part in parts):
                found.append((module, name, value))
    return found
