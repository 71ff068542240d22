"""Explains a model's prediction for a text: attention, importance, and each word alone or left out."""

from os import PathLike
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Union

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.predictors import Predictor

from attention_vat.interpret.archives import archive_names, load_attention_archive
from attention_vat.interpret.batches import clean_batch
from attention_vat.interpret.measures.leave_one_out import leave_one_out_importance
from attention_vat.interpret.measures.measure import EvaluationBatch
from attention_vat.interpret.measures.single_words import SingleWords
from attention_vat.interpret.options import EvaluationOptions
from attention_vat.interpret.texts import texts_of
from attention_vat.models import AttentionClassifier
from attention_vat.predictors.attention_predictor import Text

if TYPE_CHECKING:
    import pandas


class Explanation(NamedTuple):
    """
    A model's prediction for a text and what it depends on. Lists have one entry per word that takes attention.

    # Parameters

    model : `str`
        The name of the model.
    labels : `List[str]`
        The classes, by name where they have names.
    probs : `List[float]`
        One for each of `labels`; under shifted scores if shifts were given.
    tokens : `List[str]`
    attention : `List[float]`
        Weights that sum to 1; under shifted scores if shifts were given.
    importance : `List[float]`
        See `gradient_importance`.
    without : `List[float]`
        How far the prediction moves when the word is deleted, see `LeaveOneOut`.
    alone : `List[float]`, optional
        The probability of `alone_label` when all attention is on the word, see `SingleWords`; `None` if the prediction
        does not depend on attention.
    alone_label : `str`
        The positive class, or, with more than two classes, the predicted one.
    """

    model: str
    labels: List[str]
    probs: List[float]
    tokens: List[str]
    attention: List[float]
    importance: List[float]
    without: List[float]
    alone: Optional[List[float]]
    alone_label: str

    @property
    def label(self) -> str:
        """The most probable class."""
        return self.labels[max(range(len(self.probs)), key=self.probs.__getitem__)]

    def words(self) -> "pandas.DataFrame":
        """A row for each word: `word`, `attention`, `importance`, `without`, and `alone` where it is defined."""
        import pandas

        columns: Dict[str, Any] = {"word": self.tokens, "attention": self.attention, "importance": self.importance}
        columns["without"] = self.without
        if self.alone is not None:
            columns["alone"] = self.alone
        return pandas.DataFrame(columns)

    def _repr_html_(self) -> str:
        from attention_vat.reports.attention_view import AttentionView  # reports know results, not the other way round

        return AttentionView([self._asdict()], [self.model])._repr_html_()


