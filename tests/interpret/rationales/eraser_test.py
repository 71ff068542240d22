import itertools
import json

import numpy
import pytest
from allennlp.common.checks import ConfigurationError
from scipy.stats import entropy
from sklearn import metrics

from attention_vat.data.corpora import EraserMovies
from attention_vat.data.dataset_readers import SingleSequenceReader
from attention_vat.interpret.evaluation import evaluate_attention
from attention_vat.interpret.rationales.eraser import (
    check_documents,
    hard_rationale,
    read_documents,
    write_predictions,
)
from tests.tiny import tiny_model

pytestmark = pytest.mark.filterwarnings("ignore:No positive class")

KEPT = {"type": "faithfulness", "keep_probabilities": True, "fractions": [0.2, 0.5]}
REVIEWS = {
    "neg_1.txt": ("NEG", "w1 w2 w3 .\nw4 w5 w6 w7 w8\n\nw2 w1", [[(0, 2)], [(5, 7), (8, 11)]]),
    "pos_1.txt": ("POS", "w9 w3  w4\nw4", [[(1, 2)], [(2, 4), (3, 3)]]),
    "pos_2.txt": ("POS", "w3", [[(0, 1)]]),
    "neg_2.txt": ("NEG", "w6 w5 w7 w12 w13 w1", []),
}


@pytest.fixture()
def benchmark(tmp_path):
    """The files of the benchmark, of which the data is made."""
    folder = tmp_path / "movies"
    (folder / "docs").mkdir(parents=True)
    rows = []
    for name, (label, text, groups) in REVIEWS.items():
        (folder / "docs" / name).write_text(text)
        evidences = [[{"docid": name, "start_token": s, "end_token": e} for s, e in group] for group in groups]
        rows.append({"annotation_id": name, "classification": label, "evidences": evidences})
    for split in ("train", "val", "test"):
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    EraserMovies(sources=[str(folder)]).make(tmp_path / "data")
    return folder


def literal_documents(folder):
    """As the scorer reads documents."""
    documents = {}
    for path in (folder / "docs").iterdir():
        lines = [line.strip() for line in path.read_text().split("\n")]
        documents[path.name] = [word for line in lines if line for word in line.split(" ") if word]
    return documents


def literal_scores(folder, results, thresholds):
    """The public scorer's rules, `rationale_benchmark/metrics.py`, on sets and lists."""
    documents = literal_documents(folder)
    rows = [json.loads(line) for line in (folder / "test.jsonl").read_text().splitlines()]
    truth = {
        (row["annotation_id"], e["docid"], e["start_token"], e["end_token"])
        for row in rows
        for e in itertools.chain.from_iterable(row["evidences"])
    }
    predicted = set()
    for result in results:
        (rationale,) = result["rationales"]
        assert len(rationale["soft_rationale_predictions"]) == len(documents[rationale["docid"]])
        taken = []
        for span in rationale["hard_rationale_predictions"]:
            assert 0 <= span["start_token"] < span["end_token"] <= len(documents[rationale["docid"]])
            taken += range(span["start_token"], span["end_token"])
            predicted.add((result["annotation_id"], rationale["docid"], span["start_token"], span["end_token"]))
        assert len(taken) == len(set(taken)), "spans overlap"
        assert set(result["classification_scores"]) == {"NEG", "POS"}
        assert max(result["classification_scores"], key=result["classification_scores"].get) == result["classification"]
    assert results[0]["rationales"][0]["hard_rationale_predictions"], "the scorer would leave out hard rationales"

    def words(spans):
        return {(a, d, t, t + 1) for a, d, start, end in spans for t in range(start, end)}

    def by_key(spans):
        keyed = {}
        for span in spans:
            keyed.setdefault(span[:2], set()).add(span)
        return keyed

    def f1(p, r):
        return 0 if p == 0 or r == 0 else 2 * p * r / (p + r)

    def hard(true, mine):
        keyed, keyed_mine, scores = by_key(true), by_key(mine), []
        for key in set(keyed) | set(keyed_mine):
            gold, guess = keyed.get(key, set()), keyed_mine.get(key, set())
            both = len(gold & guess)
            scores.append(f1(both / len(guess) if guess else 0, both / len(gold) if gold else 0))
        return f1(len(true & mine) / len(mine), len(true & mine) / len(true)), numpy.mean(scores)

    hits, keyed_truth = dict.fromkeys(by_key(predicted), 0), by_key(truth)
    for annotation, document, start, end in predicted:
        best = 0.0
        for _, _, other_start, other_end in keyed_truth.get((annotation, document), ()):
            mine, other = set(range(start, end)), set(range(other_start, other_end))
            best = max(best, len(mine & other) / len(mine | other))
        hits[annotation, document] += best >= 0.5
    precision = numpy.mean([hits[key] / len(spans) for key, spans in by_key(predicted).items()])
    recall = numpy.mean([hits.get(key, 0) / len(spans) for key, spans in by_key(truth).items()])
    total = sum(hits.values())

    soft = {"auprc": [], "average_precision": [], "roc_auc": []}
    for result in results:
        (rationale,) = result["rationales"]
        marks = [0] * len(documents[rationale["docid"]])
        for annotation, _, start, end in truth:
            if annotation == result["annotation_id"]:
                marks[start:end] = [1] * (end - start)
        scores = rationale["soft_rationale_predictions"]
        curve = metrics.precision_recall_curve(marks, scores)
        soft["auprc"].append(metrics.auc(curve[1], curve[0]))
        if 0 < sum(marks) < len(marks):
            soft["average_precision"].append(metrics.average_precision_score(marks, scores))
            soft["roc_auc"].append(metrics.roc_auc_score(marks, scores))

    lost = {}
    for name in ("comprehensiveness", "sufficiency"):
        key, of = f"{name}_classification_scores", "classification_scores"
        lost[name] = numpy.mean([r[of][r["classification"]] - r[key][r["classification"]] for r in results])
        rows_of_aopc = []
        for r in results:
            points = [p for p in r["thresholded_scores"] if p["threshold"] in thresholds]
            assert len(points) == len(thresholds)
            rows_of_aopc.append([r[of][r["classification"]] - p[key][r["classification"]] for p in points])
        lost[f"{name}_aopc"] = numpy.mean(rows_of_aopc)
        assert all(numpy.isfinite(entropy(list(r[key].values()))) for r in results)
    return {
        **dict(zip(("exact_f1_micro", "exact_f1_macro"), hard(truth, predicted))),
        **dict(zip(("token_f1_micro", "token_f1_macro"), hard(words(truth), words(predicted)))),
        "iou_f1_micro": f1(total / len(predicted), total / len(truth)),
        "iou_f1_macro": f1(precision, recall),
        **{name: numpy.mean(values) for name, values in soft.items()},
        **lost,
    }


