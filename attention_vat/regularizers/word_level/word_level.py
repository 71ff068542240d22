"""The base class of losses on the hidden states of words."""

from typing import TYPE_CHECKING, Any, List, Optional, Sequence, Tuple

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.models.stages import CleanPass
from attention_vat.regularizers.regularizer import Regularizer

if TYPE_CHECKING:
    from attention_vat.models.regularizable import RegularizableModel


class WordLevelRegularizer(Regularizer):
    """
    A loss on hidden states and word embeddings, both before dropout. It needs no labels. Of two texts, it uses the
    first.

    # Parameters

    weight : `float`
        λ.
    unlabeled : `bool`, optional (default = `True`)
        Whether unlabelled sentences, if any, contribute.
    """

    def __init__(self, weight: float, unlabeled: bool = True) -> None:
        super().__init__(weight)
        self.unlabeled = unlabeled

    @property
    def uses_unlabeled(self) -> bool:
        return self.unlabeled

    def attach(self, model: "RegularizableModel") -> Optional[torch.nn.Module]:
        if not hasattr(model, "encoder") or not hasattr(model, "text_field_embedder"):
            raise ConfigurationError(
                f"regularizers: {type(self).__name__} needs hidden states of words, which "
                f"{type(model).__name__} does not give; use single_sequence_attention or pair_sequence_attention."
            )
        return None

    def text_losses(self, model: Any, clean: CleanPass) -> torch.Tensor:
        """The loss of each text, 0 for a text without words. Shape `(batch_size,)`."""
        raise NotImplementedError

    def __call__(self, model: Any, passes: Sequence[Any]) -> torch.Tensor:
        losses: List[torch.Tensor] = [self.text_losses(model, clean) for clean in self.counted(passes)]
        return torch.cat(losses).mean()

    def counted(self, passes: Sequence[Any]) -> Sequence[Any]:
        """The passes that contribute."""
        return passes if self.unlabeled else [clean for clean in passes if clean.label is not None]


def states_of(clean: CleanPass) -> torch.Tensor:
    """The hidden states before dropout, shape `(batch_size, num_words, hidden_dim)`."""
    return clean.encoded.hidden if clean.encoded.states is None else clean.encoded.states


def words_of(clean: CleanPass) -> torch.Tensor:
    """The embeddings of the attended text before dropout, shape `(batch_size, num_words, embedding_dim)`."""
    words = clean.embedded.words if clean.embedded.clean_words is None else clean.embedded.clean_words
    return words[:, : clean.encoded.mask.size(1)]


def sizes_of(model: Any) -> Tuple[int, int]:
    """The sizes of hidden states and of embeddings."""
    return model.encoder.get_output_dim(), model.text_field_embedder.get_output_dim()
