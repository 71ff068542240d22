"""Experiment files and the classes that they are read into."""

import copy
import difflib
import inspect
import logging
from os import PathLike
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Union

from allennlp.common import FromParams, Params
from allennlp.common.checks import ConfigurationError

from attention_vat.common.configurations import PACKAGE, choices, package_folder
from attention_vat.common.texts import shortened
from attention_vat.interpret.measures import DEFAULT_MEASURES, choose_measures, descriptions

SEMI_SUPERVISED = "_semi_supervised"
MODEL, TRAINING = "model", "training"
"""The prefixes of a model's own metrics and of its training metrics."""
# The entries of a part are merged with those of the experiment around it; the part's own entries win.
_JOINED = ("parameters", "overrides")
_LISTS = ("corpora", "techniques", "seeds", "unlabeled", "epsilons", "measures", "evaluation")
_OBJECTS = ("parameters", "overrides", "search", "names", "test_data")
_KINDS = {**dict.fromkeys(_LISTS, list), **dict.fromkeys(_OBJECTS, dict)}


class Search(FromParams):
    """
    How ε is searched: the candidate with the best mean on validation data is used for all seeds. All techniques get the
    same candidates. Adding samples or training seeds later keeps the earlier ones.

    # Parameters

    num_samples : `int`
    low, high : `float`, optional (default = `0.01`, `30`)
        The candidates are spread evenly over the logarithm of this range (a scrambled Halton sequence).
    seed : `int`, optional (default = `0`)
        The seed of the candidates.
    training_seeds : `List[int]`, optional (default = `[0]`)
        The seeds that each candidate is trained with. If seeds differ more than candidates do, a single seed makes the
        choice almost random.
    parameters, overrides : `Dict[str, Any]`, optional
        As in `Part`, but for the candidates only, such as fewer epochs.
    """

    def __init__(
        self,
        num_samples: int,
        low: float = 0.01,
        high: float = 30.0,
        seed: int = 0,
        training_seeds: Optional[List[int]] = None,
        parameters: Optional[Dict[str, Any]] = None,
        overrides: Optional[Dict[str, Any]] = None,
    ) -> None:
        if num_samples < 1:
            raise ConfigurationError(f"search.num_samples is {num_samples}, but must be at least 1.")
        if not 0 < low < high:
            raise ConfigurationError(f"search.low and search.high are {low} and {high}, but must be 0 < low < high.")
        if training_seeds is not None:
            _check_seeds("search.training_seeds", training_seeds)
        if seed < 0:
            raise ConfigurationError(f"search.seed is {seed}, but must not be negative.")
        self.num_samples = num_samples
        self.low = low
        self.high = high
        self.seed = seed
        self.training_seeds = [0] if training_seeds is None else training_seeds
        self.parameters = parameters or {}
        self.overrides = overrides or {}

    @property
    def num_runs(self) -> int:
        return self.num_samples * len(self.training_seeds)


class Unlabeled(FromParams):
    """
    A selection from the unlabelled pool of a corpus.

    # Parameters

    count : `int`
        How many sentences.
    strategy : `str`, optional (default = `"random"`)
        `"random"`, or the nearest neighbours of the labelled sentences by `"bag_of_words"` or `"mean_embedding"`, which
        needs pretrained vectors in `parameters`.
    """

    STRATEGIES = ("random", "bag_of_words", "mean_embedding")

    def __init__(self, count: int, strategy: str = "random") -> None:
        if strategy not in self.STRATEGIES:
            raise ConfigurationError(
                f"unlabeled.strategy is '{strategy}', but must be one of {', '.join(self.STRATEGIES)}."
            )
        if count < 1:
            raise ConfigurationError(f"unlabeled.count is {count}, but must be at least 1.")
        self.count = count
        self.strategy = strategy


