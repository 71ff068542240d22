"""Hidden states that identify their words."""

from typing import TYPE_CHECKING, Any, List, Optional, Sequence, Tuple

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.common.numbers import check_rates
from attention_vat.models.stages import CleanPass
from attention_vat.regularizers.regularizer import Regularizer
from attention_vat.regularizers.word_level.word_level import WordLevelRegularizer, sizes_of

if TYPE_CHECKING:
    from attention_vat.models.regularizable import RegularizableModel


class WordDecoder(torch.nn.Module):
    """
    The parameters of `masked_language_model`: the vector that replaces a masked word, and a linear layer from hidden
    states to words.

    # Parameters

    embedding_dim, hidden_dim, num_words : `int`
    tied : `bool`
        Whether the layer multiplies by the embeddings and learns only its bias.
    """

    def __init__(self, embedding_dim: int, hidden_dim: int, num_words: int, tied: bool) -> None:
        super().__init__()
        self.mask_vector = torch.nn.Parameter(torch.randn(embedding_dim) * 0.1)
        self.weight = None if tied else torch.nn.Parameter(torch.randn(num_words, hidden_dim) * hidden_dim**-0.5)
        self.bias = torch.nn.Parameter(torch.zeros(num_words))

    def forward(self, hidden: torch.Tensor, embeddings: torch.Tensor) -> torch.Tensor:
        """Logits of words, shape `(num_chosen, num_words)`, for hidden states of shape `(num_chosen, hidden_dim)`."""
        return torch.nn.functional.linear(hidden, embeddings if self.weight is None else self.weight, self.bias)


