"""Hidden states that stay near the embeddings of their words."""

from typing import TYPE_CHECKING, Any, Optional

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.models.stages import CleanPass
from attention_vat.nn.word_level import mean_over_words, tying_distances
from attention_vat.regularizers.regularizer import Regularizer
from attention_vat.regularizers.word_level.word_level import WordLevelRegularizer, sizes_of, states_of, words_of

if TYPE_CHECKING:
    from attention_vat.models.regularizable import RegularizableModel


@Regularizer.register("tying")
class Tying(WordLevelRegularizer):
    """
    Keeps the hidden state of each word near its embedding, so that attention, which weighs hidden states, says
    something about words (Tutek & Šnajder 2020, section 3):

        L = 1/T Σ_t ‖h_t − e_t‖²

    over the `T` attended words of a text, averaged over texts. States and embeddings are taken before dropout, which
    would add a penalty on their size.

    A model can also reduce this loss by shrinking both. The metrics `tying_distance` (the mean of `‖h − e‖`),
    `state_norm` and `embedding_norm` reveal it; `detach_embeddings` prevents it.

    Registered as a `Regularizer` with name "tying".

    # Parameters

    weight : `float`, optional (default = `0.1`)
        δ in the paper, which does not state its value: the default is ours. Tune it on validation data, for example
        over 0.01, 0.03, 0.1, 0.3 and 1.
    squared : `bool`, optional (default = `True`)
        Whether to square the distance. If not, it is `‖h_t − e_t‖`, as in the code of Jukić, Tutek & Šnajder (2023).
    detach_embeddings : `bool`, optional (default = `False`)
        Whether the loss moves only the states, not the embeddings.
    unlabeled : `bool`, optional (default = `True`)
        Whether unlabelled sentences, if any, contribute.

    Raises `ConfigurationError` if states and embeddings differ in size, or if the model has none.

    # Examples

        "encoder": {"type": "lstm", "input_size": 300, "hidden_size": 150, "bidirectional": true},
        "regularizers": [{"type": "tying", "weight": 0.1}]
    """

    def __init__(
        self,
        weight: float = 0.1,
        squared: bool = True,
        detach_embeddings: bool = False,
        unlabeled: bool = True,
    ) -> None:
        super().__init__(weight, unlabeled)
        self.squared = squared
        self.detach_embeddings = detach_embeddings

    def attach(self, model: "RegularizableModel") -> Optional[torch.nn.Module]:
        super().attach(model)
        hidden_dim, embedding_dim = sizes_of(model)
        if hidden_dim != embedding_dim:
            raise ConfigurationError(
                f"regularizers: tying needs states as large as embeddings, but they have {hidden_dim} and "
                f"{embedding_dim} dimensions; set hidden_size to {embedding_dim}, or to half of it in a bidirectional "
                "encoder."
            )
        return None

    def text_losses(self, model: Any, clean: CleanPass) -> torch.Tensor:
        states, words, mask = states_of(clean), words_of(clean), clean.encoded.mask
        if self.detach_embeddings:
            words = words.detach()
        distances = tying_distances(states, words, self.squared)
        with torch.no_grad():
            plain = distances.sqrt() if self.squared else distances
            watched = {"tying_distance": plain, "state_norm": states.norm(dim=2), "embedding_norm": words.norm(dim=2)}
            for name, values in watched.items():
                self.means.add(name, (values * mask).sum(dtype=torch.float64), mask.sum())
        return mean_over_words(distances, mask)
