import errno

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret import evaluate_attention
from attention_vat.interpret.measures import Columns, Measure
from tests.interpret.made_up import instances, pair_instances
from tests.tiny import tiny_model, tiny_pair_model

OPTIONS = {"batch_tokens": 20, "resamples": 10}
MEASURES = ["correlation", {"type": "robustness", "epsilons": [1.0]}, "uniform", "leave_one_out"]


class Killed(Exception):
    pass


class Killer(Measure):
    """Stops an evaluation after some batches."""

    def __init__(self, after):
        self._left = after
        self._seen = 0

    def __call__(self, model, batch):
        if self._seen == self._left:
            raise Killed
        self._seen += 1
        return Columns()

    @property
    def seen(self):
        return self._seen


def killed_after(path, after, data):
    with pytest.raises(Killed):
        evaluate_attention(tiny_model(), data, [*MEASURES, Killer(after)], progress_file=path, **OPTIONS)


def test_goes_on_and_gives_the_same(tmp_path):
    path, data = tmp_path / "new" / "progress", instances(12)
    whole = Killer(after=-1)
    expected = evaluate_attention(tiny_model(), data, [*MEASURES, whole], **OPTIONS)
    killed_after(path, 2, data)
    # A kill in the middle of a line.
    path.write_bytes(path.read_bytes() + b'{"index": 3, "sen')
    rest = Killer(after=-1)
    assert evaluate_attention(tiny_model(), data, [*MEASURES, rest], progress_file=path, **OPTIONS) == expected
    assert rest.seen == whole.seen - 2
    # What is done stays until who gave the file has saved the result.
    nothing = Killer(after=0)
    assert evaluate_attention(tiny_model(), data, [*MEASURES, nothing], progress_file=path, **OPTIONS) == expected


@pytest.mark.parametrize("other", ["model", "data", "options", "measures"])
def test_another_evaluation_starts_anew(tmp_path, other):
    path, data = tmp_path / "progress", instances(12)
    killed_after(path, 2, data)
    model = tiny_model(seed=1 if other == "model" else 0)
    data = instances(12, seed=1) if other == "data" else data
    options = {**OPTIONS, "method": "gradient_norm"} if other == "options" else OPTIONS
    measures = ["correlation"] if other == "measures" else MEASURES
    expected = evaluate_attention(model, data, measures, **options)
    # `Killer` is part of what makes evaluations the same.
    measures = measures if other == "measures" else [*measures, Killer(-1)]
    found = evaluate_attention(model, data, measures, progress_file=path, **options)
    assert found.sentences == expected.sentences


def test_the_second_text_of_a_pair_counts(tmp_path):
    model, first = tiny_pair_model(num_labels=3), pair_instances(4)
    second = [one.duplicate() for one in first]
    second[0]["hypothesis"].tokens[0] = first[1]["hypothesis"].tokens[0]
    with pytest.raises(Killed):
        evaluate_attention(model, first, [Killer(1)], progress_file=tmp_path / "p", batch_tokens=8)
    whole = Killer(-1)
    evaluate_attention(model, second, [whole], progress_file=tmp_path / "p", batch_tokens=8, resamples=2)
    again = Killer(-1)
    evaluate_attention(model, second, [again], batch_tokens=8, resamples=2)
    assert whole.seen == again.seen


def test_a_full_disk_is_reported(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("attention_vat.interpret.progress.open", full, raising=False)
    with pytest.raises(
        ConfigurationError, match=r"progress cannot be written \(No space.*\); free some space and start"
    ):
        evaluate_attention(tiny_model(), instances(3), ["correlation"], progress_file=tmp_path / "progress", **OPTIONS)


def test_a_damaged_line_is_evaluated_again(tmp_path):
    path, data = tmp_path / "progress", instances(12)
    killed_after(path, 2, data)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1] + lines[2][: len(lines[2]) // 2] + b"\n" + b"".join(lines[3:]))
    expected = evaluate_attention(tiny_model(), data, MEASURES, **OPTIONS)
    again = evaluate_attention(tiny_model(), data, [*MEASURES, Killer(after=-1)], progress_file=path, **OPTIONS)
    assert again.sentences == expected.sentences
