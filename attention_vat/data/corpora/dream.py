import json
from typing import Any, Iterator, List, Tuple

from allennlp.common.checks import ConfigurationError

from attention_vat.common.texts import one_line, quoted
from attention_vat.data.corpora.corpus import Corpus, Example

FILES = {"train": "train.json", "validation": "dev.json", "test": "test.json"}


@Corpus.register("dream")
class DialogueComprehension(Corpus):
    """
    DREAM ([Sun et al., 2019](https://aclanthology.org/Q19-1014)): questions on dialogues, with three answers to choose
    from, for the reader `multiple_choice`. Each example is a question with `premise` (the words of the dialogue),
    `question`, `choices`, `label` (the number of the correct choice, from 0) and `question_number` (from 0 in each
    dialogue).

    A source is a directory or an archive with `train.json`, `dev.json` and `test.json`, plain or compressed. It is not
    downloaded.

    Registered as a `Corpus` with name "dream".
    """

    published = {"train": 6116, "validation": 2040, "test": 2041}

    def read(self) -> Iterator[Tuple[str, Example]]:
        source = self.required_source("DREAM")
        for split, name in FILES.items():
            found = source.find(name)
            where = source.where(found)
            try:
                dialogues = json.loads("".join(line for _, line in source.lines(found)))
            except (ValueError, RecursionError) as error:
                raise ConfigurationError(f"{where}: is not JSON ({one_line(error)[:100]})") from error
            if not isinstance(dialogues, list):
                raise ConfigurationError(f"{where}: is not a list of dialogues")
            for number, dialogue in enumerate(dialogues, start=1):
                for example in _questions(f"{where}: dialogue {number}", dialogue):
                    yield split, example


def _questions(where: str, dialogue: Any) -> Iterator[Example]:
    if not isinstance(dialogue, list) or len(dialogue) != 3 or not _are_strings(dialogue[0]):
        raise ConfigurationError(f"{where}: must be a list of turns, questions and an id")
    turns, questions, identifier = dialogue
    if not isinstance(questions, list):
        raise ConfigurationError(f"{where}: has no list of questions")
    for number, question in enumerate(questions):
        choices = question.get("choice") if isinstance(question, dict) else None
        if choices is None or not _are_strings(choices) or not isinstance(question.get("question"), str):
            raise ConfigurationError(f"{where}, question {number + 1}: needs a question and a list of choices")
        if question.get("answer") not in choices:
            raise ConfigurationError(
                f"{where}, question {number + 1}: the answer {quoted(question.get('answer'))} is not one of the choices"
            )
        yield {
            "id": f"{identifier}-{number}",
            "premise": " ".join(turns).split(),
            "question": question["question"],
            "choices": choices,
            "label": str(choices.index(question["answer"])),
            "question_number": number,
        }


def _are_strings(value: Any) -> bool:
    strings: List[Any] = value if isinstance(value, list) else [None]
    return bool(strings) and all(isinstance(string, str) for string in strings)
