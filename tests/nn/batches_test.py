import torch

from attention_vat.nn.batches import num_cells, one_batch, padded


def test_the_texts_of_both_with_padding():
    first = {"tokens": {"ids": torch.tensor([[3, 4]])}, "candidates": torch.tensor([[1, 0]])}
    second = {"tokens": {"ids": torch.tensor([[5, 6, 7], [8, 0, 0]])}, "candidates": torch.tensor([[0, 1], [1, 1]])}
    both = one_batch(first, second)
    assert both["tokens"]["ids"].tolist() == [[3, 4, 0], [5, 6, 7], [8, 0, 0]]
    assert both["candidates"].tolist() == [[1, 0], [0, 1], [1, 1]]
    assert num_cells(first) == 2 and num_cells(both) == 9


def test_masks_and_offsets():
    first = {"mask": torch.tensor([[True]]), "offsets": torch.tensor([[[1, 2]]])}
    second = {"mask": torch.tensor([[True, True]]), "offsets": torch.tensor([[[1, 1], [2, 3]]])}
    both = one_batch(first, second)
    assert both["mask"].tolist() == [[True, False], [True, True]]
    assert both["offsets"].tolist() == [[[1, 2], [0, 0]], [[1, 1], [2, 3]]]


def test_fields_that_do_not_go_together():
    ids = torch.tensor([[3, 4]])
    assert one_batch({"tokens": ids}, {"tokens": ids, "candidates": ids}) is None
    assert one_batch({"tokens": ids}, {"tokens": {"ids": ids}}) is None
    assert one_batch({"tokens": {"ids": ids}}, {"tokens": {"characters": ids}}) is None
    assert one_batch({"tokens": ids}, {"tokens": ids[0]}) is None


def test_what_is_large_enough_is_not_copied():
    ids = torch.tensor([[3, 4]])
    assert padded(ids, [2]) is ids
    assert padded(ids, [3]).tolist() == [[3, 4, 0]]
