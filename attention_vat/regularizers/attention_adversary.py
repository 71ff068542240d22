"""A model that predicts the same as another one, but with different attention."""

from os import PathLike
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence, Tuple, Union

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary

from attention_vat.common.numbers import check_number
from attention_vat.common.random_state import get_random_state, set_random_state
from attention_vat.common.vocabulary import indices_of
from attention_vat.models.stages import CleanPass
from attention_vat.nn.distances import jensen_shannon, relative_entropy, total_variation
from attention_vat.regularizers.regularizer import Regularizer

if TYPE_CHECKING:
    from attention_vat.models.attention_classifier import AttentionClassifier
    from attention_vat.models.regularizable import RegularizableModel


@Regularizer.register("attention_adversary")
class AttentionAdversary(Regularizer):
    """
    Trains a whole model to predict the same as an archived one while attending to other words (Wiegreffe & Pinter 2019,
    section 4). If that is easy, the attention of the archived model was only one of many possible ones. With
    predictions `p` and attention `α` of the adversary, and `p_b` and `α_b` of the archived model (the base), the loss
    of a text is

        TVD(p, p_b) − κ KL(α ‖ α_b)

    It replaces the supervised loss: set the model's `supervised_weight` to 0. The base is loaded in the first training
    step and stays frozen. It is not saved with the adversary, whose archive works without it.

    The metrics of training and validation include `adversary_loss`, `adversary_tvd` and `adversary_jsd` (the
    Jensen-Shannon divergence of `α` from `α_b`). A search over κ reproduces the curve of the paper, see
    docs/techniques.md.

    Registered as a `Regularizer` with name "attention_adversary".

    # Parameters

    archive : `Union[str, PathLike]`
        The base: a `model.tar.gz`, or the directory that `allennlp train` wrote.
    divergence_weight : `float`, optional (default = `1e-3`)
        κ, which the paper calls λ and tunes for each data set. The total variation distance in its code counts only one
        of two classes and is half the distance used here: the same loss needs twice the paper's λ.
    weight : `float`, optional (default = `1.0`)
        The factor of the whole loss, as in all regularizers.

    Raises `ConfigurationError` if the divergence weight is negative or not finite, or if the model's predictions do not
    depend on its attention; in the first training step, if the archive does not exist, or if its vocabulary, classes,
    fields or attended words differ from those of the adversary.

    # Examples

        "supervised_weight": 0,
        "regularizers": [{"type": "attention_adversary", "archive": "output/vanilla/model.tar.gz"}]
    """

    def __init__(self, archive: Union[str, PathLike], divergence_weight: float = 1e-3, weight: float = 1.0) -> None:
        super().__init__(weight)
        check_number("regularizers: divergence_weight", divergence_weight)
        self.archive = str(archive)
        self.divergence_weight = divergence_weight
        self._base: Optional["AttentionClassifier"] = None
        self._is_training = False

    @property
    def uses_unlabeled(self) -> bool:
        return True

    def attach(self, model: "RegularizableModel") -> Optional[torch.nn.Module]:
        if not getattr(model, "attention_decides", False):
            raise ConfigurationError(
                "regularizers: attention_adversary needs predictions that depend on attention, which "
                f"{type(model).__name__} does not have; use single_sequence_attention or pair_sequence_attention."
            )
        return None

    # Only training needs the base. A recovered run may begin with a validation, so this is saved.

    def state_dict(self) -> Dict[str, Any]:
        return {"is_training": self._is_training}

    def load_state_dict(self, state: Dict[str, Any]) -> None:
        self._is_training = state["is_training"]

    def __call__(self, model: Any, passes: Sequence[Any]) -> torch.Tensor:
        self._is_training = True
        losses: List[torch.Tensor] = [self.text_losses(model, clean) for clean in passes]
        return torch.cat(losses).mean()

    def watch(self, model: Any, clean: Any) -> None:
        if self._is_training:
            with torch.no_grad():
                self.text_losses(model, clean)

    def text_losses(self, model: "AttentionClassifier", clean: CleanPass) -> torch.Tensor:
        """The loss of each text, shape `(batch_size,)`."""
        base_probs, base_attention = self._of_base(model, clean)
        attention = model.attend(clean.encoded, clean.encoded.scores)
        distances = total_variation(model.probabilities(clean.logits), base_probs)
        losses = distances - self.divergence_weight * relative_entropy(attention, base_attention)
        with torch.no_grad():
            self.means.update("adversary_loss", losses)
            self.means.update("adversary_tvd", distances)
            # A text without words has no attention and adds nothing.
            divergences = jensen_shannon(attention, base_attention).sum(dtype=torch.float64)
            self.means.add("adversary_jsd", divergences, clean.encoded.mask.any(dim=1).sum())
        return losses

    @torch.no_grad()
    def _of_base(self, model: "AttentionClassifier", clean: CleanPass) -> Tuple[torch.Tensor, torch.Tensor]:
        """Probabilities `(batch_size, num_labels)` and attention `(batch_size, num_words)` of the base."""
        assert clean.inputs is not None
        if self._base is None:
            self._base = self._load(model)
        base = self._base.to(clean.logits.device)
        theirs = base.clean_pass(clean.inputs)
        probs, attention = base.probabilities(theirs.logits), base.attend(theirs.encoded, theirs.encoded.scores)
        return probs.to(clean.logits.dtype), attention.to(clean.encoded.scores.dtype)

    def _load(self, model: "AttentionClassifier") -> "AttentionClassifier":
        # Imported here because it imports models, which import regularizers.
        from attention_vat.interpret.archives import load_attention_archive

        # Building a model draws random numbers, and a recovered run builds the base at another step.
        state = get_random_state()
        base: Any = load_attention_archive(self.archive).model
        set_random_state(state)
        _check_alike(model, base, f"regularizers: the base of attention_adversary, {self.archive},")
        return base.eval().requires_grad_(False)


def _check_alike(model: "AttentionClassifier", base: "AttentionClassifier", what: str) -> None:
    if not base.attention_decides:
        raise ConfigurationError(f"{what} is a {type(base).__name__}, whose predictions do not depend on attention.")
    if base.input_names != model.input_names:
        raise ConfigurationError(
            f"{what} reads the fields {', '.join(base.input_names)}, but the adversary reads "
            f"{', '.join(model.input_names)}."
        )
    for namespace in sorted(_namespaces(model.vocab) | _namespaces(base.vocab)):
        if indices_of(model.vocab, namespace) != indices_of(base.vocab, namespace):
            raise ConfigurationError(
                f"{what} and the adversary differ in the vocabulary '{namespace}'; use that of the base: "
                '"vocabulary": {"type": "from_files", "directory": "…/vocabulary"}.'
            )
    if base.labels != model.labels or base.boundary_tokens != model.boundary_tokens:
        raise ConfigurationError(
            f"{what} has the classes {base.labels} and {base.boundary_tokens} boundary_tokens, but the adversary has "
            f"{model.labels} and {model.boundary_tokens}."
        )


def _namespaces(vocab: Vocabulary) -> set:
    return set(vocab._token_to_index)
