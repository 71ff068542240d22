from typing import Dict, Iterator, Tuple

from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError

from attention_vat.common.texts import quoted
from attention_vat.data.corpora.corpus import Corpus, Example
from attention_vat.data.corpora.parallel import cleaned
from attention_vat.data.corpora.rows import json_rows, value
from attention_vat.data.corpora.sources import Source, download

URL = "https://nlp.stanford.edu/projects/snli/snli_1.0.zip"
SHA256 = "afb3d70a5af5d8de0d9d81e2637e0fb8c22d1235c2749d83125ca43dab0dbd3e"

FILES = {
    "train": ("snli_1.0_train.jsonl", "train.jsonl", "train_subset.jsonl"),
    "validation": ("snli_1.0_dev.jsonl", "dev.jsonl"),
    "test": ("snli_1.0_test.jsonl", "test.jsonl"),
}
LABELS = ("entailment", "contradiction", "neutral")
NO_LABEL = "-"


@Corpus.register("snli")
class StanfordNaturalLanguageInference(Corpus):
    """
    The Stanford Natural Language Inference corpus ([Bowman et al., 2015](https://aclanthology.org/D15-1075)):
    `premise`, `hypothesis` and one of the labels `entailment`, `contradiction` and `neutral`.

    Pairs on which the annotators did not agree (label `-`) are dropped.  Texts are cleaned as in
    [Jain & Wallace (2019)](https://arxiv.org/abs/1902.10186): spaCy's tokens in lower case, `qqq` for tokens with a
    digit.  Half of the training pairs become unlabelled.

    A source is a directory or an archive with the original `snli_1.0_train.jsonl`, `…_dev.jsonl` and `…_test.jsonl`
    (keys `gold_label`, `sentence1`, `sentence2`), or with `train.jsonl` (`train_subset.jsonl`), `dev.jsonl` and
    `test.jsonl` (key `label`), plain or compressed.  Without a source, the original archive is downloaded.

    Registered as a `Corpus` with name "snli".
    """

    published = {
        "train": 274683,
        "unlabeled": 274684,
        "validation": 9842,
        "test": 9824,
        "vocabulary": 20979,
        "mean_words": 22,
    }
    rows = {"train": 549367, "validation": 9842, "test": 9824}
    min_df = 3
    half_unlabeled = True

    def read(self) -> Iterator[Tuple[str, Example]]:
        source = self.source() or download(URL, SHA256)
        files = {split: source.find(*names) for split, names in FILES.items()}
        return self.halved(cleaned(self._pairs(source, files), keep_punctuation=True, number_token="qqq"))

    def _pairs(self, source: Source, files: Dict[str, str]) -> Iterator[Tuple[str, Example]]:
        for split, name in files.items():
            for example in inference_pairs(source, name, split):
                self.found[split] += 1
                yield split, example


def inference_pairs(source: Source, name: str, split: str) -> Iterator[Example]:
    """
    Yields the labelled pairs of a file in the format of SNLI and MultiNLI, with raw texts.

    Raises `ConfigurationError` for a line whose label is neither one of the three nor `-`.
    """
    for number, (where, row) in enumerate(Tqdm.tqdm(json_rows(source, name), desc=split), start=1):
        label = value(where, row, "gold_label", "label")
        if label not in (*LABELS, NO_LABEL):
            raise ConfigurationError(f"{where}: the label must be {', '.join(LABELS)} or -, not {quoted(label)}")
        if label != NO_LABEL:
            yield {
                "id": f"{split}-{number}",
                "premise": value(where, row, "sentence1"),
                "hypothesis": value(where, row, "sentence2"),
                "label": label,
            }
