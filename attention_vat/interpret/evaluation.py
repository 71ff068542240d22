"""All measures of a model's attention on a data set, sentence by sentence and over all."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Union

import torch
from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, DataLoader, Instance
from allennlp.data.fields import MetadataField, TextField
from allennlp.nn import util

from attention_vat.interpret import correlation, rationales
from attention_vat.interpret.bootstrap import Difference, Estimate, differences, estimates
from attention_vat.interpret.importance import check_importance, differentiable_pass, importance_of
from attention_vat.interpret.statistics import data_set_statistics
from attention_vat.models import AttentionClassifier


@dataclass
class SentenceEvaluation:
    """
    A sentence, what the model makes of it, and how its attention scores.

    # Parameters

    id : `str`
        From the data, or the sentence's number, counted from 1.
    tokens : `List[str]`
        The words that take attention: without marks of start and end.
    label : `str`, optional
        The gold label.
    prediction : `str`
    probs : `List[float]`
        In the order of `AttentionEvaluation.labels`.
    attention, importance, importance_attention_constant : `List[float]`
        One number per token. The last two follow the gradient through the attention weights, or not.
    rationale : `List[int]`, optional
        1 for the words that people marked.
    scores : `Dict[str, Optional[float]]`
        By name; `None` where undefined.
    """

    id: str
    tokens: List[str]
    label: Optional[str]
    prediction: str
    probs: List[float]
    attention: List[float]
    importance: List[float]
    importance_attention_constant: List[float]
    rationale: Optional[List[int]] = None
    scores: Dict[str, Optional[float]] = field(default_factory=dict)


@dataclass
class AttentionEvaluation:
    """
    What `evaluate_attention` gives.

    # Parameters

    labels : `List[str]`
        The classes, in the order of `probs`.
    positive_label : `str`, optional
        With two classes.
    sentences : `List[SentenceEvaluation]`
        In the order of the data.
    metrics : `Dict[str, Estimate]`
        The numbers over all sentences, with their intervals.
    settings : `Dict[str, Any]`
        The options they were computed with.
    """

    labels: List[str]
    positive_label: Optional[str]
    sentences: List[SentenceEvaluation]
    metrics: Dict[str, Estimate]
    settings: Dict[str, Any]


def evaluate_attention(
    model: AttentionClassifier,
    instances: Union[DataLoader, Iterable[Instance]],
    batch_tokens: int = 8192,
    output: str = "probability",
    method: str = "gradient_x_input",
    rationale_fraction: Optional[float] = None,
    iou_threshold: float = 0.5,
    resamples: int = 1000,
    seed: int = 13,
) -> AttentionEvaluation:
    """
    Correlates the model's attention with gradient importance, sentence by sentence, and scores it against human
    rationales where the data has them (`"rationale"` in an instance's metadata, 0 or 1 for each token). The model is
    evaluated on the device it is on, in eval mode, and left in the mode it was in; its metrics are not touched.

    # Parameters

    model : `AttentionClassifier`
    instances : `Union[DataLoader, Iterable[Instance]]`
        From a dataset reader.
    batch_tokens : `int`, optional (default = `8192`)
        Sentences of similar length are put together until they have so many tokens with padding, which bounds memory. A
        longer sentence is a batch of its own.
    output, method : `str`, optional
        See `gradient_importance`.
    rationale_fraction : `float`, optional (default = the mean share of marked words in the data)
        The share of words that a hard rationale takes from the attention.
    iou_threshold : `float`, optional (default = `0.5`)
        From which intersection over union on a span counts as found.
    resamples, seed : `int`, optional (default = `1000`, `13`)
        Of the bootstrap.

    Raises `ConfigurationError` if an option is out of range, if there are no sentences, if a label is not one of the
    model's, or if a rationale does not have one mark per token.

    # Examples

        archive = load_archive("model.tar.gz")
        result = evaluate_attention(archive.model, archive.validation_dataset_reader.read("test.jsonl"))
        result.metrics["pearson"].value
    """
    check_importance(output=output, method=method)
    _check_numbers(batch_tokens, rationale_fraction, resamples)
    if isinstance(instances, DataLoader):
        instances = instances.iter_instances()
    texts = [_text_of(model, instance, number) for number, instance in enumerate(instances, start=1)]
    if not texts:
        raise ConfigurationError("There are no sentences to evaluate attention on.")
    if rationale_fraction is None:
        rationale_fraction = _human_fraction(texts)

    sentences: List[Optional[SentenceEvaluation]] = [None] * len(texts)
    was_training = model.training
    model.eval()
    try:
        batches = list(_token_batches([text.length for text in texts], batch_tokens))
        for indices in Tqdm.tqdm(batches, desc="evaluating attention"):
            some = [texts[index] for index in indices]
            for index, sentence in zip(indices, _evaluate_batch(model, some, output, method)):
                sentences[index] = sentence
            _score_rationales([sentences[index] for index in indices], rationale_fraction, iou_threshold)
    finally:
        model.train(was_training)

    done = [sentence for sentence in sentences if sentence is not None]
    positive_label = None if model.positive_index is None else model.labels[model.positive_index]
    settings = {
        "importance": method,
        "output": output,
        "rationale_fraction": rationale_fraction,
        "iou_threshold": iou_threshold,
        "resamples": resamples,
        "seed": seed,
    }
    metrics = estimates(data_set_statistics(done, model.labels, positive_label), resamples, seed)
    return AttentionEvaluation(list(model.labels), positive_label, done, metrics, settings)


def compare_evaluations(first: AttentionEvaluation, second: AttentionEvaluation) -> Dict[str, Difference]:
    """
    The second model's numbers minus the first one's, with paired bootstrap intervals.

    # Parameters

    first, second : `AttentionEvaluation`
        On the same sentences.

    Raises `ConfigurationError` if the sentences are not the same.
    """
    if [sentence.id for sentence in first.sentences] != [sentence.id for sentence in second.sentences]:
        raise ConfigurationError(
            "Two models can be compared only on the same sentences, but their dataset readers gave "
            f"{len(first.sentences)} and {len(second.sentences)} with different ids."
        )
    both = [data_set_statistics(r.sentences, r.labels, r.positive_label) for r in (first, second)]
    return differences(both[0], both[1], first.settings["resamples"], first.settings["seed"])


def _check_numbers(batch_tokens: int, rationale_fraction: Optional[float], resamples: int) -> None:
    for name, value in (("batch_tokens", batch_tokens), ("resamples", resamples)):
        if value < 1:
            raise ConfigurationError(f"{name} is {value}, but must be at least 1.")
    if rationale_fraction is not None and not 0 < rationale_fraction <= 1:
        raise ConfigurationError(f"rationale_fraction is {rationale_fraction}, but must be above 0 and at most 1.")


@dataclass
class _Text:
    """What is needed of an instance. The label stays outside: it is compared by name."""

    id: str
    instance: Instance
    tokens: List[str]
    length: int
    label: Optional[str]
    rationale: Optional[List[int]]


def _text_of(model: AttentionClassifier, instance: Instance, number: int) -> _Text:
    fields = instance.fields
    text_fields = {name: text for name, text in fields.items() if isinstance(text, TextField)}
    if not text_fields:
        raise ConfigurationError(f"Sentence {number} has no text field, only {sorted(fields)}.")
    metadata = fields["metadata"].metadata if isinstance(fields.get("metadata"), MetadataField) else {}
    identifier = str(metadata.get("id", number) if metadata.get("id") is not None else number)
    # The first input is the text under attention (the passage of a pair).
    attended = text_fields.get(model.input_names[0], next(iter(text_fields.values())))
    tokens = metadata.get("tokens") or metadata.get("premise_tokens") or [token.text for token in attended.tokens]

    label = getattr(fields.get("label"), "label", None)
    if isinstance(label, int):
        label = model.labels[label]
    if label is not None and label not in model.labels:
        raise ConfigurationError(
            f"Sentence '{identifier}' has the label '{label}', but the model was trained with {model.labels}."
        )
    rationale = metadata.get("rationale")
    if rationale is not None and len(rationale) != len(tokens):
        raise ConfigurationError(
            f"The rationale of sentence '{identifier}' has {len(rationale)} marks for {len(tokens)} tokens. "
            'Give "tokens" instead of "text" to say which words it is about.'
        )
    return _Text(
        id=identifier,
        instance=Instance({name: fields[name] for name in model.input_names if name in fields}),
        tokens=list(tokens),
        length=sum(text.sequence_length() for text in text_fields.values()),
        label=label,
        rationale=None if rationale is None else [int(bool(mark)) for mark in rationale],
    )


def _human_fraction(texts: Sequence[_Text]) -> Optional[float]:
    fractions = [sum(text.rationale) / len(text.rationale) for text in texts if text.rationale]
    return sum(fractions) / len(fractions) if fractions else None


def _token_batches(lengths: Sequence[int], batch_tokens: int) -> Iterator[List[int]]:
    # AllenNLP's MaxTokensBatchSampler draws from the global random generator, which an evaluation must leave alone.
    batch: List[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        # The first one of a batch is its longest.
        if batch and lengths[batch[0]] * (len(batch) + 1) > batch_tokens:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _evaluate_batch(
    model: AttentionClassifier, texts: Sequence[_Text], output: str, method: str
) -> List[SentenceEvaluation]:
    batch = Batch([text.instance for text in texts])
    batch.index_instances(model.vocab)
    tensors = util.move_to_device(batch.as_tensor_dict(), next(model.parameters()).device)

    clean = differentiable_pass(model, tensors)
    through = importance_of(model, clean, "through", output, method).cpu()
    constant = importance_of(model, clean, "constant", output, method).cpu()
    with torch.no_grad():
        scores = clean.encoded.scores
        probs = model.probabilities(model.decode(clean.encoded, scores)).cpu()
        attention = model.attend(clean.encoded, scores).cpu()
    attended = clean.encoded.mask.cpu()
    words = clean.embedded.mask.cpu()[:, : attended.size(1)]

    by_name = _correlations(attention, through, constant, attended)
    sentences = []
    for row, text in enumerate(texts):
        here = attended[row]
        # Marks of start and end take no attention; the reader's tokens may or may not include them.
        kept = here[words[row]].tolist() if len(text.tokens) != int(here.sum()) else [True] * len(text.tokens)
        if len(kept) != len(text.tokens):
            raise ConfigurationError(
                f"Sentence '{text.id}' has {len(text.tokens)} tokens, but the model sees {len(kept)} words. "
                "Use token indexers that give one embedding per token."
            )
        sentences.append(
            SentenceEvaluation(
                id=text.id,
                tokens=_only(text.tokens, kept),
                label=text.label,
                prediction=model.labels[int(probs[row].argmax())],
                probs=probs[row].tolist(),
                attention=attention[row][here].tolist(),
                importance=through[row][here].tolist(),
                importance_attention_constant=constant[row][here].tolist(),
                rationale=None if text.rationale is None else _only(text.rationale, kept),
                scores={name: values[row] for name, values in by_name.items()},
            )
        )
    return sentences


def _only(items: Sequence[Any], kept: Sequence[bool]) -> List[Any]:
    return [item for item, keep in zip(items, kept) if keep]


def _correlations(
    attention: torch.Tensor, through: torch.Tensor, constant: torch.Tensor, mask: torch.Tensor
) -> Dict[str, List[Optional[float]]]:
    columns: Dict[str, List[Optional[float]]] = {}
    for suffix, importance in (("", through), ("_attention_constant", constant)):
        columns["pearson" + suffix] = _optional(*correlation.pearson(attention, importance, mask))
        columns["spearman" + suffix] = _optional(*correlation.spearman(attention, importance, mask))
        kendall = correlation.kendall(attention, importance, mask)
        columns["kendall" + suffix] = _optional(kendall.value, kendall.defined)
        columns["kendall_p_value" + suffix] = _optional(kendall.p_value, kendall.defined)
    return columns


def _score_rationales(
    sentences: Sequence[Optional[SentenceEvaluation]], fraction: Optional[float], threshold: float
) -> None:
    """Adds the scores of the sentences that have a rationale."""
    marked = [sentence for sentence in sentences if sentence is not None and sentence.rationale is not None]
    if not marked or fraction is None:
        return
    sequences = [torch.tensor(sentence.attention, dtype=torch.float64) for sentence in marked]
    attention = torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True)
    mask = util.get_mask_from_sequence_lengths(torch.tensor([len(s) for s in sequences]), attention.size(1))
    gold = torch.nn.utils.rnn.pad_sequence([torch.tensor(s.rationale).bool() for s in marked], batch_first=True)

    chosen = rationales.top_words(attention, mask, fraction)
    tokens = rationales.token_matches(chosen, gold, mask)
    spans = rationales.span_matches(chosen, gold, mask, threshold)
    columns = {
        "auprc": _optional(*rationales.auprc(attention, gold, mask)),
        "average_precision": _optional(*rationales.average_precision(attention, gold, mask)),
        "roc_auc": _optional(*rationales.roc_auc(attention, gold, mask)),
        "token_precision": tokens.precision.tolist(),
        "token_recall": tokens.recall.tolist(),
        "token_f1": tokens.f1.tolist(),
    }
    for unit, matches in (("token", tokens), ("span", spans)):
        for name in ("matched", "predicted", "gold"):
            columns[f"{unit}s_{name}"] = getattr(matches, name).tolist()
    for row, sentence in enumerate(marked):
        sentence.scores.update({name: values[row] for name, values in columns.items()})


def _optional(values: torch.Tensor, defined: torch.Tensor) -> List[Optional[float]]:
    return [value if is_defined else None for value, is_defined in zip(values.tolist(), defined.tolist())]


def as_json(sentence: SentenceEvaluation) -> Dict[str, Any]:
    """A sentence as an object for `instances.jsonl`, its numbers with six digits."""
    return {name: _rounded(value) for name, value in asdict(sentence).items() if value is not None}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    return value
