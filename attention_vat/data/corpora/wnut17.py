from typing import Iterator, List, Tuple

from allennlp.common.checks import ConfigurationError

from attention_vat.common.texts import quoted
from attention_vat.data.corpora.corpus import Corpus, Example

FILES = {
    "train": ("train.conll", "wnut17train.conll"),
    "validation": ("dev.conll", "emerging.dev.conll"),
    "test": ("test.conll", "emerging.test.annotated"),
}


@Corpus.register("wnut17")
class EmergingEntities(Corpus):
    """
    WNUT-17, emerging and rare entities ([Derczynski et al., 2017](https://aclanthology.org/W17-4418)): `tokens` and
    `tags`, a BIO tag for each, for the reader `word_tags`.

    A source is a directory or an archive with `train.conll`, `dev.conll` and `test.conll`, or with the original names
    (`wnut17train.conll`, `emerging.dev.conll`, `emerging.test.annotated`): a word, a tab and its tag on each line, and
    a blank line between sentences. It is not downloaded.

    Registered as a `Corpus` with name "wnut17".
    """

    published = {"train": 3394, "validation": 1009, "test": 1287}

    def read(self) -> Iterator[Tuple[str, Example]]:
        source = self.required_source("WNUT-17")
        for split, names in FILES.items():
            tokens: List[str] = []
            tags: List[str] = []
            number = 0
            for where, line in source.lines(source.find(*names)):
                if line.strip():
                    word, tab, tag = line.rstrip().rpartition("\t")
                    if not tab or not word.strip() or not (tag == "O" or tag[:2] in ("B-", "I-")):
                        raise ConfigurationError(
                            f"{where}: a line must be a word, a tab and a tag such as B-person, not {quoted(line)}"
                        )
                    tokens.append(word.strip())
                    tags.append(tag)
                elif tokens:
                    number += 1
                    yield split, {"id": f"{split}-{number}", "tokens": tokens, "tags": tags}
                    tokens, tags = [], []
            if tokens:
                yield split, {"id": f"{split}-{number + 1}", "tokens": tokens, "tags": tags}
