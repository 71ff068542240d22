import json
import random
from typing import Iterable, Iterator, List, Optional, Set, Tuple, TypeVar

from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora.cleaning import clean_words
from attention_vat.data.corpora.corpus import Corpus, Example
from attention_vat.data.corpora.sources import Source

T = TypeVar("T")


@Corpus.register("sentences")
class Sentences(Corpus):
    """
    A pool of unlabelled sentences from plain text, one sentence per line, cleaned as the labelled corpora are.

    Only the first of several sentences that are equal after cleaning is kept; sentences without a word are dropped. The
    order of the sources is kept, even in a sample.

    A source is a UTF-8 text file, plain or compressed (`.xz`, `.gz`, `.bz2`); several are allowed.

    Registered as a `Corpus` with name "sentences".
    """

    is_pool = True

    def read(self) -> Iterator[Tuple[str, Example]]:
        if not self.sources:
            raise ConfigurationError("sentences needs --source FILE…: text files with one sentence per line")
        sources = [Source(path) for path in self.sources]
        for source in sources:
            if source.path.is_dir():
                raise ConfigurationError(f"{source.path}: is a directory; name the text files in it")
        pool: Iterable[List[str]] = self._distinct(sources)
        if self.sample is not None:
            pool = draw(pool, self.sample, self.seed)
            if len(pool) < self.sample:
                raise ConfigurationError(f"--sample {self.sample}: the sources hold only {len(pool)} sentences")
        for tokens in pool:
            yield "unlabeled", {"tokens": tokens}

    def _distinct(self, sources: List[Source]) -> Iterator[List[str]]:
        seen: Set[str] = set()
        for source in sources:
            for name in source.names():
                for where, line in Tqdm.tqdm(source.lines(name), desc=source.path.name):
                    if line.startswith('{"') and _is_json(line):
                        raise ConfigurationError(
                            f"{where}: is a JSON object; write its text into a text file, one sentence per line."
                        )
                    tokens = clean_words(line)
                    sentence = " ".join(tokens)
                    if tokens and sentence not in seen:
                        seen.add(sentence)
                        yield tokens


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def draw(items: Iterable[T], number: int, seed: Optional[int]) -> List[T]:
    """
    Draws `number` items at random, each with the same probability, and returns them in their order; all of them if
    there are fewer.

    This is reservoir sampling: only the drawn items are held in memory.
    """
    rng = random.Random(seed)
    drawn: List[Tuple[int, T]] = []
    for index, item in enumerate(items):
        if index < number:
            drawn.append((index, item))
        else:
            place = int(rng.random() * (index + 1))
            if place < number:
                drawn[place] = (index, item)
    return [item for _, item in sorted(drawn, key=lambda pair: pair[0])]
