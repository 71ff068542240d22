"""The base class of models that train with regularizers."""

from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, Union

import torch
from allennlp.data import TensorDict, Vocabulary
from allennlp.models import Model

from attention_vat.common.running_means import RunningMeans
from attention_vat.models.stages import CleanPass, WholePass
from attention_vat.modules.transformer_attention import EncoderCall
from attention_vat.nn.batches import num_cells, one_batch
from attention_vat.nn.noise import Noise
from attention_vat.regularizers.regularizer import Regularizer

# If a joint batch has more than this many times the cells of the two, padding costs more than a second pass.
MAX_PADDING = 1.5

Divergence = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
AnyPass = Union[CleanPass, WholePass]


class RegularizableModel(Model):
    """
    A model that adds the losses of its `regularizers` in training, and the methods that these losses need. A model
    calls `attach_regularizers` at the end of `__init__`, when all its parts exist.

    # Parameters

    vocab : `Vocabulary`, required.
    regularizers : `List[Regularizer]`, optional (default = `[]`)
    """

    input_names: Tuple[str, ...]
    """The fields that `clean_pass` reads, a text first."""

    def __init__(self, vocab: Vocabulary, regularizers: Optional[List[Regularizer]] = None, **kwargs: Any) -> None:
        super().__init__(vocab, **kwargs)
        self.regularizers = regularizers or []
        # What regularizers learn themselves. As parts of the model, these modules are moved, trained, saved and
        # recovered with it.
        self.adversaries = torch.nn.ModuleDict()
        # Supplied by the training callback: unlabelled batches, and a warm-up factor for λ.
        self.unlabeled_batches: Optional[Iterator[TensorDict]] = None
        self.regularization_scale = 1.0
        # Whether labelled and unlabelled text go through the model in one pass; by default only on a GPU.
        self.reads_in_one_pass: Optional[bool] = None
        self._means = RunningMeans()

    def attach_regularizers(self) -> None:
        """
        Lets each regularizer check the finished model and adds what the regularizer learns to `adversaries`, under its
        number.
        """
        for number, regularizer in enumerate(self.regularizers):
            learned = regularizer.attach(self)
            if learned is not None:
                self.adversaries[str(number)] = learned

    def clean_pass(self, inputs: Dict[str, Any], label: Any = None) -> AnyPass:
        """Runs the model without a perturbation."""
        raise NotImplementedError

    def again(self, clean: AnyPass) -> torch.Tensor:
        """The logits of the same batch after a second pass through the whole model, shape of `clean.logits`."""
        raise NotImplementedError

    def divergences(self, clean: AnyPass, logits: torch.Tensor, divergence: Divergence) -> torch.Tensor:
        """
        How far a second prediction is from the clean one, shape `(batch_size,)`.

        # Parameters

        clean : `CleanPass`
        logits : `torch.Tensor`
            Shape of `clean.logits`.
        divergence : `Callable`
            `kl_divergence` or `symmetric_kl`.
        """
        return divergence(clean.logits, logits)

    def sentence_losses(self, logits: torch.Tensor, label: Any) -> torch.Tensor:
        """The supervised loss of each text, shape `(batch_size,)`."""
        raise NotImplementedError

    def inputs(self, batch: TensorDict) -> Dict[str, Any]:
        """The part of a batch that `clean_pass` reads."""
        return {name: batch[name] for name in self.input_names if name in batch}

    @contextmanager
    def _watched(self) -> Iterator[Tuple[Optional[Noise], Optional[List[EncoderCall]]]]:
        """
        Wraps the beginning of a clean pass: gives the states of the random generators before it and the encoder calls
        inside it, each only if a regularizer needs it.
        """
        regularizers = self.regularizers if self.training else []
        replayed = any(regularizer.replays_model for regularizer in regularizers)
        start = Noise.now(next(self.parameters()).device) if replayed else None
        observed = [regularizer.observes for regularizer in regularizers if regularizer.observes is not None]
        if not observed:
            yield start, None
            return
        with observed[0].observed() as calls:
            yield start, calls

    def _in_one_pass(self, inputs: Dict[str, Any], unlabeled: Dict[str, Any]) -> Optional[Dict[str, Any]]:
        """
        Labelled and unlabelled text as one batch, if one pass through the model is faster than two: on a GPU, which
        waits for launches, unless padding would fill too much of the batch. `None` if not, or if a regularizer uses
        only labelled text.
        """
        on_device = self.reads_in_one_pass
        if on_device is None:
            on_device = next(self.parameters()).device.type != "cpu"
        if not on_device or not all(regularizer.uses_unlabeled for regularizer in self.regularizers):
            return None
        both = one_batch(inputs, unlabeled)
        if both is None or num_cells(both) > MAX_PADDING * (num_cells(inputs) + num_cells(unlabeled)):
            return None
        return both

    def _regularization(self, clean: AnyPass, unlabeled: Optional[Dict[str, Any]] = None) -> torch.Tensor:
        passes = [clean]
        if unlabeled is not None:
            passes.append(self.clean_pass(unlabeled))
        losses = [regularizer.weight * regularizer(self, passes) for regularizer in self.regularizers]
        return self.regularization_scale * torch.stack(losses).sum()

    def next_unlabeled(self) -> Optional[Dict[str, Any]]:
        """The unlabelled text that goes with the next labelled batch; `None` in supervised training."""
        return None if self.unlabeled_batches is None else self.inputs(next(self.unlabeled_batches))

    def _read_regularization_metrics(self, reset: bool) -> Dict[str, float]:
        metrics = self._means.read(reset)
        for number, regularizer in enumerate(self.regularizers):
            suffix = f"_{number}" if len(self.regularizers) > 1 else ""
            metrics.update({name + suffix: value for name, value in regularizer.means.read(reset).items()})
        return metrics
