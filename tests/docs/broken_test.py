"""What is wrong in a page is found. Each of these pages has one mistake."""

import re

import pytest

from tests.docs.clone import make_clone, make_small_dataset
from tests.docs.follow import Reader

TRAIN = "allennlp train training_configs/example/vanilla.jsonnet -s output/new"
SEARCH = "allennlp search training_configs/search/classifier.jsonnet --experiment-name new --search-space"
SPACE = "training_configs/search_spaces/epsilon.json"
COMMANDS = [
    ("allennlp trian CONFIG", "invalid choice: 'trian'"),
    (f"{TRAIN} --sed 1", "unrecognized arguments: --sed 1"),
    ("allennlp train training_configs/example/vanila.jsonnet -s output/new", 'There is no technique "vanila"'),
    (f"""{TRAIN} -o '{{"model": {{"scorer": "uniform"}}}}'""", 'key "type" is required at location "model."'),
    (f"""{TRAIN} -o '{{"train_data_path": "data/none.jsonl"}}'""", "data/none.jsonl not found"),
    (f"{TRAIN}\n    {TRAIN}", "output/new.* already exists"),
    ("allennlp make-dataset stt", "stt"),
    ("allennlp attention output/new 'a film'", "There is no archive output/new"),
    (f"{SEARCH} {SPACE} --set DATA_DIR=nowhere", "there is no file nowhere/train.jsonl"),
    (f"{SEARCH} training_configs/search_spaces/none.json", "none.json: cannot be read"),
    ("allennlp search-report logs/new", "logs/new is neither"),
    ("allennlp reproduce experiments/none.jsonnet", "There is no experiment file"),
    ("""allennlp reproduce experiments/smoke.jsonnet -o '{"parts.9.seeds": [1]}'""", "experiments/smoke.jsonnet: "),
    ("""allennlp reproduce experiments/smoke.jsonnet -o '{"parameters.epoch": 1}'""", "epoch is not a hidden field of"),
    ("allennlp select-unlabeled --labeled data/a --pool data/b --output-dir output/new", "data/a is neither"),
    ("make trian", "trian"),
    ("make train DATASETS=sst", "no variable DATASETS"),
    ("make train DATASET=stt", "invalid choice: 'stt'"),
    ("make bench ARGS='--fall'", "unrecognized arguments: --fall"),
    ("python -m benchmarks.step --wrods 2", "--wrods"),
    ("python -m benchmarks.train_run --data data/none --unlabeled data/none", "data/none is neither"),
    ("pip install '.[nothing]'", "no extra nothing"),
    ("pip install 'attention-vat[search]'", "on no index"),
    ("pip install --dependencies .", "no such option: --dependencies"),
    ("pip install -r requirements/none.txt", "requirements/none.txt is neither"),
    ("pip install torch==1.0.0", "the lock has torch=="),
    ("make help\n    maek help", "no command that is known"),
    ("make 'help", "does not end"),
]
BLOCKS = [
    ("", "1", "bash or text"),
    ("bash", "vanilla.jsonnet", "no command that is known"),
    ("python", "import attention_vat.nothing", "attention_vat.nothing"),
    ("python", "print(", "SyntaxError"),
    ("jsonnet", "{ trainer: { ... } }", "shown.jsonnet:1:14"),
    ("jsonnet", "regularizers: [{ type: 'attention_ivta' }]", "attention_ivta"),
    (
        "jsonnet",
        "{ title: 'A', corpora: ['sst'], techniques: ['nothing'] }",
        "There is no technique 'nothing' for sst",
    ),
    ("json", '{"EPSILON": {"sampling strategy": "lognormal"}}', "lognormal"),
    ("jsonl", '{"tokens": ["a"], "text": "a"}', "shown.jsonl:1"),
]


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    directory = make_clone(tmp_path_factory.mktemp("clone"))
    make_small_dataset("sst", directory / "data" / "sst")
    return directory


def failures_of(page, clone, monkeypatch):
    monkeypatch.chdir(clone)
    return Reader("page.md", page).follow()


@pytest.mark.parametrize("command, message", COMMANDS)
def test_a_command(command, message, clone, monkeypatch, tmp_path):
    output = str(tmp_path / "new")
    failures = failures_of(f"Type\n\n    {command.replace('output/new', output)}\n", clone, monkeypatch)

    assert len(failures) == 1
    assert failures[0].startswith("page.md:")
    assert re.search(message.replace("output/new", output), failures[0])


@pytest.mark.parametrize("language, text, message", BLOCKS)
def test_a_block(language, text, message, clone, monkeypatch):
    failures = failures_of(f"Look\n\n```{language}\n{text}\n```\n", clone, monkeypatch)

    assert len(failures) == 1
    assert failures[0].startswith("page.md:4: ")
    assert message in failures[0]


@pytest.mark.parametrize(
    "prose, message",
    [
        ("`allennlp predcit`", "invalid choice"),
        ("`allennlp evaluate-attention --hlep`", "has no option --hlep"),
        ("or `make trian`", "trian"),
        ("`allennlp reproduce\nexperiments/none.jsonnet`", "There is no experiment file"),
    ],
)
def test_running_text(prose, message, clone, monkeypatch):
    (failure,) = failures_of(f"# Title\n\nSee {prose}.\n", clone, monkeypatch)

    assert failure.startswith("page.md:3: ")
    assert message in failure


def test_a_page_without_mistakes(clone, monkeypatch):
    page = "Type\n\n    make help\n    A=1 allennlp make-dataset example --output-dir data/new\n\nor `make env`.\n"

    assert failures_of(page, clone, monkeypatch) == []
    assert (clone / "data" / "new" / "train.jsonl").is_file()
