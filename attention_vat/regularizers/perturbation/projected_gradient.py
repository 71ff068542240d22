"""Perturbations that take several steps within a ball: FreeLB, SMART and their relatives."""

from typing import Any, List, Optional, Sequence

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.nn.divergence import kl_divergence
from attention_vat.nn.norms import unit_norm
from attention_vat.regularizers.perturbation.objective import Adversarial, Objective, VirtualAdversarial
from attention_vat.regularizers.perturbation.perturbation_regularizer import PerturbationRegularizer
from attention_vat.regularizers.perturbation.target import Target
from attention_vat.regularizers.perturbation.transformer_targets import InputEmbeddingsTarget
from attention_vat.regularizers.regularizer import Regularizer


@Objective.register("symmetric_virtual_adversarial")
class SymmetricVirtualAdversarial(VirtualAdversarial):
    """
    Attacks the model's own prediction in both directions: `KL(p ‖ q) + KL(q ‖ p)`, each with its first argument held
    constant (Jiang et al. 2020).

    Registered as an `Objective` with name "symmetric_virtual_adversarial".

    # Parameters

    xi, num_power_iterations
        See `VirtualAdversarial`; not used by "projected_gradient".
    """

    def losses(self, model: Any, clean: Any, logits: torch.Tensor) -> torch.Tensor:
        return model.divergences(clean, logits, _both_directions)


