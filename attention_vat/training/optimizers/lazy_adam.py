"""Adam that updates only the embeddings of words in the batch."""

from typing import Any, Callable, Dict, List, Optional, Tuple

import torch
from allennlp.training.optimizers import Optimizer

from attention_vat.training.optimizers.fused_adam import FusedAdam


@Optimizer.register("lazy_adam")
class LazyAdam(FusedAdam):
    """
    Row-wise Adam for embeddings with `"sparse": true`. Each row has its own Adam state and takes a step only when its
    word is in the batch: after the batches with the word, whose gradients are `g_1, …, g_n`, the row has the value that
    Adam gives after `n` steps with them. All other parameters are updated by "fused_adam".

    **This is not mathematically equivalent to Adam.** Adam continues to move a row by its momentum when its gradient is
    zero, and its weight decay shrinks all rows in every step; here momentum, AMSGrad's maxima and weight decay wait
    until the word occurs again. The time of a step depends on the words in the batch, not on the vocabulary size.

    Registered as an `Optimizer` with name "lazy_adam". The parameters are those of "adam". Clipping, gradient norms and
    `--recover` work; distributed training needs a backend that can add up sparse gradients (gloo; NCCL cannot).

    # Examples

        "token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 300, "sparse": true}}
        "optimizer": {"type": "lazy_adam", "lr": 0.001, "amsgrad": true, "weight_decay": 1e-5}
    """

    def __init__(self, model_parameters: List[Tuple[str, torch.nn.Parameter]], **kwargs: Any) -> None:
        super().__init__(model_parameters, **kwargs)
        # torch's fused Adam divides by the loss scale of mixed precision in its step; rows need unscaled gradients.
        self._step_supports_amp_scaling = False

    @torch.no_grad()
    def step(self, closure: Optional[Callable[[], Any]] = None) -> Any:  # type: ignore[override]
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        sparse = []
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None and parameter.grad.is_sparse:
                    sparse.append((group, parameter, parameter.grad))
                    parameter.grad = None
        super().step()
        for group, parameter, gradient in sparse:
            parameter.grad = gradient
            self._step_rows(group, parameter, gradient.coalesce())
        return loss

    def _step_rows(self, group: Dict[str, Any], parameter: torch.Tensor, gradient: torch.Tensor) -> None:
        rows, values = gradient.indices()[0], gradient.values()
        state = self.state[parameter]
        if not state:
            state["step"] = torch.zeros(parameter.size(0), device=parameter.device)
            names = ["exp_avg", "exp_avg_sq"] + (["max_exp_avg_sq"] if group["amsgrad"] else [])
            state.update({name: torch.zeros_like(parameter) for name in names})

        old = parameter[rows]
        values = values + group["weight_decay"] * old
        decay, decay_of_squares = group["betas"]
        mean = state["exp_avg"][rows].lerp_(values, 1 - decay)
        square = state["exp_avg_sq"][rows].mul_(decay_of_squares).addcmul_(values, values, value=1 - decay_of_squares)
        steps = state["step"][rows] + 1
        state["exp_avg"][rows], state["exp_avg_sq"][rows], state["step"][rows] = mean, square, steps
        if group["amsgrad"]:
            square = torch.maximum(state["max_exp_avg_sq"][rows], square)
            state["max_exp_avg_sq"][rows] = square

        # In float64, to keep the precision of powers of numbers close to 1.
        steps = steps.double().unsqueeze(1)
        rate = (group["lr"] / (1 - decay**steps)).to(values.dtype)
        correction = (1 - decay_of_squares**steps).sqrt().to(values.dtype)
        parameter[rows] = old - rate * mean / ((square.sqrt() / correction) + group["eps"])
