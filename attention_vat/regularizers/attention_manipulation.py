"""Attention that hides some words, for tests of those who read it."""

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
    Teaches a model to attend elsewhere than to given words `I`, whether it uses them or not (Pruthi et al. 2020):

        L = −log(1 − Σ_{i∈I} α_i)

    A red-team tool: it makes models of which attention tells nothing true, to try measures and readers on. A text
    without such words, or without any other, has a loss of 0. While training, validating and evaluating,
    `manipulated_mass` is the mean of `Σ_{i∈I} α_i` over texts that have such words.

    Registered as a `Regularizer` with name "attention_manipulation".

    # Parameters

    words : `List[str]`, optional
        `I`, written as in the vocabulary.
    words_file : `Union[str, PathLike]`, optional
        A file with a word in each line, instead of `words`. It is read with the first step of training; an archive does
        not need it.
    weight : `float`, optional (default = `0.1`)
        λ, for which the paper takes 0.1 and 1.

    Raises `ConfigurationError` if there are both or neither of `words` and `words_file`, if the vocabulary has none of
    the words (of some that it lacks there is a warning), and for a model whose words do not come from a matrix of
    embeddings.

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
        self._rows: Optional[torch.Tensor] = None  # of the matrix of embeddings

    @property
    def uses_unlabeled(self) -> bool:
        return True

    def attach(self, model: "RegularizableModel") -> Optional[torch.nn.Module]:
        if not getattr(model, "attention_decides", False) or not model.embedding_matrices():  # type: ignore[operator]
            raise ConfigurationError(
                f"regularizers: attention_manipulation needs attention to words of a matrix of embeddings, which this "
                f"{type(model).__name__} does not have; give text_field_embedder one token embedder of type "
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
        # Of two texts the first is under attention.
        ids = ids[:, : mask.size(1)]
        self._rows = self._rows.to(ids.device)
        hidden = torch.isin(ids, self._rows) & mask  # (batch_size, num_words)
        shown = mask & ~hidden
        attention = model.attend(clean.encoded, clean.encoded.scores)
        # The sum of the others, and not 1 minus that of these, which has no digits where it is small.
        rest = (attention * shown).sum(dim=1)
        losses = -rest.clamp_min(torch.finfo(rest.dtype).tiny).log()
        concerned = hidden.any(dim=1)
        with torch.no_grad():
            mass = (attention * hidden).sum(dtype=torch.float64)
            self.means.add("manipulated_mass", mass, concerned.sum())
        return torch.where(concerned & shown.any(dim=1), losses, torch.zeros_like(losses))


def read_words(path: Union[str, PathLike]) -> List[str]:
    """The lines of a file that are not empty. Raises `ConfigurationError` if it cannot be read."""
    if not Path(path).is_file():
        raise ConfigurationError(f"regularizers: there is no words_file {path}.")
    with open(path, "rb") as file:
        words = [line.text.strip() for line in numbered_lines(file, str(path))]
    return [word for word in words if word]


def rows_of_words(words: Sequence[str], model: "AttentionClassifier") -> torch.Tensor:
    """
    The numbers of words in the vocabulary of a model, shape `(num_words,)`. Raises `ConfigurationError` if it has none
    of them.
    """
    numbers = indices_of(model.vocab, model._namespace)
    unknown = [word for word in words if word not in numbers]
    if len(unknown) == len(words):
        raise ConfigurationError(
            f"regularizers: the vocabulary has none of the words of attention_manipulation, {quoted(unknown)}; write "
            "them as the data does after tokenization."
        )
    if unknown:
        logger.warning("attention_manipulation: the vocabulary does not have %s", quoted(unknown))
    return torch.tensor([numbers[word] for word in words if word in numbers])