def _both_directions(clean_logits: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
    return kl_divergence(clean_logits, logits) + kl_divergence(logits, clean_logits)


@Regularizer.register("projected_gradient")
@Regularizer.register("freelb", constructor="freelb")
@Regularizer.register("smart", constructor="smart")
class ProjectedGradient(PerturbationRegularizer):
    """
    A perturbation found by several gradient ascent steps within a ball, instead of one step to its surface:

        r₀ ~ noise · N(0, 1)          rₖ₊₁ = Π(rₖ + step_size · g / ‖g‖),   g = ∇ losses(x + rₖ)

    where Π projects the perturbation of each text onto the ball `‖r‖ ≤ ε`.

    Registered as a `Regularizer` with name "projected_gradient" for any target and objective, and under these names:

    | name | target | objective | norm | loss |
    |---|---|---|---|---|
    | "freelb" (Zhu et al. 2020) | input_embeddings | adversarial | l2 | mean over all points visited |
    | "smart" (Jiang et al. 2020) | input_embeddings | symmetric_virtual_adversarial | linf | at the last point |

    FreeLB trains on the mean loss of the points that it visits; the first is the clean text if `noise` is 0. The
    supervised loss of the clean pass, which other implementations leave out, is kept in addition. The published SMART
    implementations differ in how they scale perturbations, so ε has to be tuned.

    # Parameters

    target : `Target`, optional (default = `{"type": "input_embeddings"}`)
    objective : `Objective`, optional (default = `{"type": "adversarial"}`)
    epsilon : `float`, optional (default = `0.1`)
        The radius of the ball.
    step_size : `float`, optional (default = `0.1`)
    num_steps : `int`, optional (default = `2`)
        The number of points with `mean_of_points`, otherwise the number of steps.
    norm : `str`, optional (default = `"l2"`)
        The norm of gradients and of the ball, `"l2"` or `"linf"`.
    noise : `float`, optional (default = `0.0`)
        The standard deviation of the starting point. A virtual objective needs noise: its gradient at 0 is 0.
    mean_of_points : `bool`, optional (default = `False`)
        Whether the loss is the mean over all points visited, from r₀ on, rather than that of the last one.
    weight : `float`, optional (default = `1.0`)
        λ.

    Raises `ConfigurationError` for settings out of range.
    """

    def __init__(
        self,
        target: Optional[Target] = None,
        objective: Optional[Objective] = None,
        epsilon: float = 0.1,
        step_size: float = 0.1,
        num_steps: int = 2,
        norm: str = "l2",
        noise: float = 0.0,
        mean_of_points: bool = False,
        weight: float = 1.0,
    ) -> None:
        super().__init__(target or InputEmbeddingsTarget(), objective or Adversarial(), None, epsilon, weight)
        if norm not in ("l2", "linf"):
            raise ConfigurationError(f"norm is '{norm}', but must be 'l2' or 'linf'.")
        if num_steps < 1 or not step_size > 0 or not noise >= 0:
            raise ConfigurationError(
                f"num_steps is {num_steps}, step_size {step_size} and noise {noise}; num_steps must be at least 1, "
                "step_size positive and noise not negative."
            )
        if noise == 0 and isinstance(self.objective, VirtualAdversarial):
            raise ConfigurationError("noise is 0, but must be positive: a virtual objective has no gradient at 0.")
        self.step_size = step_size
        self.num_steps = num_steps
        self.norm = norm
        self.noise = noise
        self.mean_of_points = mean_of_points

    @classmethod
    def freelb(
        cls, epsilon: float = 0.1, step_size: float = 0.1, num_steps: int = 2, noise: float = 0.0, weight: float = 1.0
    ) -> "ProjectedGradient":
        """FreeLB: Zhu et al. (2020). ε, steps and noise are norms, λ is the `weight`."""
        return cls(
            epsilon=epsilon, step_size=step_size, num_steps=num_steps, noise=noise, mean_of_points=True, weight=weight
        )

    @classmethod
    def smart(
        cls,
        epsilon: float = 0.01,
        step_size: float = 0.01,
        num_steps: int = 2,
        noise: float = 1e-5,
        weight: float = 1.0,
    ) -> "ProjectedGradient":
        """
        The smoothness-inducing regularization of SMART: Jiang et al. (2020). ε, steps and noise are the
        largest change of a coordinate (the L∞ norm), λ is the `weight`.
        """
        objective = SymmetricVirtualAdversarial()
        return cls(None, objective, epsilon, step_size, num_steps, "linf", noise, weight=weight)

    def perturbation(self, model: Any, clean: Any) -> torch.Tensor:
        frozen, mask = self.target.frozen(clean), self.target.mask(clean)
        perturbation = self._start(clean, mask)
        for _ in range(self.num_steps):
            with torch.enable_grad():
                point = perturbation.requires_grad_()
                losses = self.objective.losses(model, frozen, self.target.logits(model, frozen, point))
                (gradient,) = torch.autograd.grad(losses.sum(), point)
            perturbation = self._moved(point.detach(), gradient * mask)
        return perturbation

    def __call__(self, model: Any, passes: Sequence[Any]) -> torch.Tensor:
        if not self.mean_of_points:
            return super().__call__(model, passes)
        means: List[torch.Tensor] = []
        for clean in passes if self.uses_unlabeled else [c for c in passes if c.label is not None]:
            mask = self.target.mask(clean)
            perturbation, points = self._start(clean, mask), []
            for step in range(self.num_steps):
                last = step == self.num_steps - 1
                perturbation.requires_grad_(not last)
                points.append(self.objective.losses(model, clean, self.target.logits(model, clean, perturbation)))
                if not last:
                    # The same pass serves the search and the training.
                    (gradient,) = torch.autograd.grad(points[-1].sum(), perturbation, retain_graph=True)
                    perturbation = self._moved(perturbation.detach(), gradient * mask)
            means.append(torch.stack(points).mean(0))
            self._watch(clean, perturbation, means[-1])
        return torch.cat(means).mean()

    def _start(self, clean: Any, mask: torch.Tensor) -> torch.Tensor:
        point = self.target.point(clean)
        # The perturbation has the shape of the point, not its values.
        noise = torch.randn_like(point) * mask if self.noise > 0 else torch.zeros_like(point)
        return self._projected(self.noise * noise)

    def _moved(self, perturbation: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
        if self.norm == "l2":
            return self._projected(perturbation + self.step_size * unit_norm(gradient))
        largest = gradient.flatten(1).abs().amax(1).clamp_min(torch.finfo(gradient.dtype).tiny)
        return self._projected(perturbation + self.step_size * gradient / _as_column(largest, gradient))

    def _projected(self, perturbation: torch.Tensor) -> torch.Tensor:
        if self.norm == "linf":
            return perturbation.clamp(-self.epsilon, self.epsilon)
        norms = _as_column(perturbation.flatten(1).norm(dim=1), perturbation)
        return torch.where(norms > self.epsilon, self.epsilon * unit_norm(perturbation), perturbation)


def _as_column(values: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Reshapes one number per text so that it broadcasts."""
    return values.view(-1, *[1] * (like.dim() - 1))
