"""Faster float32 matrix products while a model trains."""

from typing import TYPE_CHECKING, Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training.callbacks import TrainerCallback

if TYPE_CHECKING:
    from allennlp.training import GradientDescentTrainer

PRECISIONS = ("highest", "high", "medium")


@TrainerCallback.register("matmul_precision")
class MatmulPrecision(TrainerCallback):
    """
    Lets torch compute float32 matrix products with lower precision while a model trains. Weights, sums and everything
    else stay float32. On GPUs from Ampere on, `"high"` uses TensorFloat32; on CPUs with bfloat16 instructions,
    `"medium"` multiplies in bfloat16 and adds in float32, which reduces the time of a Transformer step to about two
    thirds. On other hardware it changes nothing. It applies to validation during training, but not to later evaluation.

    Registered as a `TrainerCallback` with name "matmul_precision".

    # Parameters

    precision : `str`
        `"highest"` (24 bits), `"high"` (10 to 16 bits) or `"medium"` (8 bits); see
        `torch.set_float32_matmul_precision`.

    Raises `ConfigurationError` for any other value.

    # Examples

        "trainer": {"callbacks": [{"type": "matmul_precision", "precision": "high"}]}
    """

    def __init__(self, serialization_dir: str, precision: str) -> None:
        super().__init__(serialization_dir)
        if precision not in PRECISIONS:
            raise ConfigurationError(f"precision is '{precision}', but must be one of {', '.join(PRECISIONS)}.")
        self._precision = precision
        self._before = ""

    def on_start(self, trainer: "GradientDescentTrainer", is_primary: bool = True, **kwargs: Any) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        self._before = torch.get_float32_matmul_precision()
        torch.set_float32_matmul_precision(self._precision)

    def on_end(self, trainer: "GradientDescentTrainer", *args: Any, **kwargs: Any) -> None:
        torch.set_float32_matmul_precision(self._before)
