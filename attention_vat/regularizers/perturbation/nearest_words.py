"""Perturbations of words towards other words."""

from typing import TYPE_CHECKING, Any, Dict, List, Optional

import torch
from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError

from attention_vat.models.stages import CleanPass
from attention_vat.nn.norms import unit_norm
from attention_vat.regularizers.perturbation.directions import Directions

if TYPE_CHECKING:
    from attention_vat.models.attention_classifier import AttentionClassifier

# Rows of the vocabulary compared at a time: 512 x 70,000 similarities are 143 MB.
BLOCK_SIZE = 512


@Directions.register("nearest_words")
class NearestWords(Directions):
    """
    Moves each word only along the directions to its nearest words, so that a perturbation can be read as "more like
    this word, less like that one" (Sato et al. 2018; Kitada & Iyatomi 2022, Word iAT and Word iVAT):

        d_{t,k} = (e_k − e_t) / ‖e_k − e_t‖₂          r_t = Σ_k α_{t,k} d_{t,k}

    The gradient is taken with respect to `α`. As `∂L/∂α_{t,k} = s_t · d_{t,k}` with `s = ∂L/∂r`, the perturbation is
    `r_t ∝ Σ_k (s_t · d_{t,k}) d_{t,k}`, scaled over the sentence. The random start draws `α` from a normal
    distribution.

    The nearest words are exact, by cosine similarity, and exclude the word itself, padding and the unknown word. The
    callback `virtual_adversarial_training` recomputes them after each epoch.

    Registered as a `Directions` with name "nearest_words".

    # Parameters

    num_neighbors : `int`, optional (default = `10`)
        `K`, the number of nearest words.

    Raises `ConfigurationError` if the words of the model do not come from an embedding matrix.
    """

    suited_targets = ("word",)

    def __init__(self, num_neighbors: int = 10) -> None:
        if num_neighbors < 1:
            raise ConfigurationError(f"num_neighbors is {num_neighbors}, but must be at least 1.")
        self.num_neighbors = num_neighbors
        self._neighbors: Optional[torch.Tensor] = None

    def matrices(self, model: Any) -> List[torch.Tensor]:
        """
        The matrices whose rows are the words, each of shape `(num_rows, embedding_dim)`; `ids` numbers the rows of all
        matrices consecutively.
        """
        return model.embedding_matrices()

    def ids(self, clean: Any) -> Optional[torch.Tensor]:
        """The rows of the words of a batch, shape `(batch_size, num_words)`, one for each word that is perturbed."""
        return clean.embedded.ids

    def excluded(self, model: Any) -> List[int]:
        """Rows that are never neighbours."""
        return model.rows_without_meaning()

    def of(self, model: "AttentionClassifier", clean: CleanPass) -> Directions:
        matrices, ids = self.matrices(model), self.ids(clean)
        if not matrices or ids is None:
            raise ConfigurationError(
                'directions "nearest_words" needs a single token embedder of type "embedding", '
                "with one id for each word."
            )
        if self._neighbors is None:
            self.refresh(model)
        assert self._neighbors is not None
        matrix = matrices[0] if len(matrices) == 1 else torch.cat(matrices)
        self._neighbors = self._neighbors.to(ids.device)
        return _TowardsWords(matrix.detach(), ids, self._neighbors[ids])

    def refresh(self, model: "AttentionClassifier") -> None:
        excluded = self.excluded(model)
        neighbors, offset = [], 0
        for matrix in self.matrices(model):
            found = nearest_words(matrix.detach(), self.num_neighbors, torch.tensor(excluded, device=matrix.device))
            neighbors.append(torch.where(found >= 0, found + offset, found))
            offset += matrix.size(0)
        self._neighbors = torch.cat(neighbors) if neighbors else None

    def state_dict(self) -> Dict[str, Any]:
        return {"neighbors": self._neighbors}

    def load_state_dict(self, state: Dict[str, Any]) -> None:
        self._neighbors = state["neighbors"]


class _TowardsWords(Directions):
    """The directions for the words of one batch, one neighbour at a time to save memory."""

    def __init__(self, matrix: torch.Tensor, ids: torch.Tensor, neighbors: torch.Tensor) -> None:
        self._matrix = matrix
        self._words = matrix[ids]
        self._neighbors = neighbors  # (batch_size, num_words, num_neighbors), -1 where a word has fewer

    def _direction(self, k: int) -> torch.Tensor:
        neighbor = self._neighbors[:, :, k]
        difference = self._matrix[neighbor.clamp_min(0)] - self._words
        length = difference.norm(dim=-1, keepdim=True)
        # Two words with the same vector have no direction between them.
        usable = (neighbor >= 0).unsqueeze(-1) & (length > 0)
        return torch.where(usable, difference / length.clamp_min(1e-30), torch.zeros_like(difference))

    def random(self, point: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        moved = torch.zeros_like(point)
        for k in range(self._neighbors.size(-1)):
            moved += torch.randn_like(point[..., :1]) * self._direction(k)
        return unit_norm(moved * mask)

    def unit(self, gradient: torch.Tensor, point: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        moved = torch.zeros_like(gradient)
        # Scaled first, because products of tiny gradients would underflow.
        gradient = unit_norm(gradient * mask)
        for k in range(self._neighbors.size(-1)):
            direction = self._direction(k)
            moved += (gradient * direction).sum(dim=-1, keepdim=True) * direction
        return unit_norm(moved * mask)


def nearest_words(matrix: torch.Tensor, num_neighbors: int, excluded: torch.Tensor) -> torch.Tensor:
    """
    The exact nearest rows of each row by cosine similarity, computed in blocks: besides the result, it needs memory for
    `BLOCK_SIZE` rows of similarities.

    # Parameters

    matrix : `torch.Tensor`
        Shape `(num_embeddings, embedding_dim)`.
    num_neighbors : `int`
    excluded : `torch.Tensor`
        Rows that are never neighbours. A row is never its own neighbour either.

    # Returns

    neighbors : `torch.Tensor`
        Shape `(num_embeddings, num_neighbors)`, nearest first; -1 where there are fewer rows.
    """
    size = matrix.size(0)
    unit: torch.Tensor = torch.nn.functional.normalize(matrix.float(), dim=1)
    neighbors = torch.full((size, num_neighbors), -1, dtype=torch.long, device=matrix.device)
    found = min(num_neighbors, size)
    for start in Tqdm.tqdm(range(0, size, BLOCK_SIZE), desc="nearest words", disable=size < 20 * BLOCK_SIZE):
        stop = min(start + BLOCK_SIZE, size)
        similarity = unit[start:stop] @ unit.t()
        similarity[:, excluded] = float("-inf")
        own = torch.arange(start, stop, device=matrix.device)
        similarity[own - start, own] = float("-inf")
        values, indices = similarity.topk(found, dim=1)
        neighbors[start:stop, :found] = indices.masked_fill(values == float("-inf"), -1)
    return neighbors
