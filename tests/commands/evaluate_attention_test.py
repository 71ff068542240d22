import fcntl
import json
from unittest import mock

import pytest
import torch
from allennlp.commands import main
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models.archival import archive_model, load_archive

from attention_vat.commands import evaluate_attention
from attention_vat.commands.evaluate_attention import evaluate_archives
from attention_vat.common.locks import locked
from attention_vat.interpret.measures import Columns, HotflipAttack, PredictionQuality, choose_measures
from attention_vat.reports import output
from tests.tiny import tiny_model

SENTENCES = [
    {"id": "a", "tokens": ["w1", "w2", "w3", "w4"], "label": "1", "rationale": [0, 1, 0, 0]},
    {"id": "b", "tokens": ["w5", "w1", "w7"], "label": "0", "rationale": [1, 0, 0]},
    {"id": "c", "tokens": ["w5"], "label": "0", "rationale": [0]},
]


def make_archive(directory, seed, model=None):
    directory.mkdir()
    parts = {
        "type": "single_sequence_attention",
        "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 6}}},
        "encoder": {"type": "lstm", "input_size": 6, "hidden_size": 5, "bidirectional": True},
    }
    tiny = tiny_model(seed=seed, dtype=torch.float32)
    config = {"dataset_reader": {"type": "single_sequence"}, "model": model or parts, "train_data_path": "none"}
    Params(config).to_file(str(directory / "config.json"))
    tiny.vocab.save_to_files(str(directory / "vocabulary"))
    torch.save(tiny.state_dict(), directory / "weights.th")
    archive_model(directory, weights="weights.th")
    return directory / "model.tar.gz"


@pytest.fixture()
def data(tmp_path):
    path = tmp_path / "test.jsonl"
    path.write_text("".join(json.dumps(sentence) + "\n" for sentence in SENTENCES), encoding="utf-8")
    return path


@pytest.fixture()
def archive(tmp_path):
    return make_archive(tmp_path / "vanilla", seed=0)


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["allennlp", "evaluate-attention", *map(str, arguments)])
    main()


def test_one_archive(archive, data, tmp_path, monkeypatch, capsys):
    run(monkeypatch, archive, data, "--output-dir", tmp_path / "out", "--title", "A title")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "instances.jsonl",
        "metrics.json",
        "plots",
        "report.html",
    ]
    printed = capsys.readouterr().out
    assert "Pearson correlation" in printed
    assert "vanilla" in printed
    assert str(tmp_path / "out" / "report.html") in printed
    assert "<h1>A title</h1>" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in (tmp_path / "out" / "instances.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == ["a", "b", "c"]
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert metrics["models"]["vanilla"]["metrics"]["pearson"]["undefined"] == 1


def test_two_archives_and_options(archive, data, tmp_path, monkeypatch, capsys):
    second = make_archive(tmp_path / "ivat", seed=1)
    options = ["--importance", "gradient_norm", "--gradient-of", "logit", "--rationale-fraction", "0.5", "--seed", "3"]
    # The directory of a training run is as good as its archive.
    run(monkeypatch, archive, data, "-s", tmp_path / "out", "--compare", second.parent, "--batch-tokens", "4", *options)
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert list(metrics["models"]) == ["vanilla", "ivat"]
    settings = metrics["models"]["ivat"]["settings"]
    assert (settings["importance"], settings["output"]) == ("gradient_norm", "logit")
    assert (settings["rationale_fraction"], settings["seed"]) == (0.5, 3)
    assert "difference" in capsys.readouterr().out


def test_names_of_classes_are_shown_and_labels_are_stored(archive, data, tmp_path, monkeypatch):
    names = {"0": "negative", "1": "positive"}
    run(monkeypatch, archive, data, "-s", tmp_path / "out", "-o", json.dumps({"model.label_names": names}))
    model = json.loads((tmp_path / "out" / "metrics.json").read_text())["models"]["vanilla"]
    assert model["label_names"] == names
    assert model["labels"] == ["0", "1"] and set(model["by_prediction"]) <= {"0", "1"}
    lines = [json.loads(line) for line in (tmp_path / "out" / "instances.jsonl").read_text().splitlines()]
    assert [line["label"] for line in lines] == ["1", "0", "0"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "labels negative, positive" in page
    run(monkeypatch, archive, data, "-s", tmp_path / "plain")
    assert "label_names" not in (tmp_path / "plain" / "metrics.json").read_text()


def test_measures_and_seeds(archive, data, tmp_path, monkeypatch, capsys):
    measures = [
        "correlation",
        {"type": "permutation", "num_permutations": 3},
        {"type": "adversarial_attention", "num_steps": 2},
        {"type": "robustness", "epsilons": [1.0]},
        {"type": "leave_one_out", "sample": 2},
        "uniform",
    ]
    seeds = [make_archive(tmp_path / f"seed{seed}", seed) for seed in (1, 2)]
    run(monkeypatch, archive, data, "-s", tmp_path / "named", "--measures", "seeds", "--seeds", *seeds)
    assert "seeds_jsd" in (tmp_path / "named" / "metrics.json").read_text()
    run(monkeypatch, archive, data, "-s", tmp_path / "out", "--measures", json.dumps(measures), "--seeds", *seeds)
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())["models"]["vanilla"]
    assert set(metrics["settings"]["measures"]) == {
        "prediction", "correlation", "permutation", "adversarial_attention", "robustness", "leave_one_out", "uniform",
        "seeds",
    }  # fmt: skip
    assert metrics["settings"]["measures"]["permutation"] == {"num_permutations": 3}
    for name in ("permutation_difference", "adversarial_jsd", "accuracy_uniform", "seeds_jsd", "kendall_leave_one_out"):
        assert name in metrics["metrics"]
    assert metrics["curves"]["scores_attention_jsd"]["x"] == [0.0, 1.0]
    lines = [json.loads(line) for line in (tmp_path / "out" / "instances.jsonl").read_text().splitlines()]
    assert len(lines[0]["words"]["adversarial_attention"]) == len(lines[0]["tokens"])
    assert lines[0]["predictions"]["uniform"] in ("0", "1")
    assert sum("leave_one_out" in line["words"] for line in lines) == 2
    assert (tmp_path / "out" / "report.html").exists()


def test_all_measures(archive, data, tmp_path, monkeypatch):
    run(monkeypatch, archive, data, "-s", tmp_path / "out", "--measures", "all")
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())["models"]["vanilla"]["metrics"]
    assert {"hotflip_success", "input_reduction_words", "adversarial_jsd"} <= set(metrics)