class Part(FromParams):
    """
    A matrix of runs: corpora × techniques × unlabelled data × ε × seeds.

    # Parameters

    corpora : `List[str]`
        Folders of `training_configs`.
    techniques : `List[str]`
        Files in these folders, without `.jsonnet`.
    seeds : `List[int]`, optional (default = `[0]`)
    unlabeled : `List[Unlabeled]`, optional (default = the whole pool)
        For semi-supervised techniques; the others ignore it.
    epsilons : `List[float]`, optional
        Values of ε, one row each. Vanilla ignores them.
    search : `Search`, optional
        Search ε instead. With neither, the configuration's ε is used.
    parameters : `Dict[str, Any]`, optional
        Hidden fields of the configurations, such as `num_epochs`, `vectors`, `hidden_size`.
    overrides : `Dict[str, Any]`, optional
        Any other keys of the configurations, as for `allennlp train --overrides`.
    test_data : `Dict[str, str]`, optional
        Maps a corpus to a file to evaluate on instead of the `test.jsonl` beside its training data.
    names : `Dict[str, str]`, optional
        Maps a corpus to its name in tables, for when `parameters` change the corpus.
    variant : `str`, optional
        A name for the rows in addition to the technique, for when `parameters` or `overrides` change the model.
    labels : `int`, optional
        The number of labelled texts that the models are trained on, for learning curves.
    """

    def __init__(
        self,
        corpora: List[str],
        techniques: List[str],
        seeds: Optional[List[int]] = None,
        unlabeled: Optional[List[Unlabeled]] = None,
        epsilons: Optional[List[float]] = None,
        search: Optional[Search] = None,
        parameters: Optional[Dict[str, Any]] = None,
        overrides: Optional[Dict[str, Any]] = None,
        test_data: Optional[Dict[str, str]] = None,
        names: Optional[Dict[str, str]] = None,
        variant: Optional[str] = None,
        labels: Optional[int] = None,
    ) -> None:
        if labels is not None and labels < 1:
            raise ConfigurationError(f"labels is {labels}, but must be at least 1.")
        if epsilons and search is not None:
            raise ConfigurationError("An experiment either searches ε or lists epsilons; remove one of the two.")
        _check_list("corpora", corpora)
        _check_list("techniques", techniques)
        if seeds is not None:
            _check_seeds("seeds", seeds)
        if any(epsilon <= 0 for epsilon in epsilons or []):
            raise ConfigurationError(f"epsilons are {epsilons}, but must be above 0.")
        for name, by_corpus in (("names", names), ("test_data", test_data)):
            for corpus in by_corpus or {}:
                if corpus not in corpora:
                    raise ConfigurationError(f"{name} has '{corpus}', which is not among the corpora.")
        self.corpora = corpora
        self.techniques = techniques
        self.seeds = [0] if seeds is None else seeds
        self.unlabeled = unlabeled
        self.epsilons = epsilons
        self.search = search
        self.parameters = parameters or {}
        self.overrides = overrides or {}
        self.test_data = test_data or {}
        self.names = names or {}
        self.variant = variant
        self.labels = labels


class Experiment(FromParams):
    """
    An experiment file (Jsonnet): which models to train, and what to compute and report.

    # Parameters

    parts : `List[Part]`
        In the file, they share all keys outside `parts`; an experiment with one part needs no `parts`.
    title : `str`, optional
    measures : `List[str]`, optional (default = `["prediction", "pearson"]`)
        The columns of the tables: metrics of `allennlp evaluate-attention`, and points of its curves, such as
        `scores_accuracy@3` for ε = 3. `prediction` is the metric that the paper reports for the corpus. `model_NAME` is
        a metric of the model on test data (see `evaluation`), `training_NAME` one of its last training epoch.
        Every run has `training_seconds` and `training_memory` (the peak of the process, in MB).
    evaluation : `List[Union[str, Dict[str, Any]]]`, optional (default = `["correlation", "rationales"]`)
        What to compute on test data: measures as for `allennlp evaluate-attention --measures`, by name or with
        parameters, and `"model"` for the metrics of `allennlp evaluate`. `"model"` alone works with any AllenNLP model,
        even one without known attention.
    figure : `str`, optional
        What to plot the measures against: `"unlabeled"`, `"epsilon"` or `"epochs"`.
    keep_models : `bool`, optional (default = `False`)
        Keep `model.tar.gz` of the final runs.

    # Examples

        { corpora: ['sst'], techniques: ['vanilla', 'attention_ivat'], seeds: [0, 1, 2], search: { num_samples: 4 } }
    """

    def __init__(
        self,
        parts: List[Part],
        title: str = "",
        measures: Optional[List[str]] = None,
        evaluation: Optional[List[Union[str, Dict[str, Any]]]] = None,
        figure: Optional[str] = None,
        keep_models: bool = False,
    ) -> None:
        _check_list("parts", parts)
        if figure not in (None, "unlabeled", "epsilon", "epochs"):
            raise ConfigurationError(f"figure is '{figure}', but must be 'unlabeled', 'epsilon' or 'epochs'.")
        self.parts = parts
        self.title = title
        self.measures = measures or ["prediction", "pearson"]
        evaluation = [*DEFAULT_MEASURES] if evaluation is None else evaluation
        self.evaluation = [each.as_dict(quiet=True) if isinstance(each, Params) else each for each in evaluation]
        choose_measures([measure for measure in self.evaluation if measure != MODEL])
        _check_list("measures", self.measures)
        _check_measures(self.measures, self.evaluation)
        self.figure = figure
        self.keep_models = keep_models


def experiment_path(file: Union[str, PathLike]) -> Path:
    """
    # Examples

        experiment_path("package:smoke")  # experiments/smoke.jsonnet of the package

    Raises `ConfigurationError` if the file does not exist.
    """
    if not str(file).startswith(PACKAGE):
        path = Path(file)
        if not path.is_file():
            raise ConfigurationError(f"There is no experiment file {file}.")
        return path
    folder, name = package_folder("experiments"), str(file)[len(PACKAGE) :]
    shipped = sorted(path.stem for path in folder.glob("*.jsonnet"))
    if name not in shipped:
        raise ConfigurationError(f"{file}: no such experiment comes with the package; {choices(name, shipped)}.")
    return folder / f"{name}.jsonnet"


