from typing import Dict, Iterator, Tuple

from attention_vat.data.corpora.corpus import Corpus, Example
from attention_vat.data.corpora.parallel import cleaned
from attention_vat.data.corpora.snli import inference_pairs
from attention_vat.data.corpora.sources import Source, download
from attention_vat.data.corpora.splits import split_in_two

URL = "https://cims.nyu.edu/~sbowman/multinli/multinli_1.0.zip"
SHA256 = "049f507b9e36b1fcb756cfd5aeb3b7a0cfcb84bf023793652987f7e7e0957822"

FILES = {
    "train": ("multinli_1.0_train.jsonl", "train.jsonl", "train_subset.jsonl"),
    "test_matched": ("multinli_1.0_dev_matched.jsonl", "dev_matched.jsonl"),
    "test_mismatched": ("multinli_1.0_dev_mismatched.jsonl", "dev_mismatched.jsonl"),
}
VALIDATION_SHARE = 0.2


@Corpus.register("multinli")
class MultiGenreNaturalLanguageInference(Corpus):
    """
    The Multi-Genre Natural Language Inference corpus ([Williams et al., 2018](https://aclanthology.org/N18-1101)), in
    the format of `snli` and cleaned in the same way.

    The labels of its test sets are not public, so the two development sets are the test sets: `test_matched`, with the
    genres of the training set, and `test_mismatched`, with other genres.  For validation, 20% of the training pairs are
    drawn, which gives the published counts; the seed was not published.  Half of the remaining pairs become unlabelled.

    A source is a directory or an archive with the original `multinli_1.0_train.jsonl`, `…_dev_matched.jsonl` and
    `…_dev_mismatched.jsonl`, or these without `multinli_1.0_`, plain or compressed.  Without a source, the original
    archive is downloaded.

    Registered as a `Corpus` with name "multinli".
    """

    # The paper gives 19,647 for both test sets together.
    published = {
        "train": 157080,
        "unlabeled": 157081,
        "validation": 78541,
        "test_matched": 9815,
        "test_mismatched": 9832,
        "vocabulary": 53112,
        "mean_words": 34,
    }
    rows = {"train": 392702, "test_matched": 9815, "test_mismatched": 9832}
    half_unlabeled = True

    def read(self) -> Iterator[Tuple[str, Example]]:
        source = self.source() or download(URL, SHA256)
        files = {split: source.find(*names) for split, names in FILES.items()}
        return self.halved(cleaned(self._pairs(source, files), keep_punctuation=True, number_token="qqq"))

    def _pairs(self, source: Source, files: Dict[str, str]) -> Iterator[Tuple[str, Example]]:
        for split, name in files.items():
            pairs = inference_pairs(source, name, split)
            if split == "train":
                everything = list(pairs)
                self.found[split] = len(everything)
                training, validation = split_in_two(everything, self.seed, test_size=VALIDATION_SHARE)
                yield from (("train", example) for example in training)
                yield from (("validation", example) for example in validation)
            else:
                for example in pairs:
                    self.found[split] += 1
                    yield split, example
