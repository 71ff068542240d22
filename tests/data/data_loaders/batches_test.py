import random

import numpy
import pytest
from allennlp.data.samplers.bucket_batch_sampler import add_noise_to_value
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.data.data_loaders.batches import add_noise, num_batches, plain_batches, python_random


@pytest.mark.parametrize("before", [0, 1, 311, 312, 623, 624, 1000])
def test_python_random_is_pythons_random(before):
    random.seed(before)
    random.gauss(0, 1)  # leaves the second of a pair behind
    for _ in range(before):
        random.getrandbits(32)
    state = random.getstate()
    expected = [random.random() for _ in range(1000)] + [random.gauss(0, 1), random.getrandbits(7)]
    random.setstate(state)
    assert [*python_random(1000).tolist(), random.gauss(0, 1), random.getrandbits(7)] == expected


def test_none_are_drawn():
    state = random.getstate()
    assert python_random(0).shape == (0,)
    assert random.getstate() == state


@given(st.lists(st.integers(0, 10**6), min_size=1), st.floats(0, 10), st.integers(0, 10**6))
def test_noise_is_allennlps_to_the_last_bit(lengths, padding_noise, seed):
    random.seed(seed)
    expected = [add_noise_to_value(length, padding_noise) for length in lengths]
    random.seed(seed)
    noisy = add_noise(numpy.array(lengths), padding_noise, python_random(len(lengths)))
    assert noisy.tolist() == expected


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("size", [0, 1, 5, 6, 7])
def test_plain_batches(size, drop_last):
    batches = [batch.tolist() for batch in plain_batches(size, 3, shuffle=False, drop_last=drop_last)]
    expected = [list(range(size))[start : start + 3] for start in range(0, size, 3)]
    assert batches == [batch for batch in expected if len(batch) == 3 or not drop_last]
    assert num_batches(size, 3, drop_last) == len(batches)
