from pathlib import PurePosixPath
from typing import Any, Dict, Iterator, List, Tuple

from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError

from attention_vat.common.texts import quoted
from attention_vat.data.corpora.corpus import Corpus, Example
from attention_vat.data.corpora.rows import json_rows, value
from attention_vat.data.corpora.sources import Source, download

URL = "http://www.eraserbenchmark.com/zipped/movies.tar.gz"
SHA256 = "66e18d4e6c9df9e9f5544572b0bfe92a39673f74ecbfc3859b46cedb2f5b2dee"

FOLDERS = ("movies",)
FILES = {"train": "train.jsonl", "validation": "val.jsonl", "test": "test.jsonl"}
DOCUMENTS = "docs.jsonl"
PACKED_DOCUMENTS = ("docs.tar", "docs.tar.gz", "docs.tar.xz", "docs.tgz", "docs.zip")
LABELS = {"NEG": "0", "POS": "1"}


@Corpus.register("movies")
class EraserMovies(Corpus):
    """
    Movie reviews with human rationales from the ERASER benchmark
    ([DeYoung et al., 2020](https://arxiv.org/abs/1911.03429)): negative (`"0"`) or positive (`"1"`).

    The tokens are those of the benchmark, so `rationale`, a 0 or 1 for each, marks exactly its evidence spans.
    `evidences` has the spans themselves, which can be adjacent or empty (20 in the test reviews are), and
    `classification` the benchmark's name of the label: with these two, predictions can be scored as in the benchmark.
    Only the test reviews were annotated completely.

    A source is a directory or an archive (also of the whole benchmark, `data_v1.2.tar.gz`) with `train.jsonl`,
    `val.jsonl` and `test.jsonl`, plain or compressed, and the documents: a folder `docs`, an archive of it, or
    `docs.jsonl`. Without a source, the benchmark's `movies.tar.gz` is downloaded.

    Registered as a `Corpus` with name "movies".
    """

    # One of the 200 test reviews has no row.
    published = {"train": 1600, "validation": 200, "test": 199, "mean_words": 774}
    rows = {"train": 1600, "validation": 200, "test": 199}

    def read(self) -> Iterator[Tuple[str, Example]]:
        source = self.source() or download(URL, SHA256)
        files = {split: source.find(name, folders=FOLDERS) for split, name in FILES.items()}
        documents = read_documents(source)
        for split, name in files.items():
            for where, row in Tqdm.tqdm(json_rows(source, name), desc=split):
                self.found[split] += 1
                yield split, annotated(where, row, documents)


def read_documents(source: Source) -> Dict[str, List[str]]:
    """
    Returns the tokens of each document, by name.

    Raises `ConfigurationError` if the source holds none.
    """
    if source.holds(DOCUMENTS):
        name = source.find(DOCUMENTS, folders=FOLDERS)
        return {
            value(where, row, "docid"): value(where, row, "document").split() for where, row in json_rows(source, name)
        }
    packed = [name for name in PACKED_DOCUMENTS if source.path.is_dir() and (source.path / name).exists()]
    documents = Source(source.path / packed[0]) if packed else source
    tokens: Dict[str, List[str]] = {}
    for name, data in documents.walk(_is_document):
        tokens[PurePosixPath(name).name] = documents.text(name, data).split()
    if not tokens:
        raise ConfigurationError(f"{source.path}: holds no documents (docs, docs.tar.xz or docs.jsonl)")
    return tokens


def _is_document(name: str) -> bool:
    folders = PurePosixPath(name).parts[:-1]
    # The archive of the whole benchmark has a folder for each task.
    return folders[-1:] == ("docs",) and (len(folders) < 2 or "movies" in folders)


def annotated(where: str, row: Dict[str, Any], documents: Dict[str, List[str]]) -> Example:
    """
    Returns the review of an annotation, with its rationale.  Raises a `ConfigurationError` if the two do not match.
    """
    name = value(where, row, "annotation_id")
    label = value(where, row, "classification")
    if label not in LABELS:
        raise ConfigurationError(f"{where}: the classification must be NEG or POS, not {quoted(label)}")
    if name not in documents:
        raise ConfigurationError(f"{where}: there is no document {quoted(name)}")
    tokens = documents[name]
    rationale = [0] * len(tokens)
    evidences = []
    for span in _spans(where, row):
        start, end = (value(where, span, key, kind=int) for key in ("start_token", "end_token"))
        if span.get("docid", name) != name or not 0 <= start <= end <= len(tokens):
            tokens_of = f"tokens {quoted(start)} to {quoted(end)} of {quoted(span.get('docid'))}"
            raise ConfigurationError(f"{where}: {tokens_of} are not in {quoted(name)}")
        rationale[start:end] = [1] * (end - start)
        evidences.append([start, end])
    return {
        "id": name,
        "tokens": tokens,
        "label": LABELS[label],
        "classification": label,
        "rationale": rationale,
        "evidences": evidences,
    }


def _spans(where: str, row: Dict[str, Any]) -> List[Dict[str, Any]]:
    groups = value(where, row, "evidences", kind=list)
    if not all(isinstance(group, list) and all(isinstance(span, dict) for span in group) for group in groups):
        raise ConfigurationError(f'{where}: "evidences" must be a list of lists of objects, not {quoted(groups)}')
    return [span for group in groups for span in group]
