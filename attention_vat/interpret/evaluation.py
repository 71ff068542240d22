"""All measures of a model's attention on a data set, per sentence and overall."""

from dataclasses import replace
from os import PathLike
from typing import Any, Dict, Iterable, List, Optional, Sequence, Union

import torch
from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError
from allennlp.data import DataLoader, Instance

from attention_vat.interpret.archives import check_is_file, load_attention_archive
from attention_vat.interpret.batches import clean_batch
from attention_vat.interpret.bootstrap import Difference, Estimate, differences
from attention_vat.interpret.measures import (
    DEFAULT_MEASURES,
    DatasetMeasure,
    Measure,
    applicable_measures,
    choose_measures,
)
from attention_vat.interpret.options import EvaluationOptions
from attention_vat.interpret.progress import Progress, signature_of
from attention_vat.interpret.results import AttentionEvaluation
from attention_vat.interpret.summary import settings_of, summarize
from attention_vat.interpret.texts import Text, inputs_of, texts_of, token_batches
from attention_vat.models import AttentionClassifier


def evaluate_attention(
    model: AttentionClassifier,
    instances: Union[DataLoader, Iterable[Instance]],
    measures: Union[str, Sequence[Union[str, Dict[str, Any], Measure]]] = DEFAULT_MEASURES,
    progress_file: Optional[Union[str, PathLike]] = None,
    **options: Any,
) -> AttentionEvaluation:
    """
    Measures the model's attention, sentence by sentence. The model is evaluated on the device it is on, in eval mode,
    and left in the mode it was in; its metrics are not touched.

    # Parameters

    model : `AttentionClassifier`
    instances : `Union[DataLoader, Iterable[Instance]]`
        From a dataset reader.
    measures : `Union[str, Sequence[Union[str, Dict[str, Any], Measure]]]`, optional
        See `choose_measures`. The default measures cost no more than a few passes through the model: the correlation
        with gradient importance, and the agreement with human rationales where the data has them.
    progress_file : `Union[str, PathLike]`, optional (default = `None`)
        Keeps the finished sentences, so that the same evaluation can resume after it was killed. The file is not
        removed at the end: the caller removes it once the result is saved. Concurrent evaluations need separate files.
    options : `Any`
        See `EvaluationOptions`.

    Raises `ConfigurationError` if a measure is unknown or does not apply, an option is out of range, there are no
    sentences, a label is not one of the model's, or a rationale does not have one mark per token.

    # Examples

        archive = load_archive("model.tar.gz")
        result = evaluate_attention(archive.model, archive.validation_dataset_reader.read("test.jsonl"))
        result.metrics["pearson"].value
    """
    chosen, settings = choose_measures(measures), EvaluationOptions(**options)
    texts = texts_of(model, instances)
    chosen = applicable_measures(chosen, model, texts)
    if settings.rationale_fraction is None:
        settings = replace(settings, rationale_fraction=_human_fraction(texts))

    progress = Progress(progress_file, signature_of(model, texts, settings_of(chosen, settings)))
    was_training = model.training
    model.eval()
    try:
        batches = list(token_batches([text.length for text in texts], settings.batch_tokens))
        for indices in Tqdm.tqdm(batches, desc="evaluating attention"):
            if progress.has(indices):
                continue
            batch = clean_batch(model, [texts[index] for index in indices], len(texts), settings)
            with torch.no_grad():
                for measure in chosen:
                    measure(model, batch).add_to(batch.sentences)
            progress.add(indices, batch.sentences)
        of_data = _numbers_of_data(model, texts, batches, chosen, settings)
    finally:
        model.train(was_training)
    positive_label = None if model.positive_index is None else model.labels[model.positive_index]
    sentences = [progress.sentences[index] for index in range(len(texts))]
    evaluation = summarize(sentences, model.labels, positive_label, chosen, settings)
    evaluation.metrics.update(of_data)
    evaluation.label_names = model.label_names
    return evaluation


def evaluate_archive(
    archive_file: Union[str, PathLike],
    data: str,
    cuda_device: int = -1,
    overrides: str = "",
    weights_file: Optional[Union[str, PathLike]] = None,
    **options: Any,
) -> AttentionEvaluation:
    """
    Evaluates the attention of an archived model on a file, using the archive's validation reader.

    # Parameters

    archive_file, cuda_device, overrides, weights_file
        See `load_attention_archive`.
    data : `str`
        A path or a URL.
    options : `Any`
        See `evaluate_attention`.

    Raises `ConfigurationError` if a file is missing, or if one of the functions above raises it.

    # Examples

        evaluate_archive("output/vanilla/model.tar.gz", "data/sst/test.jsonl").metrics["pearson"].value
    """
    check_is_file(data, "data file")
    archive = load_attention_archive(archive_file, cuda_device, overrides, weights_file)
    return evaluate_attention(archive.model, archive.validation_dataset_reader.read(data), **options)


def compare_evaluations(first: AttentionEvaluation, second: AttentionEvaluation) -> Dict[str, Difference]:
    """
    The second model's numbers minus the first one's, with paired bootstrap intervals.

    # Parameters

    first, second : `AttentionEvaluation`
        Evaluations of the same sentences.

    Raises `ConfigurationError` if the sentences are not the same.
    """
    if [sentence.id for sentence in first.sentences] != [sentence.id for sentence in second.sentences]:
        raise ConfigurationError(
            "Two models can be compared only on the same sentences, but their dataset readers gave "
            f"{len(first.sentences)} and {len(second.sentences)} with different ids."
        )
    return differences(first.statistics, second.statistics, first.settings["resamples"], first.settings["seed"])


def _numbers_of_data(
    model: AttentionClassifier,
    texts: Sequence[Text],
    batches: Sequence[Sequence[int]],
    measures: Sequence[Measure],
    options: EvaluationOptions,
) -> Dict[str, Estimate]:
    """The numbers of measures of the whole data set, which need one more, cheap pass over it."""
    of_data = [measure for measure in measures if isinstance(measure, DatasetMeasure)]
    observed: List[List[Any]] = [[] for _ in of_data]
    for indices in Tqdm.tqdm(batches, desc="measuring the whole data set") if of_data else []:
        some = [texts[index] for index in indices]
        with torch.no_grad():
            clean = model.clean_pass(inputs_of(model, [text.instance for text in some]))
            for measure, seen in zip(of_data, observed):
                seen.append(measure.observe(model, clean, some))
    numbers: Dict[str, Optional[float]] = {}
    for measure, seen in zip(of_data, observed):
        numbers.update(measure.conclude(seen, options.seed))
    return {name: Estimate(value, None, None, None, len(texts), 0) for name, value in numbers.items()}


def _human_fraction(texts: Sequence[Text]) -> Optional[float]:
    fractions = [sum(text.rationale) / len(text.rationale) for text in texts if text.rationale]
    # Without any marked word there is no fraction.
    return sum(fractions) / len(fractions) or None if fractions else None
