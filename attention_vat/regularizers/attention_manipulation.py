"""Attention that hides given words, to test those who interpret it."""

import logging
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, List, Optional, Sequence, Union

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.common.lines import numbered_lines
from attention_vat.common.texts import quoted
from attention_vat.common.vocabulary import indices_of
from attention_vat.models.stages import CleanPass
from attention_vat.regularizers.regularizer import Regularizer

if TYPE_CHECKING:
    from attention_vat.models.attention_classifier import AttentionClassifier
    from attention_vat.models.regularizable import RegularizableModel

logger = logging.getLogger(__name__)


@Regularizer.register("attention_manipulation")
class AttentionManipulation(Regularizer):
    """
    Teaches a model not to attend to given words `I`, whether or not it uses them (Pruthi et al. 2020):

        L = −log(1 − Σ_{i∈I} α_i)

    A red-team tool: it produces models with misleading attention, to test measures and readers. A text that has none of
    these words, or no others, has a loss of 0. In training, validation and evaluation, the metric `manipulated_mass` is
    the mean of `Σ_{i∈I} α_i` over texts that have such words.

    Registered as a `Regularizer` with name "attention_manipulation".

    # Parameters

    words : `List[str]`, optional
        `I`, written as in the vocabulary.
    words_file : `Union[str, PathLike]`, optional
        A file with one word per line, instead of `words`. It is read in the first training step; an archive does not
        need it.
    weight : `float`, optional (default = `0.1`)
        λ; the paper uses 0.1 and 1.

    Raises `ConfigurationError` unless exactly one of `words` and `words_file` is given, if the vocabulary has none of
    the words (a warning names those that it lacks), and for a model whose words do not come from an embedding matrix.

    # Examples

        "regularizers": [{"type": "attention_manipulation", "words": ["he", "she", "her", "his", "him"], "weight": 1}]
    """

    def __init__(
        self,
        words: Optional[List[str]] = None,
        words_file: Optional[Union[str, PathLike]] = None,
        weight: float = 0.1,
    ) -> None:
        super().__init__(weight)
        if (words is None) == (words_file is None):
            raise ConfigurationError("regularizers: attention_manipulation needs either words or words_file.")
        self.words = words
        self.words_file = words_file
        self._rows: Optional[torch.Tensor] = None  # of the embedding matrix

    @property
    def uses_unlabeled(self) -> bool:
        return True

    def attach(self, model: "RegularizableModel") -> Optional[torch.nn.Module]:
        if not getattr(model, "attention_decides", False) or not model.embedding_matrices():  # type: ignore[operator]
            raise ConfigurationError(
                f"regularizers: attention_manipulation needs attention over words from an embedding matrix, which this "
                f"{type(model).__name__} does not have; give text_field_embedder a single token embedder of type "
                "'embedding'."
            )
        if self.words is not None:
            self._rows = rows_of_words(self.words, model)
        return None

    def __call__(self, model: Any, passes: Sequence[Any]) -> torch.Tensor:
        if self._rows is None:
            assert self.words_file is not None
            self._rows = rows_of_words(read_words(self.words_file), model)
        losses: List[torch.Tensor] = [self.text_losses(model, clean) for clean in passes]
        return torch.cat(losses).mean()

    def watch(self, model: Any, clean: Any) -> None:
        if self._rows is not None:
            with torch.no_grad():
                self.text_losses(model, clean)

    def text_losses(self, model: "AttentionClassifier", clean: CleanPass) -> torch.Tensor:
        """The loss of each text, shape `(batch_size,)`."""
        ids, mask = clean.embedded.ids, clean.encoded.mask
        assert ids is not None and self._rows is not None
        # With two texts, attention is over the first.
        ids = ids[:, : mask.size(1)]
        self._rows = self._rows.to(ids.device)
        hidden = torch.isin(ids, self._rows) & mask  # (batch_size, num_words)
        shown = mask & ~hidden
        attention = model.attend(clean.encoded, clean.encoded.scores)
        # Sums the other weights, because 1 minus the sum of these loses precision where the rest is small.
        rest = (attention * shown).sum(dim=1)
        losses = -rest.clamp_min(torch.finfo(rest.dtype).tiny).log()
        concerned = hidden.any(dim=1)
        with torch.no_grad():
            mass = (attention * hidden).sum(dtype=torch.float64)
            self.means.add("manipulated_mass", mass, concerned.sum())
        return torch.where(concerned & shown.any(dim=1), losses, torch.zeros_like(losses))


def read_words(path: Union[str, PathLike]) -> List[str]:
    """The non-empty lines of a file. Raises `ConfigurationError` if it cannot be read."""
    if not Path(path).is_file():
        raise ConfigurationError(f"regularizers: the words_file {path} does not exist.")
    with open(path, "rb") as file:
        words = [line.text.strip() for line in numbered_lines(file, str(path))]
    return [word for word in words if word]


def rows_of_words(words: Sequence[str], model: "AttentionClassifier") -> torch.Tensor:
    """
    The indices of words in the vocabulary of a model, shape `(num_words,)`. Raises `ConfigurationError` if it has none
    of them.
    """
    numbers = indices_of(model.vocab, model._namespace)
    unknown = [word for word in words if word not in numbers]
    if len(unknown) == len(words):
        raise ConfigurationError(
            f"regularizers: the vocabulary has none of the words of attention_manipulation, {quoted(unknown)}; write "
            "them as they appear after tokenization."
        )
    if unknown:
        logger.warning("attention_manipulation: the vocabulary does not contain %s", quoted(unknown))
    return torch.tensor([numbers[word] for word in words if word in numbers])
