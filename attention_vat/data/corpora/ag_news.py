from typing import Dict, Iterator, List, Tuple

from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora.corpus import Corpus, Example
from attention_vat.data.corpora.parallel import cleaned
from attention_vat.data.corpora.rows import csv_rows
from attention_vat.data.corpora.sources import Source, download
from attention_vat.data.corpora.splits import split_in_two

URL = "https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/master/data/ag_news_csv/{}.csv"
SHA256 = {
    "train": "76a0a2d2f92b286371fe4d4044640910a04a803fdd2538e0f3f29a5c6f6b672e",
    "test": "521465c2428ed7f02f8d6db6ffdd4b5447c1c701962353eb2c40d548c3c85699",
}

FILES = {"train": ("train.csv", "train_subset.csv"), "test": ("test.csv",)}
CLASSES = ("1", "2", "3", "4")
LABELS = {"1": "0", "3": "1"}
VALIDATION_SHARE = 0.15
SEED = 16377


@Corpus.register("ag_news")
class AgNews(Corpus):
    """
    AG News ([Zhang et al., 2015](https://arxiv.org/abs/1509.01626)) with two classes, world (`"0"`) and business
    (`"1"`) news.

    Only the description of each row is used.  It is cleaned and split as in
    [Jain & Wallace (2019)](https://arxiv.org/abs/1902.10186): spaCy's tokens in lower case, `qqq` for tokens with a
    digit; 15% of the training rows are for validation.

    A source is a directory or an archive with `train.csv` (class 1 to 4, title, description) or `train_subset.csv`
    (class, title and description in one column, origin), and `test.csv`, plain or compressed.  Without a source, the
    original files are downloaded.

    Registered as a `Corpus` with name "ag_news".
    """

    published = {"train": 51000, "validation": 9000, "test": 3800, "vocabulary": 13713, "mean_words": 35}
    rows = {"train": 120000, "test": 7600}
    min_df = 5

    def read(self) -> Iterator[Tuple[str, Example]]:
        return cleaned(self._rows(), keep_punctuation=True, number_token="qqq")

    def _rows(self) -> Iterator[Tuple[str, Example]]:
        source = self.source()
        sources: Dict[str, Source] = {
            split: source or download(URL.format(split), digest) for split, digest in SHA256.items()
        }
        names = {
            split: sources[split].find(*FILES[split]) if source else sources[split].names()[0] for split in sources
        }
        training, validation = split_in_two(
            self._news(sources["train"], names["train"], "train"), SEED, test_size=VALIDATION_SHARE
        )
        test = self._news(sources["test"], names["test"], "test")
        for split, examples in (("train", training), ("validation", validation), ("test", test)):
            yield from ((split, example) for example in examples)

    def _news(self, source: Source, name: str, split: str) -> List[Example]:
        news = []
        # In the subset, the second column is the whole text and the third only its origin.
        column = 1 if "subset" in name else 2
        for number, (where, row) in enumerate(Tqdm.tqdm(csv_rows(source, name), desc=split), start=1):
            if len(row) != 3 or row[0] not in CLASSES:
                raise ConfigurationError(f"{where}: a row must have a class from 1 to 4 and two columns of text")
            self.found[split] += 1
            if row[0] in LABELS:
                news.append({"id": f"{split}-{number}", "text": row[column], "label": LABELS[row[0]]})
        return news
