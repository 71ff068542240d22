"""Lets an evaluation that was killed resume where it stopped."""

import hashlib
import json
import logging
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import Any, Dict, Optional, Sequence, Union

from allennlp.data.fields import TextField

from attention_vat.common.whole_file import writing
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.interpret.texts import Text
from attention_vat.models import AttentionClassifier

logger = logging.getLogger(__name__)

REMEDY = "free some space and start again; finished sentences are kept"


class Progress:
    """
    Keeps the finished sentences in a file, one per line, and reads them back if the file belongs to the same
    evaluation: the same weights, sentences, measures and options. The caller removes the file once the result is saved.

    # Parameters

    path : `Union[str, PathLike]`, optional
        Nothing is kept without one.
    signature : `str`
        See `signature_of`.

    # Examples

        progress = Progress("evaluation.progress", signature)
        for indices in batches:
            if not progress.has(indices):
                progress.add(indices, evaluated(indices))
        sentences = progress.sentences
    """

    def __init__(self, path: Optional[Union[str, PathLike]], signature: str) -> None:
        self.sentences: Dict[int, SentenceEvaluation] = {}
        self._path = None if path is None else Path(path)
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        whole = self._read(signature) if self._path.exists() else 0
        if self.sentences:
            logger.info("%d sentences were already evaluated, according to %s.", len(self.sentences), self._path)
        with writing(self._path, REMEDY), open(self._path, "ab") as file:
            # A killed run may have left half a line.
            file.truncate(whole)
            if not whole:
                file.write(json.dumps({"signature": signature}).encode() + b"\n")

    def _read(self, signature: str) -> int:
        """Reads the sentences; returns the length of the intact part, 0 for another evaluation."""
        assert self._path is not None
        whole = 0
        with open(self._path, "rb") as file:
            for number, line in enumerate(file):
                try:
                    content = json.loads(line if line.endswith(b"\n") else "{}")
                    if number == 0 and content != {"signature": signature}:
                        return 0
                    if number > 0:
                        self.sentences[content["index"]] = SentenceEvaluation(**content["sentence"])
                except (LookupError, TypeError, ValueError):  # damaged lines are evaluated again
                    break
                whole += len(line)
        return whole

    def has(self, indices: Sequence[int]) -> bool:
        """Whether all these sentences are done."""
        return all(index in self.sentences for index in indices)

    def add(self, indices: Sequence[int], sentences: Sequence[SentenceEvaluation]) -> None:
        """Keeps the sentences of a batch."""
        self.sentences.update(zip(indices, sentences))
        if self._path is not None:
            lines = [{"index": i, "sentence": asdict(s)} for i, s in zip(indices, sentences)]
            with writing(self._path, REMEDY), open(self._path, "ab") as file:
                file.write("".join(json.dumps(line) + "\n" for line in lines).encode())


def signature_of(model: AttentionClassifier, texts: Sequence[Text], settings: Dict[str, Any]) -> str:
    """
    A digest of everything that results depend on.

    # Parameters

    model : `AttentionClassifier`
    texts : `Sequence[Text]`
    settings : `Dict[str, Any]`
        Measures and options.
    """
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode())
    for text in texts:
        fields = [field for field in text.instance.fields.values() if isinstance(field, TextField)]
        words = [[token.text for token in field.tokens] for field in fields]
        digest.update(json.dumps([text.id, text.tokens, text.label, text.rationale, text.evidences, words]).encode())
    for name, parameter in model.state_dict().items():
        digest.update(name.encode())
        digest.update(parameter.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
