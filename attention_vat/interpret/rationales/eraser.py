"""Predictions in the format of the ERASER benchmark (DeYoung et al. 2020), for its public scorer."""

import json
from os import PathLike
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Union

from allennlp.common.checks import ConfigurationError
from allennlp.common.file_utils import cached_path, open_compressed

from attention_vat.common.lines import numbered_lines
from attention_vat.common.texts import quoted
from attention_vat.common.whole_file import written_whole
from attention_vat.data.dataset_readers.json_lines import parse_object
from attention_vat.interpret.results import AttentionEvaluation, SentenceEvaluation


class Document(NamedTuple):
    """
    What the benchmark knows about a text and a model does not.

    # Parameters

    docid : `str`
    num_tokens : `int`, optional
        The length of the whole document, whose end a reader may have cut off. `None` if the data has a text without
        tokens.
    label, classification : `str`, optional
        The same class, in the data and in the benchmark.
    has_rationale : `bool`
    """

    docid: str
    num_tokens: Optional[int]
    label: Optional[str]
    classification: Optional[str]
    has_rationale: bool


def read_documents(data: Union[str, PathLike]) -> Dict[str, Document]:
    """
    Reads the documents of a jsonl file, as `allennlp make-dataset movies` writes it, by `"id"`. The name of the
    document is `"docid"`, by default that of the annotation; the benchmark's name of a label is `"classification"`.

    Raises `ConfigurationError` if a line is malformed, has no id, or repeats the id of another line.
    """
    documents: Dict[str, Document] = {}
    with open_compressed(cached_path(data), mode="rb", encoding=None) as file:
        for line in numbered_lines(file, str(data)):
            if not line.text.strip():
                continue
            where = f"{data}:{line.number}"
            try:
                row = parse_object(line.text)
            except ValueError as error:
                raise ConfigurationError(f"{where}: {error}") from error
            if row.get("id") is None or str(row["id"]) in documents:
                raise ConfigurationError(f'{where}: needs a unique "id" for ERASER\'s predictions')
            if not isinstance(row.get("classification"), (str, type(None))):
                raise ConfigurationError(f'{where}: "classification" is {quoted(row["classification"])}')
            words = row.get("tokens") or row.get("premise")
            documents[str(row["id"])] = Document(
                docid=str(row.get("docid", row["id"])),
                num_tokens=len(words) if isinstance(words, list) else None,
                label=row.get("label"),
                classification=row.get("classification"),
                has_rationale=any(row.get("rationale") or []),
            )
    return documents


def check_documents(data: Union[str, PathLike], rationale_fraction: Optional[float] = None) -> None:
    """
    Checks the data before any work.

    Raises `ConfigurationError` if predictions cannot be written for the data: as `read_documents` does, or if there are
    no human rationales that say how many words to choose.
    """
    documents = read_documents(data)
    if rationale_fraction is None and not any(document.has_rationale for document in documents.values()):
        raise ConfigurationError(
            f"{data} has no human rationales that say how many words ERASER's predictions should choose; give "
            "--rationale-fraction."
        )


def write_predictions(path: Union[str, PathLike], evaluation: AttentionEvaluation, data: Union[str, PathLike]) -> None:
    """
    Writes `eraser.jsonl` for the benchmark's scorer, one line per text: the class with its probabilities, the chosen
    words as hard rationale, attention as soft rationale, and the probabilities without the rationale and with nothing
    else, for the rationale and for the most attended words at each fraction. Positions are those of the tokens of the
    document, whatever part of it the model has read; unread words have no attention.

    # Parameters

    path : `Union[str, PathLike]`
        Replaced once everything is written.
    evaluation : `AttentionEvaluation`
        Computed with the measure "faithfulness" and `keep_probabilities`.
    data : `Union[str, PathLike]`
        The jsonl file that was evaluated.

    Raises `ConfigurationError` if the evaluation has no such measure or no hard rationale, or as `read_documents` does.

    # Examples

        measures = ["rationales", {"type": "faithfulness", "keep_probabilities": True}]
        write_predictions("eraser.jsonl", evaluate_attention(model, instances, measures), "test.jsonl")
    """
    lines = list(predictions(evaluation, read_documents(data)))
    # The scorer looks at the first line to see whether there are hard rationales at all.
    lines.sort(key=lambda line: not line["rationales"][0]["hard_rationale_predictions"])
    with written_whole(path) as file:
        for line in lines:
            file.write(json.dumps(line, allow_nan=False) + "\n")


def predictions(evaluation: AttentionEvaluation, documents: Dict[str, Document]) -> Iterator[Dict[str, Any]]:
    """
    Yields the objects that `write_predictions` writes, in the order of the sentences.

    Raises `ConfigurationError` if the evaluation lacks what ERASER asks for.
    """
    measure = evaluation.settings.get("measures", {}).get("faithfulness", {})
    if not all(sentence.parts and "chosen" in sentence.words for sentence in evaluation.sentences):
        raise ConfigurationError(
            'ERASER\'s predictions need the measure {"type": "faithfulness", "keep_probabilities": true}, and human '
            "rationales or a rationale_fraction."
        )
    classifications = {d.label: d.classification for d in documents.values() if d.classification is not None}
    names = [classifications.get(label, label) for label in evaluation.labels]
    for sentence in evaluation.sentences:
        yield _prediction(sentence, documents[sentence.id], names, measure["fractions"])


def _prediction(
    sentence: SentenceEvaluation, document: Document, names: List[str], fractions: List[float]
) -> Dict[str, Any]:
    def scores(probs: List[float]) -> Dict[str, float]:
        return dict(zip(names, probs))

    unread = (document.num_tokens or len(sentence.tokens)) - len(sentence.tokens)
    without, alone = (
        [{f"{name}_classification_scores": scores(probs)} for probs in sentence.parts[name]]
        for name in ("comprehensiveness", "sufficiency")
    )
    return {
        "annotation_id": sentence.id,
        "rationales": [
            {
                "docid": document.docid,
                "hard_rationale_predictions": hard_rationale(sentence.words["chosen"]),
                "soft_rationale_predictions": sentence.attention + [0.0] * unread,
            }
        ],
        "classification": names[max(range(len(names)), key=sentence.probs.__getitem__)],
        "classification_scores": scores(sentence.probs),
        # The last ones are those of the rationale itself.
        **without[-1],
        **alone[-1],
        "thresholded_scores": [
            {"threshold": fraction, **less, **only} for fraction, less, only in zip(fractions, without, alone)
        ],
    }


def hard_rationale(chosen: List[float]) -> List[Dict[str, int]]:
    """
    The runs of 1, as the benchmark writes them.

    # Examples

        hard_rationale([0, 1, 1, 0])  # [{"start_token": 1, "end_token": 3}]
    """
    before, after = [0, *chosen], [*chosen, 0]
    starts = [place for place, (left, right) in enumerate(zip(before, after)) if right and not left]
    ends = [place for place, (left, right) in enumerate(zip(before, after)) if left and not right]
    return [{"start_token": start, "end_token": end} for start, end in zip(starts, ends)]