@pytest.fixture()
def killed_at(monkeypatch):
    """Evaluates until a batch, counted from the beginning; gives the sizes of the batches so far."""
    batches = []

    def kill(number):
        def call(self, model, batch):
            batches.append(len(batch.texts))
            if len(batches) == number:
                raise KeyboardInterrupt
            return Columns()

        monkeypatch.setattr(PredictionQuality, "__call__", call)
        return batches

    return kill


INTERRUPTED = r"^allennlp evaluate-attention: interrupted; the same command continues\.$"


def test_goes_on_where_it_was_killed(archive, data, tmp_path, monkeypatch, killed_at):
    killed_at(3)
    with pytest.raises(SystemExit, match=INTERRUPTED):
        run(monkeypatch, archive, data, "-s", tmp_path / "out", "--batch-tokens", "4")
    assert not (tmp_path / "out").exists()
    batches = killed_at(None)
    run(monkeypatch, archive, data, "-s", tmp_path / "out", "--batch-tokens", "4")
    # Two of the three sentences were done.
    assert len(batches) == 3 + 1
    assert not [path for path in tmp_path.iterdir() if "progress" in path.name]
    run(monkeypatch, archive, data, "-s", tmp_path / "whole", "--batch-tokens", "4")
    for name in ("instances.jsonl", "metrics.json"):
        assert (tmp_path / "out" / name).read_text() == (tmp_path / "whole" / name).read_text()


def test_the_first_of_two_models_is_kept_when_the_second_is_killed(archive, data, tmp_path, monkeypatch, killed_at):
    second = make_archive(tmp_path / "ivat", seed=1)
    arguments = (archive, data, "-s", tmp_path / "out", "--batch-tokens", "4", "--compare", second)
    killed_at(3 + 2)
    with pytest.raises(SystemExit, match=INTERRUPTED):
        run(monkeypatch, *arguments)
    batches = killed_at(None)
    run(monkeypatch, *arguments)
    assert len(batches) == (3 + 2) + 2
    assert list(json.loads((tmp_path / "out" / "metrics.json").read_text())["models"]) == ["vanilla", "ivat"]
    assert not [path for path in tmp_path.iterdir() if "progress" in path.name]


