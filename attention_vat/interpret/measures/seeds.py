"""How far attention differs between models that differ only in their seed."""

from typing import Dict, List, Optional, Sequence

import numpy
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.archives import check_exists, load_attention_archive
from attention_vat.interpret.bootstrap import Statistic
from attention_vat.interpret.measures.description import change, divergence
from attention_vat.interpret.measures.measure import Columns, EvaluationBatch, Measure, mean_statistics, optional
from attention_vat.interpret.measures.permutation import max_attention
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.interpret.texts import inputs_of
from attention_vat.models import AttentionClassifier
from attention_vat.nn.distances import jensen_shannon, total_variation


@Measure.register("seeds")
class Seeds(Measure):
    """
    Compares the model with others of the same configuration and other seeds (Wiegreffe & Pinter 2019): for each
    sentence `seeds_jsd` is the median over the others of the Jensen-Shannon divergence of their attention from the
    model's, and `seeds_difference` that of the total variation distance of the predictions. Adversarial attention that
    is no farther away than this is not surprising. Next to `max_attention` it shows whether peaked attention is more
    stable.

    Registered as a `Measure` with name "seeds". "all" does not include it.

    # Parameters

    archives : `List[str]`
        Archives that `load_attention_archive` reads. Each model uses its own vocabulary.

    Raises `ConfigurationError` if there is no archive, if one does not exist, or if its classes or its words are not
    those of the model.
    """

    descriptions = {
        "seeds_jsd": divergence(
            "Other seeds, JSD",
            "Median Jensen-Shannon divergence of attention from that of models trained with other seeds (Wiegreffe & "
            "Pinter 2019).",
            "With other attention",
            "Low values mean that training ends with the same attention whatever the seed.",
        ),
        "seeds_difference": change(
            "Other seeds, change of the prediction",
            "Median total variation distance of the prediction from that of models trained with other seeds.",
            "With other attention",
        ),
    }

    part_of_all = False

    def __init__(self, archives: List[str]) -> None:
        if not archives:
            raise ConfigurationError("The measure 'seeds' needs at least one archive to compare with.")
        for archive in archives:
            check_exists(archive, "archive")
        self.archives = [str(archive) for archive in archives]
        self._models: Optional[List[AttentionClassifier]] = None

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        divergences, differences = [], []
        for path, other in zip(self.archives, self._load(batch.probs.device)):
            if sorted(other.labels) != sorted(model.labels) or other.input_names != model.input_names:
                raise ConfigurationError(f"The model in {path} has other classes or inputs than the one to evaluate.")
            clean = other.clean_pass(inputs_of(other, [text.instance for text in batch.texts]))
            if not torch.equal(clean.encoded.mask, batch.mask):
                raise ConfigurationError(f"The model in {path} attends to other words than the one to evaluate.")
            order = [other.labels.index(label) for label in model.labels]
            attention = other.attend(clean.encoded, clean.encoded.scores)
            divergences.append(jensen_shannon(attention, batch.attention))
            differences.append(total_variation(other.probabilities(clean.logits)[:, order], batch.probs))
        has_words = batch.mask.any(dim=1)
        return Columns(
            scores={
                "seeds_jsd": optional(_median(divergences), has_words),
                "seeds_difference": optional(_median(differences), has_words),
                "max_attention": optional(*max_attention(batch)),
            }
        )

    def _load(self, device: torch.device) -> List[AttentionClassifier]:
        if self._models is None:
            models = [load_attention_archive(path).model.eval().to(device) for path in self.archives]
            self._models = [model for model in models if isinstance(model, AttentionClassifier)]
        return self._models

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        return mean_statistics(sentences, ["seeds_jsd", "seeds_difference"])


def _median(values: Sequence[torch.Tensor]) -> torch.Tensor:
    # torch.median would return the lower of two middle values.
    return torch.from_numpy(numpy.median(torch.stack(list(values)).double().cpu().numpy(), axis=0))
