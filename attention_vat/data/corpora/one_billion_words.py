import hashlib
import heapq
from typing import Dict, Iterable, Iterator, List, Set, Tuple

from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora.cleaning import clean_words
from attention_vat.data.corpora.corpus import Corpus, Example
from attention_vat.data.corpora.parallel import parallel_map
from attention_vat.data.corpora.sources import Source, download

URL = "http://www.statmt.org/lm-benchmark/1-billion-word-language-modeling-benchmark-r13output.tar.gz"
SHA256 = "01ba60381110baf7f189dfd2b8374de371e8c9a340835793f190bdae9e90a34e"

TRAINING = "training-monolingual.tokenized.shuffled"
SHARD = "news.en-"


@Corpus.register("one_billion_words")
class OneBillionWords(Corpus):
    """
    A pool of unlabelled sentences from the One Billion Word benchmark
    ([Chelba et al., 2013](https://arxiv.org/abs/1312.3005)), cleaned as the labelled corpora are.

    Only the first of several sentences that are equal after cleaning is kept; sentences without a word are dropped.
    The files are streamed through all cores.  With `--sample N`, at most N sentences are held in memory; each distinct
    sentence has the same probability, and the order is kept.  Without it, 8 bytes per sentence are stored to find
    duplicates (about 2 GB for the whole benchmark).

    Sources are directories, archives or text files with one sentence per line, plain or compressed: the files
    `training-monolingual.tokenized.shuffled/news.en-*` of the benchmark's archive, or all files of anything else.
    Without a source, the original archive (1.8 GB) is downloaded.

    Registered as a `Corpus` with name "one_billion_words".
    """

    is_pool = True
    rows = {"unlabeled": 30301028}

    def read(self) -> Iterator[Tuple[str, Example]]:
        sources = [Source(path) for path in self.sources] or [download(URL, SHA256)]
        sentences = parallel_map(clean_words, self._lines(sources))
        if self.sample is None:
            chosen: Iterable[List[str]] = distinct(sentences)
        else:
            chosen = sample_of_distinct(sentences, self.sample, self.seed)
            if len(chosen) < self.sample:
                raise ConfigurationError(f"--sample {self.sample}: the source holds only {len(chosen)} sentences")
        for tokens in chosen:
            yield "unlabeled", {"tokens": tokens}

    def _lines(self, sources: List[Source]) -> Iterator[str]:
        for source in sources:
            names = source.names()
            shards = {name for name in names if SHARD in name and (TRAINING in name or len(names) == 1)}
            shards = shards or {name for name in names if SHARD in name} or set(names)
            for _, line in Tqdm.tqdm(source.walk_lines(shards.__contains__), desc=source.path.name):
                if line.strip():
                    self.found["unlabeled"] += 1
                    yield line


def distinct(sentences: Iterable[List[str]]) -> Iterator[List[str]]:
    """
    Yields the sentences with a word, without duplicates.
    """
    seen: Set[int] = set()
    for tokens in sentences:
        key = key_of(tokens)
        if tokens and key not in seen:
            seen.add(key)
            yield tokens


def sample_of_distinct(sentences: Iterable[List[str]], number: int, seed: int) -> List[List[str]]:
    """
    Draws `number` distinct sentences with a word, each with the same probability, and returns them in their order; all
    of them if there are fewer.

    A sentence's hash decides whether it is drawn: the smallest hashes win.  A repeated sentence has the same hash, so
    it is either held already or loses again; only the winners need to be stored.
    """
    held: Dict[int, Tuple[int, List[str]]] = {}
    largest: List[int] = []  # the keys that are held, negated, as a heap
    for place, tokens in enumerate(sentences):
        key = key_of(tokens, seed)
        if not tokens or key in held or (len(held) == number and key > -largest[0]):
            continue
        held[key] = (place, tokens)
        heapq.heappush(largest, -key)
        if len(held) > number:
            del held[-heapq.heappop(largest)]
    return [tokens for _, tokens in sorted(held.values(), key=lambda pair: pair[0])]


def key_of(tokens: List[str], seed: int = 0) -> int:
    """Returns a hash of a sentence, used to draw sentences and to find duplicates."""
    text = " ".join(tokens).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8, key=str(seed).encode()).digest(), "big")
