from typing import Iterator, Tuple

from allennlp.common.checks import ConfigurationError

from attention_vat.common.texts import quoted
from attention_vat.data.corpora.corpus import Corpus, Example

FILES = {"train": "sts-train.tsv", "validation": "sts-dev.tsv", "test": "sts-test.tsv"}
HIGHEST = 5.0


@Corpus.register("stsb")
class SemanticTextualSimilarity(Corpus):
    """
    The STS Benchmark ([Cer et al., 2017](https://aclanthology.org/S17-2001)): pairs of sentences with a `score` of
    their similarity, from 0 to 5. Words are split at spaces; otherwise the sentences are as published.

    A source is a directory or an archive with `sts-train.tsv`, `sts-dev.tsv` and `sts-test.tsv`, plain or compressed:
    genre, file, year, number, score and both sentences, without header or quoting. It is not downloaded.

    Registered as a `Corpus` with name "stsb".
    """

    published = {"train": 5749, "validation": 1500, "test": 1379}

    def read(self) -> Iterator[Tuple[str, Example]]:
        source = self.required_source("the STS benchmark")
        for split, name in FILES.items():
            for where, line in source.lines(source.find(name)):
                if not line.strip():
                    continue
                columns = line.split("\t")
                if len(columns) < 7:
                    raise ConfigurationError(f"{where}: has {len(columns)} columns, but needs at least 7")
                try:
                    score = float(columns[4])
                except ValueError:
                    score = -1.0
                if not 0 <= score <= HIGHEST:
                    raise ConfigurationError(
                        f"{where}: the score must be a number from 0 to 5, not {quoted(columns[4])}"
                    )
                yield (
                    split,
                    {
                        "id": where.rpartition(":")[2],
                        "premise": columns[5].split(),
                        "hypothesis": columns[6].split(),
                        "score": score,
                        "genre": columns[0],
                    },
                )
