from attention_vat.data.corpora.statistics import SplitStatistics, comparison_table, summarize


def made(*sentences):
    split = SplitStatistics()
    for tokens, label in sentences:
        split.add(label, tokens.split())
    return split


def test_summary_counts_by_hand():
    statistics = summarize(
        {
            "train": made(("a fine film", "1"), ("a dull one", "0"), ("fine", "1")),
            "test": made(("", "0")),
            "unlabeled": made(("something else altogether", None)),
        }
    )
    assert statistics["splits"]["train"] == {
        "sentences": 3,
        "words": 7,
        "mean_words": 2.33,
        "vocabulary": 5,
        "classes": {"0": 1, "1": 2},
    }
    assert statistics["splits"]["test"]["mean_words"] == 0.0
    assert "classes" not in statistics["splits"]["unlabeled"]
    assert statistics["vocabulary"] == 5, "that of the training split"
    assert statistics["mean_words"] == 1.75, "over the labelled sentences"


def test_summary_of_a_pool_and_of_nothing():
    assert summarize({"unlabeled": made(("a b", None), ("b c d e", None))})["vocabulary"] == 5
    assert summarize({}) == {"splits": {}, "vocabulary": 0, "mean_words": 0.0}


def test_table():
    statistics = summarize({"train": made(("a b c", "1"), ("d", "0")), "unlabeled": made(("x", None))})
    published = {"train": 1000, "validation": 20, "vocabulary": 3, "mean_words": 2}
    assert comparison_table(published, statistics).splitlines() == [
        "            published  got  difference",
        "train           1,000    2        -998",
        "unlabeled           -    1           -",
        "vocabulary          3    4          +1",
        "mean words        2.0  2.0         0.0",
        "validation         20    0         -20",
    ]


def test_pairs_and_rare_words():
    train, unlabeled = SplitStatistics(), SplitStatistics()
    train.add("yes", ["a", "b", "b"], ["a"])
    unlabeled.add(None, ["c", "b"], ["d"])
    splits = {"unlabeled": unlabeled, "train": train}
    assert list(summarize(splits)["splits"]) == ["train", "unlabeled"], "in the order of the table"
    assert summarize(splits)["mean_words"] == 4.0, "of both texts"
    assert summarize(splits)["vocabulary"] == 2
    assert summarize(splits, vocabulary_of=("train", "unlabeled"))["vocabulary"] == 4
    # "b" is twice in one text and once in another, "a" in two texts.
    rare = summarize(splits, min_df=2, vocabulary_of=("train", "unlabeled"))
    assert (rare["vocabulary"], rare["vocabulary_min_df"]) == (2, 2)


def test_two_test_sets_are_labelled():
    splits = {name: made(("a b", "1")) for name in ("test_mismatched", "test_matched", "train", "validation")}
    statistics = summarize({**splits, "unlabeled": made(("x", None))})
    assert list(statistics["splits"]) == ["train", "validation", "test_mismatched", "test_matched", "unlabeled"]
    assert statistics["mean_words"] == 2.0


def test_table_of_a_partial_source():
    statistics = summarize({"train": made(("a b c", "1"))})
    statistics["partial"] = {"train": {"read": 1000, "published": 20000}}
    assert comparison_table({}, statistics).splitlines()[-1] == (
        "partial source: 1,000 of 20,000 rows of train; differences are expected"
    )
