import lzma
from collections import Counter

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import Sentences
from attention_vat.data.corpora.sentences import draw


@pytest.fixture
def pool(tmp_path):
    plain, packed = tmp_path / "plain.txt", tmp_path / "packed.txt.xz"
    plain.write_text("A fine film.\n\n...\nDull!\na FINE film\n", encoding="utf-8")
    with lzma.open(packed, "wt", encoding="utf-8") as file:
        file.write("dull\nIt isn't over\n😀\nהסרט טוב\n")
    return [str(plain), str(packed)]


def texts(**options):
    return [" ".join(example["tokens"]) for _, example in Sentences(**options).read()]


def test_cleaned_distinct_and_not_empty(pool):
    assert texts(sources=pool) == ["a fine film", "dull", "it is n t over", "הסרט טוב"]
    assert {split for split, _ in Sentences(sources=pool).read()} == {"unlabeled"}


def test_sample_depends_on_the_seed_alone(pool):
    first = texts(sources=pool, sample=2, seed=1)
    assert len(first) == 2
    assert first == texts(sources=pool, sample=2, seed=1)
    assert len({tuple(texts(sources=pool, sample=2, seed=seed)) for seed in range(10)}) > 1


def test_sample_is_noted_with_the_statistics(pool, tmp_path):
    statistics = Sentences(sources=pool, sample=2, seed=1).make(tmp_path / "out")
    assert (statistics["sample"], statistics["seed"]) == (2, 1)
    assert statistics["splits"]["unlabeled"]["sentences"] == 2


def test_errors(pool, tmp_path):
    with pytest.raises(ConfigurationError, match="needs --source"):
        texts()
    with pytest.raises(ConfigurationError, match="is a directory; name the text files"):
        texts(sources=[str(tmp_path)])
    with pytest.raises(ConfigurationError, match="hold only 4 sentences"):
        texts(sources=pool, sample=5)
    with pytest.raises(ConfigurationError, match="--sample must be at least 1"):
        texts(sources=pool, sample=0)


def test_lines_of_json_are_no_sentences(tmp_path):
    path = tmp_path / "reviews.jsonl"
    path.write_text('A film.\n{"no": json}\n{"text": "A fine film."}\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"reviews.jsonl:3: is a JSON object; write its text into a text file"):
        texts(sources=[str(path)])


def test_every_item_has_the_same_chance():
    counts = Counter(item for seed in range(2000) for item in draw(range(8), 3, seed))
    assert set(counts) == set(range(8))
    # Binomial with mean 750 and standard deviation 21.7: five of them either way.
    assert all(abs(count - 750) < 110 for count in counts.values())


def test_draw_keeps_the_order():
    drawn = draw(range(100), 30, seed=3)
    assert drawn == sorted(drawn)
    assert len(set(drawn)) == 30
    assert draw(range(5), 30, seed=3) == [0, 1, 2, 3, 4]
