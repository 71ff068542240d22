import logging
import random
from collections import deque
from itertools import islice
from typing import Any, Dict, Iterator, List, Optional, Union

import numpy
import torch
from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError
from allennlp.data import BatchSampler, DataLoader, DatasetReader, Instance, TensorDict, Vocabulary
from allennlp.data.data_loaders import MultiProcessDataLoader
from allennlp.data.dataset_readers import DatasetReaderInput
from allennlp.data.samplers import MaxTokensBatchSampler
from allennlp.nn.util import move_to_device

from attention_vat.data.data_loaders.batches import check_sampler, num_batches, plain_batches, sampled_batches
from attention_vat.data.data_loaders.cache import FlatCache
from attention_vat.data.data_loaders.columns import NotFlat
from attention_vat.data.data_loaders.flat_data import FlatData
from attention_vat.data.data_loaders.sources import source_of

logger = logging.getLogger(__name__)


@DataLoader.register("flat", constructor="build")
class FlatDataLoader(DataLoader):
    """
    Gives the same batches as AllenNLP's `MultiProcessDataLoader` in a fraction of its time and memory.  Instead of
    `Instance`s it keeps an array with a number for each word, so that a batch is a look-up, and it draws the noise of a
    bucket sampler all at once: the same numbers from the same generator, so the same seed gives the same batches.

    With the readers `single_sequence` and `pair_sequence`, the lines of a file go straight into these arrays.  Any
    other reader yields one instance at a time, and must yield the same instances each time.  In distributed training,
    each process keeps the share that the reader gives it.

    It supports `TextField`s with indexers of type `single_id`, `LabelField`s, `CandidatesField`s and `MetadataField`s,
    and the samplers "bucket" and "max_tokens".  For anything else it falls back to a `MultiProcessDataLoader`, and a
    warning says why.  Metadata is a sequence that is read from the file on first access.

    Registered as a `DataLoader` with name "flat".

    # Parameters

    reader : `DatasetReader`, required.
    data_path : `DatasetReaderInput`, required.
    batch_size, drop_last, shuffle, batch_sampler, batches_per_epoch, cuda_device, quiet :
        As in the `MultiProcessDataLoader`.
    fields : `List[str]`, optional (default = all that the reader gives)
        The fields to keep; names that the reader does not give are ignored.
    cache_dir : `str`, optional (default = `None`)
        A folder for the arrays, so that later runs need not read the data again.  An entry depends on the contents of
        the file, the parameters of the reader, the process' share and the versions of the libraries, but not on a
        vocabulary.  A damaged entry is rebuilt.  It works only with the readers `single_sequence` and `pair_sequence`.

    Raises `ConfigurationError` for options that exclude each other, a `cache_dir` that cannot be written, instances
    whose fields differ from those of the first one, and a file without instances.

    # Examples

        "data_loader": {
          "type": "flat",
          "batch_sampler": {"type": "bucket", "batch_size": 32, "sorting_keys": ["tokens"]}
        }
    """

    def __init__(
        self,
        reader: DatasetReader,
        data_path: DatasetReaderInput,
        *,
        batch_size: Optional[int] = None,
        drop_last: bool = False,
        shuffle: bool = False,
        batch_sampler: Optional[BatchSampler] = None,
        batches_per_epoch: Optional[int] = None,
        fields: Optional[List[str]] = None,
        cache_dir: Optional[str] = None,
        cuda_device: Optional[Union[int, str, torch.device]] = None,
        quiet: bool = False,
    ) -> None:
        if batch_sampler is not None and (batch_size is not None or drop_last or shuffle):
            raise ConfigurationError("data_loader: batch_sampler excludes batch_size, drop_last and shuffle.")
        if batch_sampler is None and (batch_size is None or batch_size < 1):
            raise ConfigurationError(
                f"data_loader: batch_size is {batch_size}; give a number of at least 1, or a batch_sampler."
            )
        if batches_per_epoch is not None and batches_per_epoch < 1:
            raise ConfigurationError(f"data_loader: batches_per_epoch is {batches_per_epoch}; it must be at least 1.")
        check_sampler(batch_sampler)
        self.reader = reader
        self.data_path = data_path
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.shuffle = shuffle
        self.batch_sampler: Any = batch_sampler
        self.batches_per_epoch = batches_per_epoch
        self.quiet = quiet
        self.cuda_device: Optional[torch.device] = None
        if cuda_device is not None:
            self.cuda_device = cuda_device if isinstance(cuda_device, torch.device) else torch.device(cuda_device)
        self._source = source_of(reader, data_path, fields)
        first = next(reader.read(data_path), None)
        if first is None:
            raise ConfigurationError(f"{data_path}: the reader finds no instances in it.")
        self._first: Instance = first
        data = self._empty_data()  # raises NotFlat before everything is read
        self._cache = None if cache_dir is None else FlatCache.of(cache_dir, self._source, data)
        self._data: Optional[FlatData] = self._cache.load(data) if self._cache is not None else None
        self._vocab: Optional[Vocabulary] = None
        # The current pass over the data, with `batches_per_epoch`.
        self._pass: List[numpy.ndarray] = []
        self._batches_taken = 0
        self._start_of_pass: Any = None

    @classmethod
    def build(
        cls,
        reader: DatasetReader,
        data_path: DatasetReaderInput,
        *,
        batch_size: Optional[int] = None,
        drop_last: bool = False,
        shuffle: bool = False,
        batch_sampler: Optional[BatchSampler] = None,
        batches_per_epoch: Optional[int] = None,
        fields: Optional[List[str]] = None,
        cache_dir: Optional[str] = None,
        cuda_device: Optional[Union[int, str, torch.device]] = None,
        quiet: bool = False,
    ) -> DataLoader:
        """
        Returns a `FlatDataLoader`, or a `MultiProcessDataLoader` for data that flat arrays do not support.
        """
        shared: Dict[str, Any] = {
            "batch_size": batch_size,
            "drop_last": drop_last,
            "shuffle": shuffle,
            "batch_sampler": batch_sampler,
            "batches_per_epoch": batches_per_epoch,
            "cuda_device": cuda_device,
            "quiet": quiet,
        }
        try:
            return cls(reader, data_path, fields=fields, cache_dir=cache_dir, **shared)
        except NotFlat as reason:
            logger.warning('The data loader "flat" cannot be used, so "multiprocess" replaces it: %s.', reason)
            return MultiProcessDataLoader(reader, data_path, **shared)

    def index_with(self, vocab: Vocabulary) -> None:
        self._vocab = vocab
        self._whole_data().index_with(vocab)

    def iter_instances(self) -> Iterator[Instance]:
        """
        Reads the instances without keeping them.
        """
        for item in self._reading() if self._data is None else self._source.items():
            instance = self._source.instance(item)
            if self._vocab is not None:
                instance.index_fields(self._vocab)
            yield instance

    def set_target_device(self, device: torch.device) -> None:
        self.cuda_device = device

    def __len__(self) -> int:
        if self.batches_per_epoch is not None:
            return self.batches_per_epoch
        if isinstance(self.batch_sampler, MaxTokensBatchSampler):
            return len(self._new_pass())  # this draws random numbers, as AllenNLP's does
        return num_batches(self._whole_data().size, self.batch_size or self.batch_sampler.batch_size, self._drops_last)

    def __iter__(self) -> Iterator[TensorDict]:
        if self._vocab is None:
            raise ConfigurationError("data_loader: there is no vocabulary; call index_with first.")
        if self.batches_per_epoch is None:
            yield from map(self._tensors, self._new_pass())
            return
        for _ in range(self.batches_per_epoch):
            if self._batches_taken == len(self._pass):
                self._start_of_pass = random.getstate()
                self._pass, self._batches_taken = self._new_pass(), 0
                if not self._pass:
                    raise ConfigurationError(f"data_loader: {self.data_path} has no batches.")
            self._batches_taken += 1
            yield self._tensors(self._pass[self._batches_taken - 1])

    def state_dict(self) -> Dict[str, Any]:
        """
        Returns the position in the data, with `batches_per_epoch`: the state of Python's random generator at the start
        of the current pass, and the number of batches given since.
        """
        if self._start_of_pass is None:
            return {}
        version, words, gauss = self._start_of_pass
        return {"start_of_pass": [version, list(words), gauss], "batches_taken": self._batches_taken}

    def load_state_dict(self, state: Dict[str, Any]) -> None:
        """
        Restores a position: the next batch is the one that followed `state_dict()`.  The vocabulary must be the same.
        """
        self._start_of_pass, self._pass, self._batches_taken = None, [], 0
        if not state:
            return
        version, words, gauss = state["start_of_pass"]
        now = random.getstate()
        self._start_of_pass = (version, tuple(words), gauss)
        random.setstate(self._start_of_pass)
        self._pass, self._batches_taken = self._new_pass(), state["batches_taken"]
        random.setstate(now)

    def _new_pass(self) -> List[numpy.ndarray]:
        """
        Returns all batches in a new order, each as numbers of instances.
        """
        data, sampler = self._whole_data(), self.batch_sampler
        if sampler is None:
            assert self.batch_size is not None
            return plain_batches(data.size, self.batch_size, self.shuffle, self.drop_last)
        if not sampler.sorting_keys:
            sampler._guess_sorting_keys(islice(self.iter_instances(), 12))  # it needs no more
        return sampled_batches(sampler, data.lengths)

    @property
    def _drops_last(self) -> bool:
        return self.drop_last if self.batch_sampler is None else self.batch_sampler.drop_last

    def _tensors(self, rows: numpy.ndarray) -> TensorDict:
        batch = self._whole_data().batch(rows)
        return batch if self.cuda_device is None else move_to_device(batch, self.cuda_device)

    def _whole_data(self) -> FlatData:
        if self._data is None:
            deque(self._reading(), maxlen=0)
        assert self._data is not None
        return self._data

    def _reading(self) -> Iterator[Any]:
        """
        Yields the items of the source and builds the data from them.
        """
        data = self._empty_data()
        items = Tqdm.tqdm(self._source.items(), desc="reading instances", disable=self.quiet)
        for number, item in enumerate(items, start=1):
            try:
                data.add(self._source.row(item, data.columns))
            except ValueError as error:
                raise ConfigurationError(f"{self._source.place(item, number)}: {error}") from error
            yield item
        data.freeze()
        if self._cache is not None:
            self._cache.save(data)
        self._data = data

    def _empty_data(self) -> FlatData:
        return FlatData(self._source.columns(self._first))