@Regularizer.register("masked_language_model")
class MaskedLanguageModel(WordLevelRegularizer):
    """
    Masks some words in a second pass and predicts them from their hidden states, so that these identify their words
    (Tutek & Šnajder 2020, section 3):

        L = − mean over chosen words of log softmax(W h_t + b)[w_t]

    `h` are the hidden states, with new dropout, of a text in which a learned vector replaces the embeddings of the
    chosen words. The pass that predicts the class is unaffected. The metrics include `mlm_loss` and `mlm_accuracy`.

    Registered as a `Regularizer` with name "masked_language_model".

    # Parameters

    weight : `float`, optional (default = `1.0`)
        λ. The paper states neither λ nor the rates: the default is ours, the rates are those of Devlin et al. (2019).
    mask_rate : `float`, optional (default = `0.15`)
        The share of words that are chosen. Padding, boundary tokens and unknown words never are.
    keep_rate, random_rate : `float`, optional (default = `0.1`)
        The shares of the chosen words that stay unchanged, and that a random word replaces instead of the mask.
    tie_to_embeddings : `bool`, optional (default = `False`)
        Whether `W` is the embedding matrix. Hidden states must then have the size of the embeddings.
    max_predictions : `int`, optional (default = `512`)
        The most words that are predicted in a batch; of more chosen words, a random subset is kept.
    unlabeled : `bool`, optional (default = `True`)
        Whether unlabelled sentences, if any, contribute.

    Raises `ConfigurationError` for rates outside of [0, 1], a `max_predictions` below 1, a model whose words do not
    come from an embedding matrix, and `tie_to_embeddings` where hidden states and embeddings differ in size.

    # Examples

        "regularizers": [{"type": "masked_language_model", "weight": 0.3}]
    """

    def __init__(
        self,
        weight: float = 1.0,
        mask_rate: float = 0.15,
        keep_rate: float = 0.1,
        random_rate: float = 0.1,
        tie_to_embeddings: bool = False,
        max_predictions: int = 512,
        unlabeled: bool = True,
    ) -> None:
        super().__init__(weight, unlabeled)
        check_rates("regularizers", mask_rate, keep_rate, random_rate)
        if max_predictions < 1:
            raise ConfigurationError(f"regularizers: max_predictions is {max_predictions}, but must be at least 1.")
        self.mask_rate, self.keep_rate, self.random_rate = mask_rate, keep_rate, random_rate
        self.tie_to_embeddings = tie_to_embeddings
        self.max_predictions = max_predictions
        self._number = ""

    def attach(self, model: "RegularizableModel") -> Optional[torch.nn.Module]:
        super().attach(model)
        matrices = model.embedding_matrices()  # type: ignore[operator]
        hidden_dim, embedding_dim = sizes_of(model)
        if not matrices or matrices[0].size(1) != embedding_dim:
            raise ConfigurationError(
                "regularizers: masked_language_model needs words from a single embedding matrix; give "
                "text_field_embedder a single token embedder of type 'embedding'."
            )
        if self.tie_to_embeddings and hidden_dim != embedding_dim:
            raise ConfigurationError(
                f"regularizers: tie_to_embeddings needs states as large as embeddings, but they have {hidden_dim} and "
                f"{embedding_dim} dimensions; set hidden_size to {embedding_dim}, or to half of it in a bidirectional "
                "encoder."
            )
        self._number = str(model.regularizers.index(self))
        return WordDecoder(embedding_dim, hidden_dim, matrices[0].size(0), self.tie_to_embeddings)

    def __call__(self, model: Any, passes: Sequence[Any]) -> torch.Tensor:
        decoder, matrix = model.adversaries[self._number], model.embedding_matrices()[0]
        parts = [self._hidden_and_targets(model, clean, decoder.mask_vector, matrix) for clean in self.counted(passes)]
        hidden, targets = (torch.cat(part) for part in zip(*parts))
        # (num_chosen, num_words)
        logits = decoder(hidden, matrix)
        if not len(targets):
            # In distributed training every process must reach all parameters in the backward pass.
            return (logits.sum() + decoder.bias.sum() + decoder.mask_vector.sum()) * 0.0
        losses = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
        self.means.update("mlm_loss", losses)
        self.means.update("mlm_accuracy", logits.detach().argmax(dim=1) == targets)
        return losses.mean()

    def _hidden_and_targets(
        self, model: Any, clean: CleanPass, mask_vector: torch.Tensor, matrix: torch.Tensor
    ) -> Tuple[torch.Tensor, torch.Tensor]:
        """The states of the chosen words, shape `(num_chosen, hidden_dim)`, and their ids, shape `(num_chosen,)`."""
        embedded, attended = clean.embedded, clean.encoded.mask
        assert embedded.ids is not None and embedded.clean_words is not None
        # (batch_size, num_words) of the attended text
        ids = embedded.ids[:, : attended.size(1)]
        meaningless: List[int] = model.rows_without_meaning()
        eligible = attended
        for row in meaningless:
            eligible = eligible & (ids != row)  # type: ignore[assignment]
        chosen = self._chosen(eligible)
        draw = torch.rand(ids.shape, device=ids.device)
        kept, other = draw < self.keep_rate, draw >= 1 - self.random_rate
        # (batch_size, num_words): any other word
        first = min(max(meaningless, default=-1) + 1, matrix.size(0) - 1)
        new_ids = torch.randint_like(ids, first, matrix.size(0))
        # (batch_size, num_words, embedding_dim)
        replaced = torch.where(other.unsqueeze(2), torch.nn.functional.embedding(new_ids, matrix), mask_vector)
        words = embedded.clean_words.clone()
        border = attended.size(1)
        changed = (chosen & ~kept).unsqueeze(2)
        words[:, :border] = torch.where(changed, replaced.to(words.dtype), words[:, :border])
        hidden = model.encode(embedded._replace(words=model.dropout(words), clean_words=words)).hidden
        return hidden[chosen], ids[chosen]

    def _chosen(self, eligible: torch.BoolTensor) -> torch.BoolTensor:
        """True at a share `mask_rate` of the words, at most `max_predictions`; shape `(batch_size, num_words)`."""
        draw = torch.rand(eligible.shape, device=eligible.device)
        chosen = eligible & (draw < self.mask_rate)
        if eligible.numel() > self.max_predictions:
            # Keeps the smallest draws; words that are not chosen sort after all of them.
            limit = draw.masked_fill(~chosen, 2.0).flatten().kthvalue(self.max_predictions).values
            chosen = chosen & (draw <= limit)
        return chosen  # type: ignore[return-value]