class Explainer:
    """
    Explains the predictions of one model.

    # Parameters

    predictor : `Predictor`
        The predictor of a model of this package.
    name : `str`, optional (default = `""`)
        The name of the model.

    # Examples

        Explainer(Predictor.from_path("output/ivat")).explain({"sentence": "a fine film"}).words()
    """

    def __init__(self, predictor: Predictor, name: str = "") -> None:
        assert isinstance(predictor._model, AttentionClassifier)
        self.name = name
        self.predictor = predictor
        self.model = predictor._model.eval()

    @property
    def takes_pairs(self) -> bool:
        """Whether the model needs two texts."""
        return len(self.model.input_names) > 1

    def inputs(self, text: Text, query: Optional[Text] = None) -> Dict[str, Any]:
        """
        The predictor's inputs for a text.

        Raises `ConfigurationError` if the second text is missing for a model of two texts, or given for a model of one.
        """
        if self.takes_pairs and not query:
            raise ConfigurationError("This model reads two texts, but there is no second one; add it.")
        if query and not self._may_take_pairs:
            raise ConfigurationError("This model reads one text; leave out the second one.")
        return {"premise": text, "hypothesis": query} if query else {"sentence": text}

    @property
    def _may_take_pairs(self) -> bool:
        return self.takes_pairs or not self.model.attention_decides

    def explain(self, inputs: Dict[str, Any], shifts: Optional[Mapping[int, float]] = None) -> Explanation:
        """
        # Parameters

        inputs : `Dict[str, Any]`
            The predictor's inputs.
        shifts : `Mapping[int, float]`, optional (default = `None`)
            Values added to the attention scores `ã_t`, by the position of the word among those that take attention. The
            prediction and the attention are those of `ã + shift`; the other numbers are those of the unshifted scores.

        Raises `ConfigurationError` if the inputs do not fit the model, if a position does not exist, or if the
        prediction does not depend on the scores.
        """
        model = self.model
        instance = self.predictor._json_to_instance(inputs)
        self.predictor._dataset_reader.apply_token_indexers(instance)
        (text,) = texts_of(model, [instance])
        batch = clean_batch(model, [text], 1, EvaluationOptions())
        (sentence,) = batch.sentences
        alone = SingleWords()(model, batch).words["single_word"][0] if model.attention_decides else None
        without = batch.rows(leave_one_out_importance(model, batch, [0]))[0]
        probs, attention = sentence.probs, sentence.attention
        if shifts:
            probs, attention = self._with_shifts(batch, shifts)
        names = [model.label_names.get(label, label) for label in model.labels]
        positive = model.positive_index
        about = max(range(len(probs)), key=sentence.probs.__getitem__) if positive is None else positive
        return Explanation(
            self.name, names, probs, sentence.tokens, attention, sentence.importance, without, alone, names[about]
        )

    def _with_shifts(self, batch: EvaluationBatch, shifts: Mapping[int, float]) -> Any:
        if not self.model.attention_decides:
            raise ConfigurationError("This prediction does not depend on attention; leave out the shifts.")
        places = batch.mask[0].nonzero().squeeze(1)
        encoded, model = batch.clean.encoded, self.model
        scores = encoded.scores.clone()  # (1, num_words)
        for place, shift in shifts.items():
            if not 0 <= place < len(places):
                raise ConfigurationError(f"There is no word {place}; the text has {len(places)}, numbered from 0.")
            scores[0, places[place]] += shift
        with torch.no_grad():
            probs = model.probabilities(model.decode(encoded, scores))
            return probs[0].tolist(), batch.rows(model.attend(encoded, scores))[0]


def load_explainers(
    archives: Sequence[Union[str, PathLike]], cuda_device: int = -1, overrides: str = ""
) -> List[Explainer]:
    """
    Loads an explainer for each archive, named after its directory.

    # Parameters

    archives, cuda_device, overrides
        See `load_attention_archive`.
    """
    loaded = [load_attention_archive(archive, cuda_device, overrides) for archive in archives]
    return [Explainer(Predictor.from_archive(one), name) for one, name in zip(loaded, archive_names(archives))]


def explain(
    archives: Union[str, PathLike, Sequence[Union[str, PathLike]]],
    texts: Union[str, Sequence[str]],
    query: Optional[str] = None,
    cuda_device: int = -1,
) -> List[Explanation]:
    """
    Explains models' predictions for texts: one explanation per model for each text.

    # Parameters

    archives : `Union[str, PathLike, Sequence[Union[str, PathLike]]]`
        One archive or several.
    texts : `Union[str, Sequence[str]]`
        One text or several.
    query : `str`, optional (default = `None`)
        The second text that goes with every text, for models of two texts.
    cuda_device : `int`, optional (default = `-1`)

    Raises `ConfigurationError` if an archive is missing or of another kind, or if a text does not fit a model.

    # Examples

        for explanation in explain(["output/vanilla", "output/ivat"], "a fine film"):
            print(explanation.model, explanation.label)
            print(explanation.words())
    """
    explainers = load_explainers([archives] if isinstance(archives, (str, PathLike)) else archives, cuda_device)
    some = [texts] if isinstance(texts, str) else texts
    return [explainer.explain(explainer.inputs(text, query)) for text in some for explainer in explainers]
