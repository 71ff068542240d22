"""Adversarial training: a perturbation, and the loss under it."""

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.common.numbers import check_number
from attention_vat.models.stages import CleanPass
from attention_vat.modules.transformer_attention import TransformerAttention
from attention_vat.nn.norms import sentence_norm
from attention_vat.regularizers.perturbation.directions import AttentionDifference, Directions, FreeDirections
from attention_vat.regularizers.perturbation.nearest_words import NearestWords
from attention_vat.regularizers.perturbation.objective import Adversarial, Objective, Random, VirtualAdversarial
from attention_vat.regularizers.perturbation.target import AttentionTarget, Target, WordTarget
from attention_vat.regularizers.regularizer import Regularizer

if TYPE_CHECKING:
    from attention_vat.models.attention_classifier import AttentionClassifier
    from attention_vat.models.regularizable import RegularizableModel


@Regularizer.register("perturbation")
@Regularizer.register("word_at", constructor="word_at")
@Regularizer.register("word_iat", constructor="word_iat")
@Regularizer.register("word_vat", constructor="word_vat")
@Regularizer.register("word_ivat", constructor="word_ivat")
@Regularizer.register("attention_at", constructor="attention_at")
@Regularizer.register("attention_iat", constructor="attention_iat")
@Regularizer.register("attention_vat", constructor="attention_vat")
@Regularizer.register("attention_ivat", constructor="attention_ivat")
@Regularizer.register("attention_rp", constructor="attention_rp")
class PerturbationRegularizer(Regularizer):
    """
    Finds the small change that disturbs a prediction most, and trains the model to resist it. Three independent choices
    make a technique: what is perturbed (`target`), which loss the perturbation attacks (`objective`), and in which
    directions it may move (`directions`):

        d ← objective.start                              # a random direction of norm 1
        repeat K times:  g = ∇_r losses(x + ξ d);  d ← directions.unit(g)
        r = ε d                                          # a constant for the training gradient
        loss = mean over sentences of losses(x + r)

    (Kitada & Iyatomi 2022, Eq. 4-14.) The search computes only the gradient with respect to `r`: parameter gradients
    are neither computed nor changed. A sentence whose gradient is zero has `r = 0`.

    Registered as a `Regularizer` with name "perturbation" for any combination, and under the names of the papers'
    techniques, which take the parameters of their parts directly:

    | name | target | objective | directions |
    |---|---|---|---|
    | "word_at", "word_vat" | word | adversarial, virtual_adversarial | free |
    | "word_iat", "word_ivat" | word | adversarial, virtual_adversarial | nearest_words |
    | "attention_at", "attention_vat" | attention | adversarial, virtual_adversarial | free |
    | "attention_iat", "attention_ivat" | attention | adversarial, virtual_adversarial | attention_difference |
    | "attention_rp" | attention | random | free |

    See `AttentionDifference` for the `normalization` of "attention_iat" and "attention_ivat".

    # Parameters

    target : `Target`, optional (default = `{"type": "attention"}`)
    objective : `Objective`, optional (default = `{"type": "virtual_adversarial"}`)
    directions : `Directions`, optional (default = `{"type": "free"}`)
    epsilon : `float`, optional (default = `5.0`)
        The norm of `r` for each sentence, in units of attention scores or of word embeddings. The papers tune it in
        [0.01, 30].
    weight : `float`, optional (default = `1.0`)
        λ.

    Raises `ConfigurationError` if `epsilon` is negative or not finite.

    # Examples

        "regularizers": [{"type": "attention_ivat", "epsilon": 5, "xi": 0.1, "num_power_iterations": 1}]
    """

    def __init__(
        self,
        target: Optional[Target] = None,
        objective: Optional[Objective] = None,
        directions: Optional[Directions] = None,
        epsilon: float = 5.0,
        weight: float = 1.0,
    ) -> None:
        super().__init__(weight)
        check_number("regularizers: epsilon", epsilon)
        self.target = target or AttentionTarget()
        self.objective = objective or VirtualAdversarial()
        self.directions = directions or FreeDirections()
        self.epsilon = epsilon

    @classmethod
    def word_at(cls, epsilon: float = 5.0, weight: float = 1.0) -> "PerturbationRegularizer":
        """Word AT: Miyato et al. (2017). ε is the norm for a sentence, λ the `weight`."""
        return cls(WordTarget(), Adversarial(), FreeDirections(), epsilon, weight)

    @classmethod
    def word_iat(cls, epsilon: float = 5.0, weight: float = 1.0, num_neighbors: int = 10) -> "PerturbationRegularizer":
        """Word iAT: Sato et al. (2018). ε is the norm for a sentence, λ the `weight`."""
        return cls(WordTarget(), Adversarial(), NearestWords(num_neighbors), epsilon, weight)

    @classmethod
    def word_vat(
        cls, epsilon: float = 5.0, weight: float = 1.0, xi: float = 0.1, num_power_iterations: int = 1
    ) -> "PerturbationRegularizer":
        """Word VAT: Miyato et al. (2017, 2018). ε is the norm for a sentence, λ the `weight`."""
        objective = VirtualAdversarial(xi, num_power_iterations)
        return cls(WordTarget(), objective, FreeDirections(), epsilon, weight)

    @classmethod
    def word_ivat(
        cls,
        epsilon: float = 5.0,
        weight: float = 1.0,
        xi: float = 0.1,
        num_power_iterations: int = 1,
        num_neighbors: int = 10,
    ) -> "PerturbationRegularizer":
        """Word iVAT: Sato et al. (2018). ε is the norm for a sentence, λ the `weight`."""
        objective = VirtualAdversarial(xi, num_power_iterations)
        return cls(WordTarget(), objective, NearestWords(num_neighbors), epsilon, weight)

    @classmethod
    def attention_at(cls, epsilon: float = 5.0, weight: float = 1.0) -> "PerturbationRegularizer":
        """Attention AT: Kitada & Iyatomi (2021). ε is the norm for a sentence, λ the `weight`."""
        return cls(AttentionTarget(), Adversarial(), FreeDirections(), epsilon, weight)

    @classmethod
    def attention_iat(
        cls, epsilon: float = 5.0, weight: float = 1.0, normalization: str = "word"
    ) -> "PerturbationRegularizer":
        """Attention iAT: Kitada & Iyatomi (2021). ε is the norm for a sentence, λ the `weight`."""
        return cls(AttentionTarget(), Adversarial(), AttentionDifference(normalization), epsilon, weight)

    @classmethod
    def attention_rp(cls, epsilon: float = 5.0, weight: float = 1.0) -> "PerturbationRegularizer":
        """
        Attention RP, random perturbations: the control in Kitada & Iyatomi (2021). ε is the norm for a sentence, λ the
        `weight`.
        """
        return cls(AttentionTarget(), Random(), FreeDirections(), epsilon, weight)

    @classmethod
    def attention_vat(
        cls,
        epsilon: float = 5.0,
        weight: float = 1.0,
        xi: float = 0.1,
        num_power_iterations: int = 1,
        target: Optional[Target] = None,
    ) -> "PerturbationRegularizer":
        """
        Attention VAT: Kitada & Iyatomi (2022), Eq. 4-6. Another `target` gives a variant of it. ε is the norm for a
        sentence, λ the `weight`.
        """
        objective = VirtualAdversarial(xi, num_power_iterations)
        return cls(target or AttentionTarget(), objective, FreeDirections(), epsilon, weight)

    @classmethod
    def attention_ivat(
        cls,
        epsilon: float = 5.0,
        weight: float = 1.0,
        xi: float = 0.1,
        num_power_iterations: int = 1,
        normalization: str = "word",
    ) -> "PerturbationRegularizer":
        """Attention iVAT: Kitada & Iyatomi (2022), Eq. 7-13. ε is the norm for a sentence, λ the `weight`."""
        objective = VirtualAdversarial(xi, num_power_iterations)
        return cls(AttentionTarget(), objective, AttentionDifference(normalization), epsilon, weight)

    @property
    def uses_unlabeled(self) -> bool:
        return self.objective.uses_unlabeled

    @property
    def replays_encoder(self) -> bool:
        return self.target.replays_encoder

    @property
    def replays_model(self) -> bool:
        return self.target.replays_model

    @property
    def needs_loss(self) -> bool:
        return not self.objective.uses_unlabeled

    @property
    def recordable(self) -> bool:
        return self.target.name in ("attention", "word") and self.directions.recordable

    @property
    def observes(self) -> Optional[TransformerAttention]:
        return self.target.observes

    def attach(self, model: "RegularizableModel") -> Optional[torch.nn.Module]:
        suited = self.directions.suited_targets
        if suited is not None and self.target.name not in suited:
            raise ConfigurationError(
                f"regularizers: {type(self.directions).__name__} needs the target {' or '.join(suited)}, "
                f"not {self.target.name}."
            )
        self.target.attach(model)
        return None

    def refresh(self, model: "AttentionClassifier") -> None:
        self.directions.refresh(model)

    def state_dict(self) -> Dict[str, Any]:
        return self.directions.state_dict()

    def load_state_dict(self, state: Dict[str, Any]) -> None:
        self.directions.load_state_dict(state)

    def perturbation(self, model: "AttentionClassifier", clean: CleanPass) -> torch.Tensor:
        """
        The worst perturbation `r` of norm ε that the search finds: shape of `target.point`, exactly 0 at padding,
        detached from the graph.
        """
        frozen = self.target.frozen(clean)
        point, mask = self.target.point(clean), self.target.mask(clean)
        directions = self.directions.of(model, clean)
        direction = self.objective.start(directions, point, mask)
        for _ in range(self.objective.num_power_iterations):
            with torch.enable_grad():
                step = (self.objective.xi * direction).requires_grad_()
                loss = self.objective.losses(model, frozen, self.target.logits(model, frozen, step)).sum()
                # A batch without words does not reach the encoder and has no gradient.
                (gradient,) = torch.autograd.grad(loss, step, allow_unused=True)
            direction = directions.unit(torch.zeros_like(step) if gradient is None else gradient, point, mask)
        return self.epsilon * direction

    def __call__(self, model: Any, passes: Sequence[Any]) -> torch.Tensor:
        losses: List[torch.Tensor] = []
        for clean in passes if self.uses_unlabeled else [c for c in passes if c.label is not None]:
            perturbation = self.perturbation(model, clean)
            losses.append(self.objective.losses(model, clean, self.target.logits(model, clean, perturbation)))
            self._watch(clean, perturbation, losses[-1])
        return torch.cat(losses).mean()

    def _watch(self, clean: CleanPass, perturbation: torch.Tensor, losses: torch.Tensor) -> None:
        self.means.update("perturbation_norm", sentence_norm(perturbation))
        if not self.uses_unlabeled:
            self.means.update(self.objective.watched, losses)
            return
        num_labeled = clean.num_labeled
        for name, some in (("labeled", losses[:num_labeled]), ("unlabeled", losses[num_labeled:])):
            if len(some):
                self.means.update(f"{self.objective.watched}_{name}", some)
        self.means.add("unlabeled_share", float(len(losses) - num_labeled), len(losses), losses.device)

    def __repr__(self) -> str:
        parts: List[Any] = [self.target, self.objective, self.directions]
        return f"{type(self).__name__}({', '.join(type(part).__name__ for part in parts)}, epsilon={self.epsilon})"
