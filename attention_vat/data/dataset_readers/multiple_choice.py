from typing import Any, ClassVar, Dict, List, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance

from attention_vat.data.dataset_readers.json_lines import Example, JsonLinesReader, are_strings, parse_object


@DatasetReader.register("multiple_choice")
class MultipleChoiceReader(JsonLinesReader):
    """
    Reads questions with choices for allennlp-models' `transformer_mc` from a jsonl file, as
    `allennlp make-dataset dream` writes them. The Transformer reads the text, followed by the question with one of the
    choices.

    The instances have the fields of `transformer_mc`: `alternatives`, `correct_alternative` if there is a label (on all
    lines of a file or on none), and `qid`.

    Registered as a `DatasetReader` with name "multiple_choice".

    # Parameters

    transformer_model_name : `str`, required.
        A name on Hugging Face, or a folder.
    length_limit : `int`, optional (default = `512`)
        The limit in word pieces. The text is cut at its end; the question and the choice are kept.
    first_question_only : `bool`, optional (default = `False`)
        Read the first question of each dialogue only, as the published code of adversarial self-attention does.

    # Example

    ```python
    reader = MultipleChoiceReader("bert-base-uncased")
    reader.text_to_instance("M: It rains.", "What is wet?", ["The street.", "The sun."], "0")
    ```

    Raises a `ConfigurationError` if allennlp-models is not installed.
    """

    words_keys: ClassVar[Dict[str, str]] = {}

    def __init__(
        self,
        transformer_model_name: str,
        length_limit: int = 512,
        first_question_only: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        try:
            from allennlp_models.mc.dataset_readers.transformer_mc import TransformerMCReader
        except ImportError as error:
            raise ConfigurationError(
                "multiple_choice needs allennlp-models; run `pip install allennlp-models`"
            ) from error
        self._reader = TransformerMCReader(transformer_model_name, length_limit)
        self._first_question_only = first_question_only

    def parse(self, line: str) -> Optional[Example]:
        content = parse_object(line)
        if self._first_question_only and content.get("question_number", 0):
            return None
        text = content.get("premise")
        if isinstance(text, list) and are_strings(text):
            text = " ".join(text)
        return self.make_example(
            text, content.get("question"), content.get("choices"), content.get("label"), content.get("id")
        )

    def left_out(self) -> str:
        return " (first_question_only leaves out all but question_number 0)" if self._first_question_only else ""

    def text_to_instance(  # type: ignore[override]
        self, text: str, question: str, choices: List[str], label: Optional[str] = None, identifier: Any = None
    ) -> Instance:
        """
        # Parameters

        text, question : `str`
        choices : `List[str]`
        label : `str`, optional
            The number of the correct choice, from 0.
        identifier : `Any`, optional

        Raises a `ConfigurationError` for input that would also be invalid in a file.
        """
        return self.instance_of(text, question, choices, label, identifier)

    def make_example(  # type: ignore[override]
        self, text: Any, question: Any, choices: Any, label: Optional[str], identifier: Any
    ) -> Example:
        if not isinstance(text, str) or not isinstance(question, str):
            raise ValueError('needs the texts "premise" and "question"')
        if not are_strings(choices) or len(choices) < 2:
            raise ValueError('"choices" must be a list of at least two strings')
        if label is not None and label not in map(str, range(len(choices))):
            raise ValueError(f'"label" must be the number of a choice, from 0 to {len(choices) - 1}')
        alternatives = [f"{question} {choice}" for choice in choices]
        return Example({}, label, None, {"qid": identifier, "start": text, "alternatives": alternatives})

    def make_instance(self, example: Example) -> Instance:
        label = None if example.label is None else int(example.label)
        return self._reader.text_to_instance(**example.metadata, label=label)

    def apply_token_indexers(self, instance: Instance) -> None:
        """Does nothing: the fields already have their indexers."""
