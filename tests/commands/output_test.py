"""`--quiet` and `--json` of every subcommand: what programs read."""

import argparse
import json
import logging
import os
import shutil
import sys
import warnings
from unittest import mock

import pytest
from allennlp.commands import main
from allennlp.common import Tqdm, plugins
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import SigTermReceived

from attention_vat.commands.output import Output, add_output_options
from attention_vat.search import launch
from tests.commands.evaluate_attention_test import SENTENCES, make_archive
from tests.commands.help_test import COMMANDS
from tests.search.tiny import configuration, done_run

BOTH = ("--quiet", "--json")


def parsed(run, *arguments, resume=""):
    parser = argparse.ArgumentParser(prog="allennlp some")
    add_output_options(parser, run, resume=resume)
    return parser.parse_args(arguments)


@pytest.fixture
def call(monkeypatch, capfd):
    """Runs a command and gives what it printed, of any part of the process."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["allennlp", *map(str, arguments)])
        capfd.readouterr()
        main()
        return capfd.readouterr()

    return run


@pytest.fixture
def written(tmp_path):
    """Small things to work on."""
    (tmp_path / "data").mkdir()
    lines = "".join(json.dumps(sentence) + "\n" for sentence in SENTENCES)
    for split in ("train", "validation", "test"):
        (tmp_path / "data" / f"{split}.jsonl").write_text(lines)
    make_archive(tmp_path / "vanilla", seed=0)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_both(command, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["allennlp", command, "--help"])
    with pytest.raises(SystemExit):
        main()
    out = capsys.readouterr().out
    assert " --quiet " in out and " --json " in out


def everything(args, output):
    print("printed by a library")
    warnings.warn("a warning", stacklevel=2)
    logging.getLogger("attention_vat.some").warning("a log message")
    for _ in Tqdm.tqdm(range(3), desc="a bar"):
        pass
    output.error("line 3: cannot be read")
    output.answer("text", {"loss": float("nan"), "name": "naïve"})


@pytest.mark.parametrize(
    ("options", "out"),
    [
        ([], "printed by a library\ntext\n"),
        (["--quiet"], ""),
        (["--json"], '{"loss": null, "name": "na\\u00efve"}\n'),
        (["--quiet", "--json"], '{"loss": null, "name": "na\\u00efve"}\n'),
    ],
)
def test_what_is_printed(options, out, capsys):
    args = parsed(everything, *options)
    handler = logging.StreamHandler(sys.stderr)
    logging.getLogger("attention_vat").addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            # The one of pytest keeps warnings from standard error.
            warnings.showwarning = lambda message, *_: print(message, file=sys.stderr)
            args.func(args)
    finally:
        logging.getLogger("attention_vat").removeHandler(handler)
    printed = capsys.readouterr()
    assert printed.out == out
    if "--quiet" in options:
        assert printed.err == "allennlp some: line 3: cannot be read\n"
    else:
        assert all(text in printed.err for text in ("a warning", "a log message", "a bar", "line 3"))


def test_all_is_as_before_after_an_error(capsys):
    def fail(args, output):
        raise SystemExit("no such file")

    stdout, level = sys.stdout, logging.root.manager.disable
    args = parsed(fail, *BOTH)
    with pytest.raises(SystemExit, match="no such file"):
        args.func(args)
    assert sys.stdout is stdout and logging.root.manager.disable == level
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SigTermReceived()])
@pytest.mark.parametrize(
    ("resume", "message"),
    [
        ("", "allennlp some: interrupted."),
        ("the same command continues", "allennlp some: interrupted; the same command continues."),
    ],
)
def test_an_interruption_is_one_sentence(error, resume, message, capsys):
    def fail(args, output):
        raise error

    args = parsed(fail, resume=resume)
    with pytest.raises(SystemExit) as exit_info:
        args.func(args)
    assert exit_info.value.code == message
    assert capsys.readouterr() == ("", "")


def test_an_error_begins_with_the_command():
    def fail(args, output):
        raise ConfigurationError("There is no archive x.")

    args = parsed(fail)
    with pytest.raises(SystemExit) as exit_info:
        args.func(args)
    assert exit_info.value.code == "allennlp some: There is no archive x."


def test_who_reads_may_leave(monkeypatch, capfd):
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        arguments = parsed(lambda args, output: output.answer("", {"text": "x" * 100000}), "--json")
        with pytest.raises(SystemExit) as exit_of_it:
            arguments.func(arguments)
    assert exit_of_it.value.code == 1
    assert capfd.readouterr().err == ""


def test_a_file_is_read_for_programs_only(tmp_path, capsys):
    Output().answer("text", tmp_path / "none.json")
    assert capsys.readouterr().out == "text\n"
    (tmp_path / "some.json").write_text('{"f1": NaN}')
    Output(json=True).answer("text", tmp_path / "some.json")
    assert capsys.readouterr().out == '{"f1": null}\n'


def test_evaluate_attention(call, written):
    data = written / "data" / "test.jsonl"
    command = ("evaluate-attention", written / "vanilla" / "model.tar.gz", data, "--force", "-s", written / "out")
    assert call(*command, "--quiet") == ("", "")
    metrics = json.loads((written / "out" / "metrics.json").read_text())
    assert json.loads(call(*command, "--json").out) == metrics
    assert call(*command, *BOTH).err == ""
    assert "Report: " in call(*command).out


def test_attention(call, written):
    command = ("attention", written / "vanilla" / "model.tar.gz", "w1 w2")
    assert call(*command, "--quiet", "--html", written / "page.html") == ("", "")
    assert (written / "page.html").exists()
    out, err = call(*command, *BOTH)
    assert json.loads(out)["tokens"] == ["w1", "w2"] and err == ""


def test_make_dataset(call, tmp_path):
    command = ("make-dataset", "example", "--force", "--output-dir", tmp_path / "example")
    assert call(*command, "--quiet") == ("", "")
    statistics = json.loads((tmp_path / "example" / "statistics.json").read_text())
    assert json.loads(call(*command, "--json").out) == statistics
    assert call(*command).out.splitlines()[-1] == f"written to {tmp_path / 'example'}"


def test_select_unlabeled(call, tmp_path):
    files = ("--labeled", "fixtures/example/test.jsonl", "--pool", "fixtures/example/unlabeled.jsonl")
    command = ("select-unlabeled", *files, "--count", 5, "--force", "--output-dir", tmp_path / "out")
    assert call(*command, "--quiet") == ("", "")
    out, err = call(*command, *BOTH)
    assert json.loads(out) == json.loads((tmp_path / "out" / "selection.json").read_text()) and err == ""


def test_make_config(call, written, monkeypatch):
    """Nothing is asked, not on a terminal either."""
    monkeypatch.setattr("builtins.input", lambda question: pytest.fail(question))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    command = ("make-config", written / "my.jsonnet", "--data-dir", written / "data", "--force")
    assert call(*command, "--quiet") == ("", "")
    assert json.loads(call(*command, "--json").out) == {
        "file": str(written / "my.jsonnet"),
        "data_dir": str(written / "data"),
        "technique": "tying+word_at",
        "encoder": "lstm",
    }
    assert "'lstm'" in (written / "my.jsonnet").read_text()


def test_make_encoder(call, tmp_path):
    with mock.patch("attention_vat.commands.make_encoder.make_encoder", return_value=tmp_path / "minilm"):
        assert call("make-encoder", "minilm", "--quiet") == ("", "")
        assert json.loads(call("make-encoder", "minilm", "--json").out) == {"output_dir": str(tmp_path / "minilm")}


def test_install_plugin(call, tmp_path, monkeypatch):
    monkeypatch.setattr(plugins, "GLOBAL_PLUGINS_FILENAME", str(tmp_path / "plugins"))
    added = json.loads(call("install-plugin", "--json").out)
    assert added == {"file": str(tmp_path / "plugins"), "added": True}
    assert call("install-plugin", "--quiet") == ("", "")


def test_search_report(call, tmp_path):
    pytest.importorskip("matplotlib")
    for number, f1 in enumerate((0.5, 0.9, float("nan"))):
        done_run(tmp_path / "a", number, number + 1.0, f1)
    assert call("search-report", tmp_path / "a", "--quiet") == ("", "")
    result = json.loads(call("search-report", tmp_path / "a", "--json").out)
    rows = [json.loads(line) for line in (tmp_path / "a" / "results.jsonl").read_text().splitlines()]
    values = [row["best_validation_f1"] for row in rows if row["best_validation_f1"] is not None]
    (search_of_a,) = result["searches"]
    assert (search_of_a["best"], search_of_a["worst"]) == (max(values), min(values))
    assert search_of_a["mean"] == pytest.approx(sum(values) / 2)
    assert (search_of_a["runs"], search_of_a["of"], search_of_a["metric"]) == (2, 3, "best_validation_f1")
    assert search_of_a["best_run"] == rows[1]["directory"]
    assert str(tmp_path / "a" / "results.jsonl") in result["files"]


def test_search(monkeypatch, capfd, tmp_path):
    """A run that failed is in the object and the error."""
    pytest.importorskip("optuna")
    (tmp_path / "config.json").write_text(json.dumps(configuration()))
    (tmp_path / "space.json").write_text('{"EPSILON": {"sampling strategy": "grid", "choices": [1.0, 2.0]}}')

    def train(runs, *_):
        print("2/2 run_00001 finished")
        shutil.rmtree(runs[0].directory)
        done_run(runs[0].directory.parent, 0, 1.0, 0.5)
        runs[1].finish("failed", "no memory")

    files = (tmp_path / "config.json", "--search-space", tmp_path / "space.json", "--log-dir", tmp_path)
    arguments = ["allennlp", "search", *files, "--experiment-name", "e", *BOTH]
    monkeypatch.setattr(sys, "argv", [*map(str, arguments)])
    with mock.patch.object(launch, "run_search", train), pytest.raises(SystemExit, match="run_00001: no memory"):
        main()
    out, err = capfd.readouterr()
    result = json.loads(out)
    assert [result[name] for name in ("runs", "finished", "stopped", "failed")] == [2, 1, 0, 1]
    assert result["searches"][0]["best"] == 0.5 and result["searches"][0]["std"] is None
    assert result["directory"] == str(tmp_path / "e") and err == ""