def test_nothing_is_lost_while_the_report_is_written(archive, data, tmp_path, monkeypatch, killed_at):
    second = make_archive(tmp_path / "ivat", seed=1)
    options = ("-s", tmp_path / "out", "--batch-tokens", "4")
    batches = killed_at(None)
    with monkeypatch.context() as patch:
        patch.setattr(output, "write_report", mock.Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(SystemExit, match=INTERRUPTED):
            run(monkeypatch, archive, data, *options, "--compare", second)
    assert len(batches) == 6
    # A command with the first model only takes what is there, and leaves nothing of the second one behind.
    (tmp_path / "out").rmdir()
    run(monkeypatch, archive, data, *options)
    assert len(batches) == 6
    assert not [path for path in tmp_path.iterdir() if "progress" in path.name]


def test_one_at_a_time(archive, data, tmp_path, monkeypatch):
    never = mock.Mock(side_effect=AssertionError)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "out")
    with monkeypatch.context() as patch, locked(tmp_path / ".out.lock"):
        patch.setattr(evaluate_attention, "load_attention_archive", never)
        for place in (tmp_path / "out", tmp_path / "vanilla" / ".." / "out", link):
            with pytest.raises(
                SystemExit, match="Another `allennlp evaluate-attention` is already running in .*; wait, or choose"
            ):
                run(monkeypatch, archive, data, "-s", place)
    assert not [path for path in tmp_path.iterdir() if "progress" in path.name]
    # The file is no lock once nobody holds it, be it after an evaluation that failed.
    with pytest.raises(SystemExit, match="not a gzip file"):
        run(monkeypatch, data, data, "-s", tmp_path / "out")
    run(monkeypatch, archive, data, "-s", tmp_path / "out")


def test_another_one_ends_while_this_one_waits(archive, data, tmp_path, monkeypatch):
    flock = fcntl.flock

    def flock_after_the_other(*args):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "report.html").write_text("of the other one")
        return flock(*args)

    monkeypatch.setattr(fcntl, "flock", flock_after_the_other)
    monkeypatch.setattr(evaluate_attention, "load_attention_archive", mock.Mock(side_effect=AssertionError))
    with pytest.raises(SystemExit, match="out is not empty; choose another one"):
        run(monkeypatch, archive, data, "-s", tmp_path / "out")


def test_a_directory_whose_neighbours_cannot_be_written(archive, data, tmp_path, monkeypatch):
    (tmp_path / ".out.lock").mkdir()
    with pytest.raises(SystemExit, match=r"\.out\.lock, the lock file of .*out, cannot be written \(Is a dir"):
        run(monkeypatch, archive, data, "-s", tmp_path / "out")


def test_the_weights_of_a_checkpoint(archive, data, tmp_path, monkeypatch):
    state = load_archive(make_archive(tmp_path / "other", seed=1)).model.state_dict()
    torch.save(state, tmp_path / "model_state_e1_b0.th")
    run(monkeypatch, archive, data, "-s", tmp_path / "out", "--weights-file", tmp_path / "model_state_e1_b0.th")
    run(monkeypatch, tmp_path / "other" / "model.tar.gz", data, "-s", tmp_path / "expected")
    assert (tmp_path / "out" / "instances.jsonl").read_text() == (tmp_path / "expected" / "instances.jsonl").read_text()


