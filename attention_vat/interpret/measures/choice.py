"""Which measures are meant."""

import copy
from typing import Any, Dict, List, Sequence, Union

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.measures.measure import Measure
from attention_vat.interpret.measures.prediction import PredictionQuality

DEFAULT_MEASURES = ("correlation", "rationales")
"""The cheap ones."""


def choose_measures(chosen: Union[str, Sequence[Union[str, Dict[str, Any], Measure]]]) -> List[Measure]:
    """
    # Parameters

    chosen : `Union[str, Sequence[Union[str, Dict[str, Any], Measure]]]`
        `"all"`, names with commas between them, or a list of names, of measures, and of parameters with a `"type"`, as
        in a configuration. "prediction" is always there and comes first.

    Raises `ConfigurationError` for a name that is not registered.

    # Examples

        choose_measures("correlation,permutation")
        choose_measures(["correlation", {"type": "permutation", "num_permutations": 20}])
    """
    if isinstance(chosen, str):
        every = [name for name in Measure.list_available() if Measure.by_name(name).part_of_all]
        chosen = every if chosen == "all" else [name.strip() for name in chosen.split(",")]
    others = [choice if isinstance(choice, Measure) else _from_params(choice) for choice in chosen]
    return [PredictionQuality(), *(other for other in others if not isinstance(other, PredictionQuality))]


def _from_params(choice: Union[str, Dict[str, Any]]) -> Measure:
    available = Measure.list_available()
    name = choice.get("type") if isinstance(choice, dict) else choice
    if name not in available:
        raise ConfigurationError(f"'{name}' is not a measure; choose from {', '.join(available)}, or say all.")
    # Reading parameters takes them apart, those within parameters as well.
    return Measure.from_params(Params(copy.deepcopy(choice) if isinstance(choice, dict) else {"type": name}))
