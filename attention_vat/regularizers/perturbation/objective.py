"""The loss that a perturbation attacks."""

from typing import TYPE_CHECKING

import torch
from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError

from attention_vat.common.numbers import check_number
from attention_vat.models.stages import CleanPass
from attention_vat.nn.divergence import kl_divergence
from attention_vat.regularizers.perturbation.directions import Directions

if TYPE_CHECKING:
    from attention_vat.models.attention_classifier import AttentionClassifier


class Objective(Registrable):
    """
    The second of the three choices that make a technique: the loss that the perturbation increases and the training
    then decreases, and where the search for the perturbation starts.

    # Parameters

    xi : `float`
        `ξ`, the distance from the clean input at which the gradient is taken: the norm of the starting direction.
    num_power_iterations : `int`
        How many gradient steps improve the direction.
    """

    default_implementation = "virtual_adversarial"

    uses_unlabeled = False
    watched = "adversarial_loss"
    """The name of the loss among the metrics."""

    def __init__(self, xi: float, num_power_iterations: int) -> None:
        self.xi = xi
        self.num_power_iterations = num_power_iterations

    def start(self, directions: Directions, point: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        """The direction before the first gradient; shape of `point`."""
        return directions.random(point, mask)

    def losses(self, model: "AttentionClassifier", clean: CleanPass, logits: torch.Tensor) -> torch.Tensor:
        """The attacked loss of each sentence, shape `(batch_size,)`."""
        assert clean.label is not None
        return model.sentence_losses(logits, clean.label)


@Objective.register("virtual_adversarial")
class VirtualAdversarial(Objective):
    """
    Attacks the model's own prediction, and so needs no labels: `KL(p(x) ‖ p(x + r))` (Kitada & Iyatomi 2022, Eq. 4;
    Miyato et al. 2018). At `r = 0` this and its gradient are zero, so the search starts at `ξ d` with a random
    direction `d`; one gradient step from there is one step of the power method on the Hessian.

    Registered as an `Objective` with name "virtual_adversarial".

    # Parameters

    xi : `float`, optional (default = `0.1`)
        `ξ`. The gradient shrinks in proportion: at much smaller values it is lost in float32 rounding.
    num_power_iterations : `int`, optional (default = `1`)
    """

    uses_unlabeled = True
    watched = "kl"

    def __init__(self, xi: float = 0.1, num_power_iterations: int = 1) -> None:
        check_number("regularizers: xi", xi, positive=True)
        if num_power_iterations < 1:
            raise ConfigurationError(f"num_power_iterations is {num_power_iterations}, but must be at least 1.")
        super().__init__(xi, num_power_iterations)

    def losses(self, model: "AttentionClassifier", clean: CleanPass, logits: torch.Tensor) -> torch.Tensor:
        return model.divergences(clean, logits, kl_divergence)


@Objective.register("adversarial")
class Adversarial(Objective):
    """
    Attacks the label: `L(x + r, y)` with `r` along the gradient at `r = 0` (Kitada & Iyatomi 2021; Miyato et al. 2017).
    Only labelled sentences count.

    Registered as an `Objective` with name "adversarial".
    """

    def __init__(self) -> None:
        super().__init__(xi=0.0, num_power_iterations=1)

    def start(self, directions: Directions, point: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        return torch.zeros_like(point)


@Objective.register("random")
class Random(Objective):
    """
    Attacks nothing: `L(x + r, y)` in a random direction, the control of Kitada & Iyatomi (2021). What adversarial
    training gains over it comes from the direction, not from noise.

    Registered as an `Objective` with name "random".
    """

    def __init__(self) -> None:
        super().__init__(xi=0.0, num_power_iterations=0)
