import random

import pytest
from allennlp.data import Vocabulary
from allennlp.data.data_loaders import MultiProcessDataLoader

from attention_vat.data.data_loaders import FlatDataLoader
from attention_vat.data.dataset_readers import SingleSequenceReader
from attention_vat.training.loader_position import PartsOfPasses, knowing_its_place, position_of
from tests.training.runs import FIXTURES


def loader(**options):
    reader = SingleSequenceReader(max_instances=11)
    result = MultiProcessDataLoader(reader, str(FIXTURES / "train.jsonl"), **{"batch_size": 3, **options})
    result.index_with(Vocabulary.from_instances(result.iter_instances()))
    return result


def epochs(data_loader, count):
    return [batch["tokens"]["tokens"]["tokens"].tolist() for _ in range(count) for batch in data_loader]


@pytest.mark.parametrize("options", [{}, {"max_instances_in_memory": 6}])
def test_parts_of_passes(options):
    options = {"batches_per_epoch": 3, "shuffle": True, **options}
    random.seed(1)
    expected = epochs(loader(**options), 6)
    around = knowing_its_place(loader(**options))
    random.seed(1)
    assert epochs(around, 6) == expected

    # Four batches a pass: the second epoch ends in the middle of one.
    random.seed(1)
    stopped = knowing_its_place(loader(**options))
    assert epochs(stopped, 2) == expected[:6]
    place, state = position_of(stopped), random.getstate()
    random.seed(2)
    continued = knowing_its_place(loader(**options))
    continued.load_state_dict(place)
    random.setstate(state)
    assert epochs(continued, 4) == expected[6:]


def test_other_loaders_are_left_alone():
    whole = loader()
    assert knowing_its_place(whole) is whole and position_of(whole) is None and position_of(None) is None
    flat = FlatDataLoader(SingleSequenceReader(max_instances=11), str(FIXTURES / "train.jsonl"), batch_size=3)
    assert knowing_its_place(flat) is flat and position_of(flat) == {}
    parts = knowing_its_place(loader(batches_per_epoch=3))
    assert isinstance(parts, PartsOfPasses) and position_of(parts) == {}
    assert (len(parts), parts.batch_size, len(list(parts.iter_instances()))) == (3, 3, 11)
