import json
from collections import Counter

import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary

from attention_vat.data.dataset_readers.masked_words import MaskedWordsReader

TINY_BERT = "fixtures/tiny_bert"
WORDS = ["the", "film", "is", "a", "masterpiece", "and", "the", "story", "is", "good"]


def reader(**options):
    return MaskedWordsReader(TINY_BERT, **options)


def fields(instance):
    """What stands there, where the model is asked, and what was there."""
    tokens, asked, targets = instance["tokens"].tokens, instance["chosen"].tensor, instance["target_ids"].tensor
    assert len(tokens) == len(asked) == len(targets)
    return [token.text_id for token in tokens], asked.tolist(), targets.tolist()


def originals():
    ids, asked, _ = fields(reader(mask_rate=0.0).text_to_instance(WORDS))
    assert not any(asked)
    return ids


def test_what_is_chosen_is_replaced_and_asked_for():
    before = originals()
    ids, asked, targets = fields(reader(mask_rate=1.0, keep_rate=0.0, random_rate=0.0).text_to_instance(WORDS))
    assert asked == [False] + [True] * (len(ids) - 2) + [False], "special tokens are never chosen"
    mask_id = reader()._pieces.tokenizer.mask_token_id
    assert ids == [before[0]] + [mask_id] * (len(ids) - 2) + [before[-1]]
    assert targets == [0, *before[1:-1], 0]
    ids, asked, targets = fields(reader(mask_rate=1.0, keep_rate=1.0, random_rate=0.0).text_to_instance(WORDS))
    assert ids == before
    assert targets == [0, *before[1:-1], 0]


def test_rates():
    made = reader(mask_rate=0.3, keep_rate=0.2, random_rate=0.3)
    tokenizer, kinds, total = made._pieces.tokenizer, Counter(), 0
    for number in range(300):
        text = WORDS[number % 7 :] + WORDS + ["a"] * (number % 11) + ["film"] * (number // 11)
        ids, asked, targets = fields(made.text_to_instance(text))
        total += len(ids) - 2
        for now, is_asked, before in zip(ids, asked, targets):
            if is_asked:
                kinds["mask" if now == tokenizer.mask_token_id else "kept" if now == before else "other"] += 1
                assert now == tokenizer.mask_token_id or now not in tokenizer.all_special_ids
    chosen = sum(kinds.values())
    assert chosen / total == pytest.approx(0.3, abs=0.02)
    assert kinds["mask"] / chosen == pytest.approx(0.5, abs=0.03)
    assert kinds["kept"] / chosen == pytest.approx(0.2, abs=0.03)
    assert kinds["other"] / chosen == pytest.approx(0.3, abs=0.03)


def test_the_seed_and_the_text_decide(tmp_path):
    lines = [{"tokens": WORDS, "id": "a", "label": "1"}, {"premise": WORDS, "hypothesis": ["x"]}, {"text": "a film"}]
    path = tmp_path / "data.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    first, pair, short = reader(mask_rate=0.5).read(str(path))
    assert fields(first) == fields(pair) == fields(reader(mask_rate=0.5).text_to_instance(" ".join(WORDS)))
    assert fields(first) != fields(reader(mask_rate=0.5, seed=1).text_to_instance(WORDS))
    assert first["metadata"].metadata == {"id": "a", "words": WORDS}
    assert short["metadata"].metadata == {"words": ["a", "film"]}


def test_a_long_text_is_cut():
    ids, asked, _ = fields(reader(max_length=8, mask_rate=0.0).text_to_instance(WORDS))
    assert ids == [*originals()[:7], originals()[-1]]
    assert len(asked) == 8


def test_it_becomes_tensors():
    instance = reader().text_to_instance(WORDS)
    reader().apply_token_indexers(instance)
    instance.index_fields(Vocabulary())
    tensors = instance.as_tensor_dict()
    assert tensors["tokens"]["tokens"]["token_ids"].tolist() == fields(instance)[0]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"mask_rate": 1.5}, "masked_words: mask_rate is 1.5, but must be from 0 to 1"),
        ({"keep_rate": 0.6, "random_rate": 0.6}, r"keep_rate \+ random_rate is 1.2"),
        ({"max_length": 7}, "max_length must be at least 8, not 7"),
    ],
)
def test_options_out_of_range(options, problem):
    with pytest.raises(ConfigurationError, match=problem):
        reader(**options)


def test_broken_lines_are_named(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text('{"tokens": ["a"]}\n{"label": "1"}\n')
    with pytest.raises(ConfigurationError, match="data.jsonl:2: "):
        list(reader().read(str(path)))
