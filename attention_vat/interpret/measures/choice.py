"""Which measures are meant."""

import copy
from collections import Counter
from typing import Any, Dict, List, Sequence, Union

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.measures.measure import Measure, name_of
from attention_vat.interpret.measures.prediction import PredictionQuality

DEFAULT_MEASURES = ("correlation", "rationales")
"""The cheap ones."""


def choose_measures(chosen: Union[str, Sequence[Union[str, Dict[str, Any], Measure]]]) -> List[Measure]:
    """
    # Parameters

    chosen : `Union[str, Sequence[Union[str, Dict[str, Any], Measure]]]`
        `"all"`, names with commas between them, or a list of names, of measures, and of parameters with a `"type"`, as
        in a configuration. "prediction" is always there and comes first.

    Raises `ConfigurationError` for a name that is not registered, for parameters that a measure does not take, and for
    two measures of one type, whose numbers would have the same names.

    # Examples

        choose_measures("correlation,permutation")
        choose_measures(["correlation", {"type": "permutation", "num_permutations": 20}])
    """
    if isinstance(chosen, str):
        every = [name for name in Measure.list_available() if Measure.by_name(name).part_of_all]
        chosen = every if chosen == "all" else [name.strip() for name in chosen.split(",")]
    made = [choice if isinstance(choice, Measure) else _from_params(choice) for choice in chosen]
    others = [measure for measure in made if not isinstance(measure, PredictionQuality)]
    for kind, number in Counter(map(type, others)).items():
        if number > 1:
            raise ConfigurationError(
                f"The measure '{name_of(kind)}' is there {number} times, but an evaluation takes one of a type; "
                "leave out the others, or evaluate them apart."
            )
    return [PredictionQuality(), *others]


def _from_params(choice: Union[str, Dict[str, Any]]) -> Measure:
    available = Measure.list_available()
    name = choice.get("type") if isinstance(choice, dict) else choice
    if name not in available:
        raise ConfigurationError(f"'{name}' is not a measure; choose from {', '.join(available)}, or say all.")
    # Reading parameters takes them apart, those within parameters as well.
    params = Params(copy.deepcopy(choice) if isinstance(choice, dict) else {"type": name})
    try:
        return Measure.from_params(params)
    except TypeError as error:  # what AllenNLP says of a value of another type
        raise ConfigurationError(f"The measure '{name}' cannot be made from {choice}: {error}") from error
