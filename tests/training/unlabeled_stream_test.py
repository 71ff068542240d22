import random

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.training import UnlabeledStream


class ShuffledNumbers:
    """Like AllenNLP's loaders: shuffles by Python's global generator when a pass begins."""

    def __init__(self, size=5):
        self.size = size

    def __iter__(self):
        numbers = list(range(self.size))
        random.shuffle(numbers)
        yield from numbers


def take(stream, count):
    return [next(stream) for _ in range(count)]


def test_cycles_and_reshuffles():
    stream = UnlabeledStream(ShuffledNumbers(20), seed=1)
    first, second = take(stream, 20), take(stream, 20)
    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second


def test_follows_its_seed_and_leaves_the_global_generator_alone():
    random.seed(5)
    expected = random.random()
    random.seed(5)
    passes = [take(UnlabeledStream(ShuffledNumbers(20), seed=seed), 30) for seed in (1, 1, 2)]
    assert random.random() == expected
    assert passes[0] == passes[1] != passes[2]


@pytest.mark.parametrize("taken", [0, 1, 4, 5, 6, 13])
def test_goes_on_where_it_was(taken):
    stream = UnlabeledStream(ShuffledNumbers(), seed=1)
    take(stream, taken)
    state = stream.state_dict()
    expected = take(stream, 12)
    recovered = UnlabeledStream(ShuffledNumbers(), seed=99)
    recovered.load_state_dict(state)
    assert take(recovered, 12) == expected


def test_nothing_to_draw():
    with pytest.raises(ConfigurationError, match="no sentences"):
        next(UnlabeledStream(ShuffledNumbers(0), seed=1))


def test_a_loader_whose_epochs_are_parts_of_a_pass():
    class Parts(ShuffledNumbers):
        """Three of five numbers at a time."""

        left: list = []

        def __iter__(self):
            for _ in range(3):
                self.left = self.left or list(ShuffledNumbers.__iter__(self))
                yield self.left.pop()

        def state_dict(self):
            return {"left": list(self.left)}

        def load_state_dict(self, state):
            self.left = list(state["left"])

    stream = UnlabeledStream(Parts(), seed=1)
    take(stream, 7)
    state = stream.state_dict()
    expected = take(stream, 12)
    recovered = UnlabeledStream(Parts(), seed=99)
    recovered.load_state_dict(state)
    assert take(recovered, 12) == expected
