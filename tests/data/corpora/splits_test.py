from collections import Counter

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora.splits import keep_labels, split_in_two, unlabel_half


def test_split_is_that_of_scikit_learn():
    # What scikit-learn gave when Jain & Wallace split, and still gives.
    first, second = split_in_two(range(10), 16377, test_size=0.15)
    assert (len(first), len(second)) == (8, 2)
    assert sorted(first + second) == list(range(10))
    assert (first, second) == split_in_two(list(range(10)), 16377, test_size=0.15)
    assert split_in_two(range(10), 1, test_size=0.15) != (first, second)


def test_published_sizes():
    assert [len(part) for part in split_in_two(range(60000), 16377, test_size=0.15)] == [51000, 9000]
    assert [len(part) for part in split_in_two(range(392702), 1, test_size=0.2)] == [157080 + 157081, 78541]


def test_stratified():
    labels = ["0"] * 20 + ["1"] * 40
    _, second = split_in_two(list(enumerate(labels)), 3, stratify=labels, test_size=0.2)
    assert Counter(label for _, label in second) == {"0": 4, "1": 8}


def test_too_few():
    with pytest.raises(ConfigurationError, match="too few examples to be split .1."):
        split_in_two([1], 0, test_size=0.5)


def halves(number, seed=0):
    examples = [("train", {"id": place, "label": "1"}) for place in range(number)]
    return list(unlabel_half([*examples, ("test", {"id": "t", "label": "0"})], seed))


@pytest.mark.parametrize(("number", "kept"), [(0, 0), (1, 0), (2, 1), (549, 274), (550, 275)])
def test_half_keeps_its_labels(number, kept):
    made = halves(number)
    counts = Counter(split for split, _ in made)
    assert (counts["train"], counts["unlabeled"], counts["test"]) == (kept, number - kept, 1)
    assert sorted(example["id"] for split, example in made if split != "test") == list(range(number))
    assert all(("label" in example) == (split != "unlabeled") for split, example in made)


def test_order_stays_and_the_seed_decides():
    kept = [example["id"] for split, example in halves(200, seed=1) if split == "train"]
    assert kept == sorted(kept)
    assert halves(200, seed=1) == halves(200, seed=1) != halves(200, seed=2)
    assert 20 < sum(place % 2 for place in kept) < 80, "not always the first of two"


def kept_labels(number, seed=0):
    examples = [("train", {"id": place, "label": "1", "score": 2.0, "tags": ["O"]}) for place in range(100)]
    return list(keep_labels([*examples, ("test", {"id": "t", "label": "0"})], number, seed))


@pytest.mark.parametrize("number", [1, 30, 100])
def test_some_labels_stay(number):
    made = kept_labels(number)
    counts = Counter(split for split, _ in made)
    assert (counts["train"], counts["unlabeled"], counts["test"]) == (number, 100 - number, 1)
    assert sorted(example["id"] for split, example in made if split != "test") == list(range(100))
    assert all(example.keys() == {"id"} for split, example in made if split == "unlabeled")
    kept = [example["id"] for split, example in made if split == "train"]
    assert kept == sorted(kept)


def test_more_labels_are_these_and_others():
    few, more, other = (
        {example["id"] for split, example in made if split == "train"}
        for made in (kept_labels(20), kept_labels(50), kept_labels(20, seed=1))
    )
    assert few < more
    assert few != other
    assert len({place // 25 for place in few}) == 4, "from all parts"


def test_more_labels_than_there_are():
    with pytest.raises(ConfigurationError, match="--labeled is 101, but the training set has 100 examples"):
        kept_labels(101)
