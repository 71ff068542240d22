"""
Fixes for AllenNLP 2.10.1 on libraries that are newer than it; `recovery_fixes` and `metric_fixes` deal with killed
trainings and with metrics. A fix does nothing if the installed versions do not need it or if it was applied before.
"""

import functools
import inspect
import uuid
from typing import Any, Callable, Iterable, List, Set

import numpy
import torch
from allennlp.training import gradient_descent_trainer
from allennlp.training.callbacks import WandBCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer
from allennlp.training.learning_rate_schedulers.pytorch_lr_schedulers import (
    ReduceOnPlateauLearningRateScheduler,
    _PyTorchLearningRateSchedulerWithMetricsWrapper,
)

from attention_vat.common.metric_fixes import apply_metric_fixes
from attention_vat.common.missing_encoders import name_missing_encoders
from attention_vat.common.recovery_fixes import apply_recovery_fixes
from attention_vat.common.replacing import in_place_of
from attention_vat.common.safe_archives import make_archives_safe
from attention_vat.common.safe_weights import make_weights_safe
from attention_vat.common.word_vectors import name_broken_vectors


def apply_fixes() -> None:
    """Applies every fix. `import attention_vat` calls it."""
    allow_numpy_scalars_in_checkpoints()
    drop_verbose_of_reduce_on_plateau()
    clip_sparse_gradients_by_norm()
    clip_sparse_gradients_by_value()
    make_weights_safe()
    make_archives_safe()
    name_broken_vectors()
    name_missing_encoders()
    name_runs_of_wandb()
    apply_recovery_fixes()
    apply_metric_fixes()


def allow_numpy_scalars_in_checkpoints() -> None:
    """
    Since torch 2.6 `torch.load` refuses everything except tensors, plain Python objects and types allowed by name. The
    training state of AllenNLP may hold numpy scalars, such as the learning rates of the `cosine` scheduler or a
    validation metric computed by scipy; `--recover` then stops with an `UnpicklingError`. Numbers cannot execute code,
    so this fix allows them, and nothing else.
    """
    if not hasattr(torch.serialization, "add_safe_globals"):
        return
    make_scalar = numpy.float64(0).__reduce__()[0]  # its module has different names in numpy 1 and 2
    dtypes: Set[Any] = {type(numpy.dtype(name)) for name in ("bool", "int32", "int64", "float16", "float32", "float64")}
    torch.serialization.add_safe_globals([make_scalar, numpy.dtype, *dtypes])


def name_runs_of_wandb() -> None:
    """
    AllenNLP's callback `wandb` names a run with `wandb.util.generate_id`, which wandb 0.31 does not have. The name is
    drawn from the system's random numbers, so that trainings with the same seed have different names.
    """

    @in_place_of("on_start", WandBCallback)
    def on_start(original: Callable[..., None], self: Any, *args: Any, **kwargs: Any) -> None:
        if self._run_id is None:
            self._run_id = uuid.uuid4().hex[:8]
        original(self, *args, **kwargs)


def drop_verbose_of_reduce_on_plateau() -> None:
    """
    torch 2.7 removed the argument `verbose`, which AllenNLP's `reduce_on_plateau` always passes. Configurations may
    still set it, without effect: AllenNLP's own callbacks log the learning rate.
    """
    torch_scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau
    if "verbose" in inspect.signature(torch_scheduler).parameters:
        return
    original = ReduceOnPlateauLearningRateScheduler.__init__
    if hasattr(original, "__wrapped__"):
        return
    signature = inspect.signature(original)

    @functools.wraps(original)  # AllenNLP reads the parameters of a config from the signature
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        arguments = signature.bind(self, *args, **kwargs).arguments
        options = {key: value for key, value in arguments.items() if key not in ("self", "verbose")}
        _PyTorchLearningRateSchedulerWithMetricsWrapper.__init__(self, torch_scheduler(**options))

    ReduceOnPlateauLearningRateScheduler.__init__ = __init__  # type: ignore[method-assign]


def clip_sparse_gradients_by_norm() -> None:
    """
    The trainer's `grad_norm` calls `clip_grad_norm_`, which in torch 2 has no kernel for the sparse gradients of
    embeddings with `"sparse": true`.
    """
    original = gradient_descent_trainer.clip_grad_norm_
    if _accepts_sparse_gradients(original):
        return

    @functools.wraps(original)
    def clip_grad_norm_(parameters: Iterable[torch.Tensor], *args: Any, **kwargs: Any) -> torch.Tensor:
        return original(_with_dense_gradients(parameters), *args, **kwargs)

    gradient_descent_trainer.clip_grad_norm_ = clip_grad_norm_


def clip_sparse_gradients_by_value() -> None:
    """The trainer's `grad_clipping` calls `clip_grad_value_`, which has no kernel for sparse gradients in any torch."""
    original = GradientDescentTrainer.clip_gradient
    if hasattr(original, "__wrapped__") or _accepts_sparse_gradients(torch.nn.utils.clip_grad_value_):
        return

    @functools.wraps(original)
    def clip_gradient(self: GradientDescentTrainer) -> None:
        parameters = list(self.model.parameters())
        if self._grad_clipping is None or not any(_is_sparse(parameter.grad) for parameter in parameters):
            return original(self)
        if self._scaler is not None:
            state = self._scaler._per_optimizer_states[id(self.optimizer)]
            if state["stage"] is not gradient_descent_trainer.OptState.UNSCALED:
                self._scaler.unscale_(self.optimizer)
        torch.nn.utils.clip_grad_value_(_with_dense_gradients(parameters), self._grad_clipping)

    GradientDescentTrainer.clip_gradient = clip_gradient  # type: ignore[method-assign]


def _is_sparse(gradient: Any) -> bool:
    return gradient is not None and gradient.is_sparse


def _with_dense_gradients(parameters: Iterable[torch.Tensor]) -> List[torch.Tensor]:
    """
    Returns the parameters; each one with a sparse gradient is replaced by a stand-in whose dense gradient holds the
    nonzero values. These share the memory of the sparse gradient, so in-place changes to them also change it.
    """
    result = []
    for parameter in parameters:
        if _is_sparse(parameter.grad):
            # Sums the rows of repeated words: norm and clipping apply to the sum.
            parameter.grad = parameter.grad.coalesce()  # type: ignore[union-attr]
            values = parameter.grad._values()
            parameter = torch.empty_like(values)
            parameter.grad = values
        result.append(parameter)
    return result


def _accepts_sparse_gradients(clip: Callable[..., Any]) -> bool:
    parameter = torch.nn.Parameter(torch.zeros(1))
    parameter.grad = torch.zeros(1).to_sparse()
    try:
        clip([parameter], 1.0)
    except RuntimeError:  # also NotImplementedError
        return False
    return True
