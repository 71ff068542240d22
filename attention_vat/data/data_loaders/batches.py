"""
Assigns instances to batches as AllenNLP's samplers do, with the same random numbers.
"""

import random
from array import array
from typing import Callable, List, Optional

import numpy
from allennlp.data import BatchSampler
from allennlp.data.samplers import BucketBatchSampler, MaxTokensBatchSampler

from attention_vat.data.data_loaders.columns import NotFlat


def check_sampler(sampler: Optional[BatchSampler]) -> None:
    """Raises `NotFlat` for a sampler that the loader "flat" does not support."""
    if type(sampler) not in (type(None), BucketBatchSampler, MaxTokensBatchSampler):
        raise NotFlat(f"the batch_sampler is a {type(sampler).__name__}")


def plain_batches(size: int, batch_size: int, shuffle: bool, drop_last: bool) -> List[numpy.ndarray]:
    """
    Makes the batches that AllenNLP makes without a sampler.
    """
    order = array("q", range(size))
    if shuffle:
        random.shuffle(order)
    return _groups(numpy.frombuffer(order, dtype=numpy.int64), batch_size, drop_last)


def sampled_batches(sampler: BucketBatchSampler, lengths: Callable[[str], numpy.ndarray]) -> List[numpy.ndarray]:
    """
    Makes the batches of `sampler.get_batch_indices`, in the same order.  Leaves Python's random generator in the state
    in which the sampler would have left it.

    # Parameters

    sampler : `BucketBatchSampler`
        Its `sorting_keys` must be set.  A `MaxTokensBatchSampler` is a subclass.
    lengths : `Callable[[str], numpy.ndarray]`
        Returns the lengths of all instances for a sorting key, shape `(num_instances,)`.

    # Returns

    batches : `List[numpy.ndarray]`
        Numbers of instances, each of shape `(batch_size,)`.
    """
    of_keys = [lengths(key) for key in sampler.sorting_keys or []]
    # The sampler draws noise for each key of each instance, but then sorts by the first key alone.
    noise = python_random(len(of_keys) * len(of_keys[0]))[:: len(of_keys)]
    order = numpy.argsort(add_noise(of_keys[0], sampler.padding_noise, noise), kind="stable")
    if isinstance(sampler, MaxTokensBatchSampler):
        longest = numpy.max(of_keys, axis=0)[order].tolist()
        groups = [numpy.array(group) for group in sampler._lazy_groups_of_max_size(order.tolist(), longest)]
    else:
        groups = _groups(order, sampler.batch_size, sampler.drop_last)
    if sampler.shuffle:
        random.shuffle(groups)
    return groups


def add_noise(lengths: numpy.ndarray, padding_noise: float, uniform: numpy.ndarray) -> numpy.ndarray:
    """
    AllenNLP's `add_noise_to_value`, rounded in the same way: `length + random.uniform(-noise, noise)`, where the noise
    is the fraction `padding_noise` of the length.
    """
    noise = lengths * padding_noise
    return lengths + (-noise + (noise + noise) * uniform)


def python_random(count: int) -> numpy.ndarray:
    """
    Returns the next `count` numbers of Python's `random.random()`.  numpy's `RandomState` is the same Mersenne Twister
    and draws an array fifty times as fast.
    """
    version, state, gauss = random.getstate()
    generator = numpy.random.RandomState(0)
    generator.set_state(("MT19937", numpy.array(state[:-1], dtype=numpy.uint32), state[-1], 0, 0.0))
    numbers = generator.random_sample(count)
    _, keys, position, _, _ = generator.get_state(legacy=True)  # type: ignore[misc]
    random.setstate((version, (*numpy.asarray(keys).tolist(), int(position)), gauss))
    return numbers


def num_batches(size: int, batch_size: int, drop_last: bool) -> int:
    """Returns the number of batches in an epoch."""
    return size // batch_size if drop_last else -(-size // batch_size)


def _groups(order: numpy.ndarray, batch_size: int, drop_last: bool) -> List[numpy.ndarray]:
    starts = range(0, num_batches(len(order), batch_size, drop_last) * batch_size, batch_size)
    return [order[start : start + batch_size] for start in starts]