def test_force(archive, data, tmp_path, monkeypatch, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.html").write_text("old")
    with pytest.raises(SystemExit, match=r"evaluate-attention: The output directory .* is not empty"):
        run(monkeypatch, archive, data, "-s", tmp_path / "out")
    assert (tmp_path / "out" / "report.html").read_text() == "old"
    run(monkeypatch, archive, data, "-s", tmp_path / "out", "--force")
    assert (tmp_path / "out" / "report.html").read_text(encoding="utf-8") != "old"


def test_bad_files_are_found_before_any_work(archive, data, tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate_attention, "evaluate_attention", mock.Mock(side_effect=AssertionError))
    for arguments, message in (
        ((tmp_path / "none.tar.gz", data), "There is no archive .*none.tar.gz"),
        ((archive, tmp_path / "none.jsonl"), "There is no data file .*none.jsonl"),
        ((archive, data, "--compare", tmp_path / "none.tar.gz"), "There is no archive .*none.tar.gz"),
        ((archive, data, "--weights-file", tmp_path / "none.th"), "There is no weights file .*none.th"),
        ((archive, data, "--rationale-fraction", "2"), "rationale_fraction is 2.0"),
        ((data, data), r"The archive .*test.jsonl cannot be read \(not a gzip file"),
        ((archive, data, "--compare", data), r"The archive .*test.jsonl cannot be read \(not a gzip file"),
        ((archive, data, "--weights-file", data), "The weights file .*test.jsonl holds no model weights"),
        ((archive, data, "--weights-file", tmp_path), "The weights file .* is a directory"),
        ((archive, tmp_path), "The data file .* is a directory; give one of the files in it"),
        ((archive, tmp_path, "--eraser"), "The data file .* is a directory; give one of the files in it"),
        ((archive, data, "-o", "{"), r"The overrides { are not a JSON or Jsonnet object"),
    ):
        with pytest.raises(SystemExit, match=message):
            run(monkeypatch, *arguments, "-s", tmp_path / "out")
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measures": "magic"}, "'magic' is not a measure; choose from"),
        ({"measures": "[magic"}, "--measures is not a JSON list"),
        (
            {"measures": '[{"type": "rationales", "selection": {"type": "threshold", "threshold": Infinity}}]'},
            "Infinity is not a JSON number",
        ),
        ({"measures": '[{"type": "permutation", "num_permutations": -1}]'}, "num_permutations is -1, but must be"),
        ({"measures": '[{"type": "robustness", "epsilons": ["a"]}]'}, "'robustness' cannot be made from .*epsilons.0"),
        ({"measures": '[{"type": "hotflip", "sample": 0}]'}, "sample is 0, but must be at least 1"),
        ({"measures": "correlation,correlation"}, "'correlation' is given 2 times"),
        ({"batch_tokens": 0}, "batch_tokens is 0"),
        ({"seeds": ["none.tar.gz"]}, "There is no archive .*none.tar.gz"),
        ({"seeds": ["one"], "compare": "two"}, "leave out --compare"),
        ({"names": ["a", "b"]}, "--names are 'a', 'b', but 1 different ones are needed"),
        ({"names": ["a", "a"], "compare": "two"}, "--names are 'a', 'a', but 2 different ones are needed"),
        ({"names": ["a", "b", "b"], "compare": "two"}, "--names are 'a', 'b', 'b', but 2 different ones are needed"),
        ({"names": ["a", "b", "a"], "compare": ["two", "three"]}, "'a', 'b', 'a', but 3 different ones are needed"),
        ({"names": [" "]}, "--names are ' ', but 1 different ones are needed"),
        ({"measures": "correlation, seeds"}, "The measure 'seeds' compares with other models; name .* by --seeds"),
    ],
)
def test_bad_options(archive, data, tmp_path, options, message):
    with pytest.raises(ConfigurationError, match=message):
        evaluate_archives(archive, str(data), tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_three_archives(archive, data, tmp_path, monkeypatch, capsys):
    others = [make_archive(tmp_path / name, seed) for seed, name in ((1, "vat"), (2, "ivat"))]
    run(monkeypatch, archive, *others, data, "-s", tmp_path / "out")
    printed = capsys.readouterr().out
    assert "vat − vanilla" in printed and "ivat − vanilla" in printed
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert list(metrics["models"]) == ["vanilla", "vat", "ivat"]
    for name, path in zip(metrics["models"], (archive, *others)):
        alone = evaluate_archives(path, str(data), tmp_path / "alone" / name)[name]
        assert metrics["models"][name]["metrics"]["pearson"] == alone.metrics["pearson"]._asdict()
    values = [model["metrics"]["f1"]["value"] for model in metrics["models"].values()]
    differences = [metrics["comparisons"][name]["f1"]["value"] for name in ("vat", "ivat")]
    assert differences == pytest.approx([value - values[0] for value in values[1:]])
    assert not list(tmp_path.glob(".out.*"))
    # The older forms say the same.
    for number, form in enumerate(([archive, data, "--compare", others[0], "--compare", others[1]],
                                   [archive, others[0], data, "--compare", others[1]])):  # fmt: skip
        out = tmp_path / f"form{number}"
        run(monkeypatch, *form, "-s", out)
        assert json.loads((out / "metrics.json").read_text()) == metrics
    names = ["plain", "<b>", "c"]
    evaluate_archives([archive, *others], str(data), tmp_path / "named", names=names, resamples=10)
    assert list(json.loads((tmp_path / "named" / "metrics.json").read_text())["models"]) == names
    page = (tmp_path / "named" / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt; − plain" in page and "<b> − plain" not in page


def test_what_is_left_of_other_models_goes(archive, data, tmp_path):
    for name in (".out.progress-2", ".out.progress-x", ".out.progress-1.progress-0"):
        (tmp_path / name).write_text("")
    evaluate_archives([archive], str(data), tmp_path / "out", resamples=10)
    assert sorted(path.name for path in tmp_path.glob(".out.*")) == [".out.progress-1.progress-0", ".out.progress-x"]


def test_models_that_read_other_sentences_are_refused(archive, data, tmp_path):
    other = make_archive(tmp_path / "other", seed=1)
    config = json.loads((other.parent / "config.json").read_text())
    config["dataset_reader"]["max_instances"] = 2
    (other.parent / "config.json").write_text(json.dumps(config))
    archive_model(other.parent, weights="weights.th")
    with pytest.raises(ConfigurationError, match="only on the same sentences, but .* gave 3 and 2"):
        evaluate_archives([archive, archive, other], str(data), tmp_path / "out", resamples=10)
    assert not (tmp_path / "out" / "metrics.json").exists()


def test_names_of_models(archive, data, tmp_path):
    results = evaluate_archives(
        archive, str(data), tmp_path / "out", compare=archive, names=["plain", "<b>mine</b>"], resamples=10
    )
    assert list(results) == ["plain", "<b>mine</b>"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;mine&lt;/b&gt;" in page
    assert "<b>mine</b>" not in page


def test_seeds_twice(archive, data, tmp_path):
    measures = json.dumps([{"type": "seeds", "archives": [str(archive)]}])
    with pytest.raises(ConfigurationError, match="'seeds' is given 2 times"):
        evaluate_archives(archive, str(data), tmp_path / "out", measures=measures, seeds=[archive])


# What AllenNLP says where there is none, and what torch says then since 2.7, before AllenNLP can.
@pytest.mark.parametrize("error", [ConfigurationError("override"), RuntimeError("no accelerator"), None])
def test_a_gpu_that_is_not_there(archive, data, tmp_path, monkeypatch, error):
    if error is not None:
        monkeypatch.setattr(evaluate_attention, "check_for_gpu", mock.Mock(side_effect=error))
    with pytest.raises(SystemExit, match=r"--cuda-device is 99, but torch finds \d+ GPUs, .*; leave it out"):
        run(monkeypatch, archive, data, "-s", tmp_path / "out", "--cuda-device", "99")


def test_an_output_directory_below_a_file(archive, data, tmp_path, monkeypatch):
    with pytest.raises(SystemExit, match=r"test.jsonl/out is below .*test.jsonl, which is a file"):
        run(monkeypatch, archive, data, "-s", data / "out")


def test_broken_line(archive, data, tmp_path, monkeypatch):
    with open(data, "a", encoding="utf-8") as file:
        file.write("{nonsense\n")
    with pytest.raises(SystemExit, match=r"test.jsonl:4: "):
        run(monkeypatch, archive, data, "-s", tmp_path / "out")


def test_another_kind_of_model(data, tmp_path, monkeypatch):
    model = {
        "type": "basic_classifier",
        "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 6}}},
        "seq2vec_encoder": {"type": "bag_of_embeddings", "embedding_dim": 6},
    }
    archive = make_archive(tmp_path / "other", 0, model)
    monkeypatch.setattr(torch.nn.Module, "load_state_dict", lambda *args, **kwargs: ([], []))
    with pytest.raises(SystemExit, match="is a BasicClassifier, which has no attention to evaluate"):
        run(monkeypatch, archive, data, "-s", tmp_path / "out")


def test_from_python(archive, data, tmp_path):
    results = evaluate_archives(archive, str(data), tmp_path / "out", resamples=10)
    assert [sentence.id for sentence in results["vanilla"].sentences] == ["a", "b", "c"]
    assert results["vanilla"].settings["resamples"] == 10


def test_a_measure_that_does_not_apply_to_the_second_model_is_said_first(archive, data, tmp_path, monkeypatch):
    other = make_archive(tmp_path / "other", seed=1)
    work = mock.patch("attention_vat.interpret.evaluation.clean_batch", side_effect=AssertionError)

    def obstacle(self, model, texts):
        return None if model is models[0] else "it reads something else"

    models = []
    load = evaluate_attention.load_attention_archive

    def remembered(*args):
        loaded = load(*args)
        models.append(loaded.model)
        return loaded

    monkeypatch.setattr(evaluate_attention, "load_attention_archive", remembered)
    monkeypatch.setattr(HotflipAttack, "obstacle", obstacle)
    with work, pytest.raises(ConfigurationError, match="The measure 'hotflip' does not apply"):
        evaluate_archives(archive, str(data), tmp_path / "out", other, "correlation,hotflip")
    models.clear()
    # Of all measures it is left out where it does not apply.
    measures = choose_measures("all")
    measures = [measure for measure in measures if isinstance(measure, (HotflipAttack, PredictionQuality))]
    results = evaluate_archives(archive, str(data), tmp_path / "out", other, measures, resamples=10)
    assert ["hotflip_success" in result.metrics for result in results.values()] == [True, False]
    assert "hotflip" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8").lower()
