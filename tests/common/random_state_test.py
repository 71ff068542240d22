import inspect
import io
import random

import numpy
import torch

from attention_vat.common.random_state import get_random_state, set_random_state


def draw():
    return random.random(), numpy.random.rand(), numpy.random.randn(), torch.rand(3).tolist(), random.gauss(0, 1)


def test_the_same_numbers_come_again():
    draw()
    state = get_random_state()
    first = draw()
    draw()
    set_random_state(state)
    assert draw() == first


def test_the_state_loads_without_pickled_code():
    """`torch.load(weights_only=True)` is what AllenNLP's checkpoints are read with on new versions of torch."""
    state, buffer = get_random_state(), io.BytesIO()
    first = draw()
    torch.save(state, buffer)
    buffer.seek(0)
    accepts = "weights_only" in inspect.signature(torch.load).parameters  # from torch 1.13 on
    loaded = torch.load(buffer, **({"weights_only": True} if accepts else {}))
    set_random_state(loaded)
    assert draw() == first