def read_experiment(file: Union[str, PathLike], overrides: str = "") -> Dict[str, Any]:
    """
    # Parameters

    file : `Union[str, PathLike]`
        A Jsonnet file, or `package:NAME` for one that comes with the package. Environment variables are external
        variables, as in every AllenNLP configuration.
    overrides : `str`, optional (default = `""`)
        JSON or Jsonnet that overrides the file.

    # Returns

    content : `Dict[str, Any]`
        The file, with the keys that the parts share in each of them. Raises a `ConfigurationError` that names the file
        if it cannot be read.
    """
    try:
        content = Params.from_file(str(experiment_path(file)), overrides).as_dict(quiet=True)
    except (RuntimeError, ValueError) as error:  # from Jsonnet, and from AllenNLP's overrides
        raise ConfigurationError(f"{file}: {_first_line(error)}") from error
    except (AttributeError, TypeError) as error:  # for a list or a number
        raise ConfigurationError(f"{file} and --overrides must be objects: {{ … }}.") from error
    if not isinstance(content, dict):
        raise ConfigurationError(f"{file} and --overrides must be objects: {{ … }}.")
    _check_types(file, content)
    shared = {key: content.pop(key) for key in list(content) if key in _PART_FIELDS}
    parts = content.pop("parts", [{}])
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise ConfigurationError(f"{file}: parts must be a list of objects.")
    for where in [shared, *parts]:
        _check_types(file, where)
    # Reading a part consumes it, so parts must not share objects.
    return {**content, "parts": [copy.deepcopy({**shared, **part, **_join(shared, part)}) for part in parts]}


def load_experiment(file: Union[str, PathLike], overrides: str = "") -> Experiment:
    """As `read_experiment`; also raises `ConfigurationError` for unknown keys and values."""
    content = read_experiment(file, overrides)
    # Do not log each value of the file.
    logging.getLogger("allennlp.common.params").disabled = True
    try:
        return Experiment.from_params(Params(content))
    except (ConfigurationError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{file}: {_first_line(error)}") from error


_PART_FIELDS = [name for name in inspect.signature(Part.__init__).parameters if name != "self"]


def _check_types(file: Union[str, PathLike], where: Dict[str, Any]) -> None:
    """Rejects values of the wrong type; AllenNLP would read a string as a list of letters."""
    for name, kind in _KINDS.items():
        if where.get(name) is not None and not isinstance(where[name], kind):
            raise ConfigurationError(f"{file}: {name} must be {'a list' if kind is list else 'an object'}.")


def _join(shared: Dict[str, Any], part: Dict[str, Any]) -> Dict[str, Any]:
    return {key: {**shared.get(key, {}), **part.get(key, {})} for key in _JOINED if key in shared or key in part}


def _first_line(error: Exception) -> str:
    return shortened(str(error).strip('"').splitlines()[0])


def _check_list(name: str, values: Sequence[Any]) -> None:
    """Raises `ConfigurationError` if the list is empty or has duplicates."""
    if not values:
        raise ConfigurationError(f"{name} is empty, but needs at least one entry.")
    twice = [value for place, value in enumerate(values) if value in values[:place]]
    if twice:
        raise ConfigurationError(f"{name} has {twice[0]!r} twice; remove one.")


def _check_seeds(name: str, seeds: Sequence[int]) -> None:
    """Raises `ConfigurationError` if numpy does not accept a seed, or as `_check_list` does."""
    _check_list(name, seeds)
    for seed in seeds:
        if not 0 <= seed < 2**32:
            raise ConfigurationError(f"{name} has {seed}, but seeds range from 0 to 2^32 - 1.")


def _check_measures(measures: Sequence[str], evaluation: Sequence[Any]) -> None:
    """
    Raises `ConfigurationError` if the evaluation cannot produce a column. User-defined measures may produce any.
    """
    chosen = choose_measures([measure for measure in evaluation if measure != MODEL])
    ours = all(type(measure).__module__.startswith("attention_vat.") for measure in chosen)
    for measure in measures:
        name = measure.partition("@")[0]
        if name.startswith(f"{MODEL}_") and MODEL not in evaluation:
            raise ConfigurationError(f"measures has '{measure}', which needs '{MODEL}' in evaluation; add it.")
        if name.startswith((f"{MODEL}_", f"{TRAINING}_")):
            continue
        if ours and name not in descriptions() and name != "prediction":
            near = difflib.get_close_matches(name, ["prediction", *descriptions()], n=3)
            advice = f"did you mean {' or '.join(near)}?" if near else "docs/evaluation.md lists them."
            raise ConfigurationError(f"measures has '{measure}', which is not known; {advice}")
