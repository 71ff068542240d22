"""Fused Adam, for models with a large vocabulary."""

import inspect
import logging
from typing import Any, Dict, List, Optional, Tuple

import torch
from allennlp.training.optimizers import Optimizer, ParameterGroupsType, make_parameter_groups

logger = logging.getLogger(__name__)


@Optimizer.register("fused_adam")
class FusedAdam(Optimizer, torch.optim.Adam):
    """
    The same algorithm as AllenNLP's "adam", with the same results up to rounding, in one pass over the memory. Every
    step of Adam updates the whole embedding matrix, regardless of the words in the batch: with 14,000 words of 300
    dimensions that takes most of a step on short sentences, and torch's default reads the matrix a dozen times.

    The fused implementation exists for CUDA, and for the CPU from torch 2.4 on. Otherwise torch's default is used. (Its
    `foreach` implementation would be faster, but in torch 1.12 it does not keep AMSGrad's maxima.)

    Registered as an `Optimizer` with name "fused_adam". The parameters are those of "adam".

    # Examples

        "optimizer": {"type": "fused_adam", "lr": 0.001, "amsgrad": true, "weight_decay": 1e-5}
    """

    def __init__(
        self,
        model_parameters: List[Tuple[str, torch.nn.Parameter]],
        parameter_groups: Optional[List[ParameterGroupsType]] = None,
        lr: float = 0.001,
        betas: Tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-08,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
    ) -> None:
        parameters = make_parameter_groups(model_parameters, parameter_groups)
        arguments: Dict[str, Any] = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
        }
        if _has_fused([parameter for _, parameter in model_parameters]):
            arguments["fused"] = True
        super().__init__(params=parameters, **arguments)


def _has_fused(parameters: List[torch.nn.Parameter]) -> bool:
    """Whether this version of torch has a fused Adam for these parameters."""
    if "fused" not in inspect.signature(torch.optim.Adam).parameters:
        return False
    # Only a trial tells: the supported devices depend on the version.
    trial = [torch.nn.Parameter(torch.zeros(1, dtype=p.dtype, device=p.device)) for p in parameters[:1]]
    for parameter in trial:
        parameter.grad = torch.zeros_like(parameter)
    try:
        torch.optim.Adam(trial, fused=True).step()
    except (RuntimeError, NotImplementedError) as error:
        logger.info("The fused implementation of Adam is not available: %s", error)
        return False
    return True
