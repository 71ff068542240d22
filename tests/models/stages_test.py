import torch

from attention_vat.models.stages import CleanPass, Embedded, Encoded, WholePass, first_texts


def encoded(**optional):
    mask = torch.ones(3, 4, dtype=torch.bool)
    return Encoded(torch.rand(3, 4, 5), torch.rand(3, 4, 2), torch.rand(3, 4), mask, **optional)


def test_first_texts():
    full = encoded(query=torch.rand(3, 2), factors=torch.rand(3, 4))
    first = first_texts(full, 2)
    for name, part in full._asdict().items():
        taken = getattr(first, name)
        assert (taken is None) if part is None else torch.equal(taken, part[:2]), name


def test_what_is_missing_is_missing_in_the_first_texts():
    assert first_texts(encoded(), 1).query is None


def test_labelled_texts_of_a_clean_pass():
    embedded = Embedded(torch.rand(3, 4, 5), torch.ones(3, 4, dtype=torch.bool))
    clean = CleanPass(embedded, encoded(), logits=torch.rand(3, 2))
    assert clean.num_labeled == 0
    assert clean._replace(label=torch.tensor([1, 0])).num_labeled == 2


def test_labelled_texts_of_a_whole_pass_are_all_or_none():
    whole = WholePass({}, logits=torch.rand(3, 2))
    assert whole.num_labeled == 0
    assert whole._replace(label={"label": torch.tensor([1, 0, 1])}).num_labeled == 3
