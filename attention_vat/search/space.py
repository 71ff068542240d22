"""The search space: which values a hyperparameter may take, in AllenTune's format."""

import itertools
import json
import math
import zlib
from os import PathLike
from typing import Any, Callable, Dict, List, Sequence, Tuple, Union

import numpy
from allennlp.common.checks import ConfigurationError

from attention_vat.common.texts import one_line, quoted

# Each maps a number between 0 and 1 to a value.
_STRATEGIES: Dict[str, Callable[[float, float, float], Any]] = {
    "uniform": lambda share, low, high: low + share * (high - low),
    "loguniform": lambda share, low, high: math.exp(math.log(low) + share * (math.log(high) - math.log(low))),
    "integer": lambda share, low, high: int(low) + int(share * (int(high) - int(low))),
}
_LISTS = ("choice", "grid")
# Numbers below it can be added and scaled, and every JSON parser accepts them.
_LARGEST = 1e300
_MOST_RUNS = 100_000


class SearchSpace:
    """
    A flat JSON object that maps names to constants and strategies, as AllenTune reads it:

        {
          "EPSILON": {"sampling strategy": "loguniform", "bounds": [0.01, 30]},
          "HIDDEN_SIZE": {"sampling strategy": "integer", "bounds": [64, 129]},
          "DROPOUT": {"sampling strategy": "uniform", "bounds": [0, 0.5]},
          "TECHNIQUE": {"sampling strategy": "choice", "choices": ["attention_vat", "attention_ivat"]},
          "SEED": {"sampling strategy": "grid", "choices": [1, 2, 3]},
          "NUM_EPOCHS": 10
        }

    The upper bound of `integer` is exclusive. A constant that is a list of strings is joined with spaces. `grid`,
    which AllenTune does not have, makes a run of every combination for each sample. A value depends only on the seed,
    the number of its run and its name: a longer search begins with the runs of a shorter one, and adding another
    hyperparameter does not change it.

    # Parameters

    space : `Dict[str, Any]`
    source : `str`, optional
        The name of the space in error messages.

    Raises a `ConfigurationError` that names the key and the problem.
    """

    def __init__(self, space: Dict[str, Any], source: str = "the search space") -> None:
        if not isinstance(space, dict):
            raise ConfigurationError(f"{source} must be a JSON object of names and values.")
        self.space = space
        for name, entry in space.items():
            problem = _problem_of_text(name) or _problem(entry)
            if problem:
                raise ConfigurationError(f"{source}: {_shown(name)} {problem}.")

    @classmethod
    def from_file(cls, path: Union[str, PathLike], constants: Sequence[str] = ()) -> "SearchSpace":
        """
        # Parameters

        path : `Union[str, PathLike]`
        constants : `Sequence[str]`, optional
            `NAME=VALUE`, which replaces the file's entry of that name, or is added.

        Raises `ConfigurationError` if the file cannot be read or is not a search space.
        """
        try:
            with open(path, encoding="utf-8") as file:
                space = json.load(file, object_pairs_hook=_without_repetition)
        except OSError as error:
            raise ConfigurationError(f"{path}: cannot be read ({error.strerror}); check --search-space.") from None
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(
                f"{path}: is not JSON ({one_line(error)}); a search space is plain JSON, not jsonnet."
            ) from None
        for constant in constants:
            name, separator, value = constant.partition("=")
            if not name or not separator:
                raise ConfigurationError(f"--set {_shown(constant)}: write --set NAME=VALUE.")
            if isinstance(space, dict):
                space[name] = value
        return cls(space, str(path))

    def samples(self, number: int, seed: int) -> List[Dict[str, Any]]:
        """
        Draws the values of all runs, `number` times the size of the grid.

        # Parameters

        number : `int`
        seed : `int`

        Raises `ConfigurationError` if these are more runs than a search can have.
        """
        grids = {name: entry["choices"] for name, entry in self.space.items() if _strategy(entry) == "grid"}
        size = number * math.prod(len(choices) for choices in grids.values())
        if size > _MOST_RUNS:
            raise ConfigurationError(
                f"The search has {number} x {size // number} runs, but the maximum is {_MOST_RUNS}; remove choices "
                "from the grid, or lower --num-samples."
            )
        cells = [dict(zip(grids, cell)) for cell in itertools.product(*grids.values())]
        return [self._sample(index, seed, cells[index % len(cells)]) for index in range(number * len(cells))]

    def _sample(self, index: int, seed: int, cell: Dict[str, Any]) -> Dict[str, Any]:
        sample = {}
        for name, entry in self.space.items():
            strategy = _strategy(entry)
            share = numpy.random.default_rng([seed, index, zlib.crc32(name.encode("utf-8"))]).random()
            if strategy is None:
                sample[name] = " ".join(entry) if isinstance(entry, list) else entry
            elif strategy == "grid":
                sample[name] = cell[name]
            elif strategy == "choice":
                sample[name] = entry["choices"][int(share * len(entry["choices"]))]
            else:
                sample[name] = _STRATEGIES[strategy](share, *entry["bounds"])
        return sample