def evaluated(folder, seed=0, measures=("rationales", KEPT), **reader):
    data = str(folder.parent / "data" / "test.jsonl")
    instances = SingleSequenceReader(**reader).read(data)
    model = tiny_model(seed=seed, boundary_tokens=int(reader.get("boundary_tokens", False)))
    result = evaluate_attention(model, list(instances), measures, resamples=10)
    write_predictions(folder.parent / "predictions.jsonl", result, data)
    return result, [json.loads(line) for line in (folder.parent / "predictions.jsonl").read_text().splitlines()]


SPANS = {"type": "spans", "length": 2}


@pytest.mark.parametrize("boundary_tokens", [False, True])
@pytest.mark.parametrize("selection", [{"type": "top_words"}, SPANS, {"type": "threshold", "threshold": 0.3}])
def test_the_benchmarks_scorer_gives_the_same_numbers(benchmark, selection, boundary_tokens):
    measures = [{"type": "rationales", "selection": dict(selection)}, {**KEPT, "selection": dict(selection)}]
    result, lines = evaluated(benchmark, 1, measures, boundary_tokens=boundary_tokens)
    assert sorted(line["annotation_id"] for line in lines) == sorted(REVIEWS)
    for name, expected in literal_scores(benchmark, lines, [0.2, 0.5]).items():
        assert result.metrics[name].value == pytest.approx(expected, abs=1e-9), name


def test_a_text_that_was_cut(benchmark):
    result, lines = evaluated(benchmark, max_tokens=4)
    assert [len(sentence.tokens) for sentence in result.sentences] == [4, 4, 1, 4]
    literal_scores(benchmark, lines, [0.2])
    line = next(line for line in lines if line["annotation_id"] == "neg_1.txt")
    assert line["rationales"][0]["soft_rationale_predictions"][4:] == [0.0] * 7


def test_other_names(tmp_path):
    path = tmp_path / "data.jsonl"
    rows = [
        {"id": 7, "docid": "d", "premise": ["a", "b"], "label": 1},
        {"id": "8", "text": "a b", "label": "x", "classification": "X"},
    ]
    path.write_text("\n\n".join(map(json.dumps, rows)))
    documents = read_documents(path)
    assert tuple(documents["7"]) == ("d", 2, "1", None, False)
    assert tuple(documents["8"]) == ("8", None, "x", "X", False)


def test_what_is_missing_is_said(benchmark):
    with pytest.raises(ConfigurationError, match='need the measure .*"keep_probabilities": true'):
        evaluated(benchmark, measures=["rationales"])
    data = benchmark.parent / "data" / "test.jsonl"
    rows = [json.loads(line) for line in data.read_text().splitlines()]
    data.write_text("\n".join(json.dumps({"tokens": row["tokens"], "id": row["id"]}) for row in rows))
    with pytest.raises(ConfigurationError, match="human rationales or a rationale_fraction"):
        evaluated(benchmark)
    with pytest.raises(ConfigurationError, match="no human rationales that say .* give --rationale-fraction"):
        check_documents(data)
    check_documents(data, 0.2)
    for broken in ({"tokens": ["w1"]}, {"tokens": ["w1"], "id": rows[0]["id"]}):
        data.write_text(json.dumps(rows[0]) + "\n\n" + json.dumps(broken))
        with pytest.raises(ConfigurationError, match='test.jsonl:3: needs a unique "id"'):
            check_documents(data)
    data.write_text("{nonsense")
    with pytest.raises(ConfigurationError, match="test.jsonl:1: is not JSON"):
        check_documents(data)
    assert not (benchmark.parent / "predictions.jsonl").exists()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"id": "z\xe9ro"}', "is not UTF-8 text"),
        (b'{"id": "1", "classification": ["POS"]}', r""""classification" is \['POS'\]"""),
        (b'{"id": "1", "rationale": [null]}', '"rationale" must be a list of 0 and 1'),
    ],
)
def test_documents_that_are_broken(tmp_path, line, problem):
    path = tmp_path / "test.jsonl"
    path.write_bytes(b'{"id": "0"}\n' + line + b"\n")
    with pytest.raises(ConfigurationError, match=f"test.jsonl:2: {problem}"):
        read_documents(path)


def test_hard_rationale():
    assert hard_rationale([]) == hard_rationale([0, 0]) == []
    ends = [(span["start_token"], span["end_token"]) for span in hard_rationale([1, 0, 1, 1])]
    assert ends == [(0, 1), (2, 4)]
