"""Chooses the measures of an evaluation."""

import copy
import logging
from collections import Counter
from typing import Any, Dict, List, Sequence, Union

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.measures.measure import Measure, name_of
from attention_vat.interpret.measures.prediction import PredictionQuality
from attention_vat.interpret.texts import Text
from attention_vat.models import AttentionClassifier

logger = logging.getLogger(__name__)

DEFAULT_MEASURES = ("correlation", "rationales")
"""The cheap measures."""


def choose_measures(chosen: Union[str, Sequence[Union[str, Dict[str, Any], Measure]]]) -> List[Measure]:
    """
    # Parameters

    chosen : `Union[str, Sequence[Union[str, Dict[str, Any], Measure]]]`
        `"all"` (that apply), comma-separated names, or a list of names, measures, and parameters with a `"type"`, as in
        a configuration. "prediction" is always included and comes first.

    Raises `ConfigurationError` for a name that is not registered, for parameters that a measure does not take, and for
    two measures of one type, whose numbers would have the same names.

    # Examples

        choose_measures("correlation,permutation")
        choose_measures(["correlation", {"type": "permutation", "num_permutations": 20}])
    """
    is_all = chosen == "all"
    if is_all:
        chosen = [name for name in Measure.list_available() if Measure.by_name(name).part_of_all]
    elif isinstance(chosen, str):
        chosen = [name.strip() for name in chosen.split(",")]
    made = [choice if isinstance(choice, Measure) else _from_params(choice) for choice in chosen]
    if is_all:
        for measure in made:
            measure._asked_for = False
    others = [measure for measure in made if not isinstance(measure, PredictionQuality)]
    for kind, number in Counter(map(type, others)).items():
        if number > 1:
            raise ConfigurationError(
                f"The measure '{name_of(kind)}' is given {number} times, but an evaluation takes one of each type; "
                "leave out the others, or evaluate them separately."
            )
    return [PredictionQuality(), *others]


def check_applicable(measures: Sequence[Measure], model: AttentionClassifier, texts: Sequence[Text]) -> None:
    """
    Checks the measures before any work. Raises `ConfigurationError` if a measure that was asked for by name does not
    apply to a model and its data.
    """
    for measure in measures:
        obstacle = measure.obstacle(model, texts) if measure._asked_for else None
        if obstacle is not None:
            raise ConfigurationError(f"The measure '{name_of(type(measure))}' does not apply: {obstacle}.")


def applicable_measures(
    measures: Sequence[Measure], model: AttentionClassifier, texts: Sequence[Text]
) -> List[Measure]:
    """
    Returns the measures that apply to a model and its data. A warning names each measure of "all" that is left out.

    Raises `ConfigurationError` as `check_applicable` does.
    """
    check_applicable(measures, model, texts)
    applicable = []
    for measure in measures:
        obstacle = measure.obstacle(model, texts)
        if obstacle is None:
            applicable.append(measure)
        else:
            logger.warning("The measure '%s' is left out: %s.", name_of(type(measure)), obstacle)
    return applicable


def _from_params(choice: Union[str, Dict[str, Any]]) -> Measure:
    available = Measure.list_available()
    name = choice.get("type") if isinstance(choice, dict) else choice
    if name not in available:
        raise ConfigurationError(f"'{name}' is not a measure; choose from {', '.join(available)}, or say all.")
    # Reading parameters consumes them, nested ones as well.
    params = Params(copy.deepcopy(choice) if isinstance(choice, dict) else {"type": name})
    try:
        return Measure.from_params(params)
    except TypeError as error:  # AllenNLP raises it for a value of another type
        raise ConfigurationError(f"The measure '{name}' cannot be made from {choice}: {error}") from error