def as_external_variables(sample: Dict[str, Any]) -> Dict[str, str]:
    """
    The strings that the configuration sees in `std.extVar`; read numbers with `std.parseJson` or `std.parseInt`.

    # Examples

        as_external_variables({"EPSILON": 0.5, "SEED": 1})  # {"EPSILON": "0.5", "SEED": "1"}
    """
    return {name: str(value) for name, value in sample.items()}


def _strategy(entry: Any) -> Any:
    return entry["sampling strategy"] if isinstance(entry, dict) else None


def _problem(entry: Any) -> str:
    if isinstance(entry, list):
        if not all(isinstance(item, str) for item in entry):
            return 'is a list with items that are not strings; write {"sampling strategy": "choice", "choices": [...]}'
        return next(filter(None, map(_problem_of_value, entry)), "")
    if not isinstance(entry, dict):
        return _problem_of_value(entry)
    strategy = entry.get("sampling strategy")
    known = [*_STRATEGIES, *_LISTS]
    if strategy not in known:
        return f'has the "sampling strategy" {quoted(strategy)}; choose from {", ".join(known)}'
    key = "choices" if strategy in _LISTS else "bounds"
    unknown = sorted({*entry} - {"sampling strategy", key})
    if unknown:
        return f'has the unknown key "{_shown(unknown[0])}"; {strategy} has "sampling strategy" and "{key}"'
    if strategy in _LISTS:
        choices = entry.get("choices")
        if not isinstance(choices, list) or not choices:
            return f'needs "choices", a non-empty list, for {strategy}'
        if any(isinstance(choice, (dict, list)) for choice in choices):
            return 'may have only strings and numbers in "choices"'
        problem = next(filter(None, map(_problem_of_value, choices)), "")
        if problem:
            return f"has a choice that {problem}"
        # The configuration sees strings. A repeated choice is drawn more often, but in a grid it repeats its runs.
        twice = [choice for index, choice in enumerate(choices) if str(choice) in map(str, choices[:index])]
        if strategy == "grid" and twice:
            return f'has {quoted(twice[0])} twice in "choices", which repeats the same runs; remove one'
        return ""
    bounds = entry.get("bounds") or []
    are_numbers = isinstance(bounds, list) and all(_is_number(bound) for bound in bounds)
    if not are_numbers or len(bounds) != 2 or not bounds[0] < bounds[1]:
        return f'needs "bounds" [low, high], finite numbers with low < high, for {strategy}'
    if strategy == "loguniform" and not bounds[0] > 0:
        return "needs bounds above 0 for loguniform"
    if strategy == "integer" and any(bound != int(bound) for bound in bounds):
        return "needs whole numbers as bounds for integer"
    return ""


def _problem_of_value(value: Any) -> str:
    if isinstance(value, str):
        return _problem_of_text(value)
    if isinstance(value, (int, float)) and not -_LARGEST < value < _LARGEST:
        return "is not a finite number"
    return ""


def _problem_of_text(text: str) -> str:
    """Finds characters that Jsonnet and files cannot hold."""
    if "\0" in text:
        return "has a NUL character"
    is_whole = text.encode("utf-8", "ignore").decode("utf-8") == text
    return "" if is_whole else "has half a surrogate pair, which is not a character"


def _shown(name: str) -> str:
    return name if name.isprintable() and len(name) <= 100 else quoted(name)


def _is_number(bound: Any) -> bool:
    return isinstance(bound, (int, float)) and not isinstance(bound, bool) and -_LARGEST < bound < _LARGEST


def _without_repetition(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = [name for index, name in enumerate(names) if name in names[:index]] if len({*names}) < len(names) else []
    if twice:
        raise ValueError(f"{quoted(twice[0])} occurs twice")
    return dict(pairs)
