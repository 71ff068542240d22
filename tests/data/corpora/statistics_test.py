from attention_vat.data.corpora.statistics import SplitStatistics, comparison_table, summarize


def made(*sentences):
    split = SplitStatistics()
    for tokens, label in sentences:
        split.add(tokens.split(), label)
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
