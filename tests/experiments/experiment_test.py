import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.experiment import Search, load_experiment


def load(tmp_path, text, overrides=""):
    path = tmp_path / "mine.jsonnet"
    path.write_text(text, encoding="utf-8")
    return load_experiment(path, overrides)


def test_parts_share_what_stands_outside(tmp_path):
    experiment = load(
        tmp_path,
        """{
          title: 'T', corpora: ['sst'], seeds: [3, 4], parameters: { num_epochs: 2, batch_size: 8 },
          parts: [
            { techniques: ['vanilla'] },
            { techniques: ['word_at'], seeds: [5], parameters: { num_epochs: 7 }, search: { num_samples: 4 } },
          ],
        }""",
    )
    first, second = experiment.parts
    assert (first.corpora, first.techniques, first.seeds, first.search) == (["sst"], ["vanilla"], [3, 4], None)
    assert second.seeds == [5]
    assert second.parameters == {"num_epochs": 7, "batch_size": 8}
    assert (second.search.num_samples, second.search.low, second.search.high) == (4, 0.01, 30.0)
    assert experiment.measures == ["prediction", "pearson"]


def test_one_part_needs_no_parts(tmp_path):
    experiment = load(tmp_path, "{ corpora: ['sst'], techniques: ['vanilla'], unlabeled: [{ count: 5 }] }")
    assert [part.unlabeled[0].strategy for part in experiment.parts] == ["random"]
    assert experiment.parts[0].seeds == [0]


def test_overrides(tmp_path):
    text = "{ corpora: ['sst'], techniques: ['vanilla'], seeds: [0, 1], parameters: { vectors: { file: null } } }"
    experiment = load(tmp_path, text, '{"seeds": [9], "parameters.vectors.file": "v.txt"}')
    assert experiment.parts[0].seeds == [9]
    assert experiment.parts[0].parameters == {"vectors": {"file": "v.txt"}}


@pytest.mark.parametrize(
    "text, message",
    [
        ("{ corpora: ['sst'], techniques: ['vanilla'], seedz: [1] }", "mine.jsonnet: .*seedz"),
        ("{ corpora: ['sst'] }", "mine.jsonnet: .*techniques"),
        ("{ corpora: ['sst'], techniques: [", "mine.jsonnet: "),
        ("{ corpora: ['sst'], techniques: ['x'], figure: 'pie' }", "figure is 'pie', but must be"),
        ("{ corpora: ['sst'], techniques: ['x'], search: { num_samples: 0 } }", "num_samples is 0"),
        ("{ corpora: ['sst'], techniques: ['x'], search: { num_samples: 1, training_seeds: [] } }", "is empty"),
        ("{ corpora: ['sst'], techniques: ['x'], evaluation: ['correlations'] }", "'correlations' is not a measure"),
        (
            "{ corpora: ['sst'], techniques: ['x'], measures: ['persson'] }",
            "measures has 'persson', which is not known; did you mean pearson",
        ),
        ("{ corpora: ['sst'], techniques: ['x'], measures: ['qqq@3'] }", "'qqq@3', .* docs/evaluation.md lists them"),
        ("{ corpora: ['sst'], techniques: ['x'], measures: 'f1' }", "measures must be a list"),
        ("{ corpora: 'sst', techniques: ['x'] }", "corpora must be a list"),
        ("{ corpora: ['sst'], techniques: ['x'], parameters: [1] }", "parameters must be an object"),
        ("{ parts: [{ corpora: ['sst'], techniques: 'x' }] }", "techniques must be a list"),
        ("{ parts: { corpora: ['sst'] } }", "parts must be a list of objects"),
        ("{ corpora: ['sst'], parts: ['x'] }", "parts must be a list of objects"),
        ("[1, 2]", "and --overrides must be objects"),
        ("{ parts: [] }", "parts is empty"),
        ("{ corpora: [], techniques: ['x'] }", "corpora is empty"),
        ("{ corpora: ['sst'], techniques: [] }", "techniques is empty"),
        ("{ corpora: ['sst'], techniques: ['x', 'x'] }", "techniques has 'x' twice"),
        ("{ corpora: ['sst'], techniques: ['x'], seeds: [] }", "seeds is empty"),
        ("{ corpora: ['sst'], techniques: ['x'], seeds: [0, 1, 0] }", "seeds has 0 twice"),
        ("{ corpora: ['sst'], techniques: ['x'], seeds: [-1] }", "seeds has -1, but seeds range from 0"),
        (
            "{ corpora: ['sst'], techniques: ['x'], search: { num_samples: 1, training_seeds: [1, 1] } }",
            "search.training_seeds has 1 twice",
        ),
        ("{ corpora: ['sst'], techniques: ['x'], search: { num_samples: 1, seed: -1 } }", "search.seed is -1"),
        ("{ corpora: ['sst'], techniques: ['x'], epsilons: [1, 0] }", "epsilons are .*, but must be above 0"),
        ("{ corpora: ['sst'], techniques: ['x'], names: { sts: 'S' } }", "names has 'sts', which is not among"),
        ("{ corpora: ['sst'], techniques: ['x'], test_data: { sts: 'S' } }", "test_data has 'sts', which is not"),
        ("{ corpora: ['sst'], techniques: ['x'], unlabeled: [{ count: 0 }] }", "count is 0"),
        ("{ corpora: ['sst'], techniques: ['x'], unlabeled: [{ count: 1, strategy: 'y' }] }", "strategy is 'y'"),
        (
            "{ corpora: ['sst'], techniques: ['x'], epsilons: [1], search: { num_samples: 1 } }",
            "either searches ε or lists epsilons",
        ),
    ],
)
def test_mistakes_are_named(tmp_path, text, message):
    with pytest.raises(ConfigurationError, match=message):
        load(tmp_path, text)


def test_missing_file(tmp_path):
    with pytest.raises(ConfigurationError, match="There is no experiment file .*none.jsonnet"):
        load_experiment(tmp_path / "none.jsonnet")


def test_unknown_override(tmp_path):
    with pytest.raises(ConfigurationError, match="mine.jsonnet: .*unused keys"):
        load(tmp_path, "{ corpora: ['sst'], techniques: ['vanilla'] }", '{"parameters.num_epochs": 1}')


def test_search_range():
    with pytest.raises(ConfigurationError, match="must be 0 < low < high"):
        Search(num_samples=1, low=3.0, high=1.0)


def test_overrides_are_an_object(tmp_path):
    with pytest.raises(ConfigurationError, match="mine.jsonnet.*"):
        load(tmp_path, "{ corpora: ['sst'], techniques: ['x'] }", "[1]")


def test_what_is_null_is_left_out(tmp_path):
    experiment = load(tmp_path, "{ corpora: ['sst'], techniques: ['x'], search: null, seeds: null }")
    assert (experiment.parts[0].search, experiment.parts[0].seeds) == (None, [0])


def test_measures_of_ones_own_may_be_called_anything(tmp_path):
    from attention_vat.interpret.measures import Measure
    from attention_vat.interpret.measures.measure import Columns

    @Measure.register("mine_for_a_test")
    class Mine(Measure):
        part_of_all = False

        def __call__(self, model, batch):
            return Columns()

    text = "{ corpora: ['sst'], techniques: ['x'], measures: ['my_number'], evaluation: ['mine_for_a_test'] }"
    assert load(tmp_path, text).measures == ["my_number"]
