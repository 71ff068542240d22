"""
Runs the whole pipeline for `make train`: makes the data, trains Attention iVAT with unlabelled sentences and a plain
model, evaluates both on the test set, predicts a few sentences, and writes a report. With an encoder it fine-tunes that
Transformer instead, with and without adversarial self-attention.

Everything is written to a new folder `runs/DATASET/NUMBER`. After a kill, the same command continues there.
"""

import argparse
import json
import os
import re
import sys
import time
from glob import glob
from pathlib import Path
from statistics import mean, stdev
from typing import Any, Dict, List, Optional

ROOT = Path(__file__).resolve().parent.parent
RECURRENT = {"vanilla": "vanilla", "attention_ivat_semi_supervised": "Attention iVAT"}
# With --encoder.
TRANSFORMER = {"vanilla": "plain", "adversarial_self_attention": "adversarial self-attention"}
MEASURES = ["f1", "accuracy", "pearson", "pearson_attention_constant", "auprc"]
SENTENCES = [
    "The cast is wonderful.",
    "The plot is anything but dull.",
    "My neighbor called it a masterpiece, but I found the whole film tedious.",
    "The music is dreadful, yet the story is moving.",
    "Not a single scene is boring.",
]


def main() -> None:
    arguments = parse_arguments()
    os.chdir(ROOT)
    start = time.time()
    # Imported late, so that `--help` does not wait for AllenNLP.
    from allennlp.common.checks import ConfigurationError

    import attention_vat  # noqa: F401  (registers all parts)

    try:
        names = TRANSFORMER if arguments.encoder else RECURRENT
        data_dir = make_data(arguments)
        encoder = make_or_find_encoder(arguments.encoder)
        kind = "-".join([arguments.dataset, *(re.findall(r"[\w.-]+", arguments.encoder or "")[-1:])])
        folder = Path(arguments.output_dir) if arguments.output_dir else next_folder(kind)
        runs = [(technique, seed) for seed in range(arguments.seeds) for technique in names]
        print(f"training {len(runs)} models into {folder}")
        jobs = jobs_of(folder, arguments, runs, encoder)
        train_all(jobs, arguments.jobs)
        evaluations = report_all(folder, data_dir, runs, names)
        write_cards(arguments, data_dir, jobs, names, evaluations)
    except ConfigurationError as error:
        sys.exit(f"train_and_report: {error}")
    print(f"done in {time.time() - start:.0f} s")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="example", choices=["example", "sst"])
    parser.add_argument("--source", help="a local copy of the corpus, as for `allennlp make-dataset`")
    parser.add_argument(
        "--unlabeled", nargs="+", help="text files, one sentence per line (default = the files in SOURCE/../unlabeled)"
    )
    parser.add_argument(
        "--encoder", help="minilm, a name at Hugging Face, or a folder: fine-tune this Transformer instead"
    )
    parser.add_argument("--seeds", type=int, default=1, help="how many runs of each model")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many runs at a time")
    parser.add_argument("--output-dir", help="instead of a new folder in runs/")
    parser.add_argument("--overrides", type=json.loads, default={}, help="JSON, as for `allennlp train`")
    return parser.parse_args()


def make_data(arguments: argparse.Namespace) -> Path:
    """Returns the folder of the corpus, made if it is missing; says so if it does not use the files that were named."""
    from allennlp.common.checks import ConfigurationError

    from attention_vat.commands.make_dataset import make_dataset

    dataset, source, unlabeled = arguments.dataset, arguments.source, arguments.unlabeled
    if dataset == "example":
        return Path("fixtures/example")
    data_dir, pool = Path("data", dataset), Path("data/sentences/unlabeled.jsonl")
    if not (data_dir / "statistics.json").exists():
        make_dataset(dataset, [source] if source else None)
    elif source:
        print(f"{data_dir} exists and is used; delete it to make it from {source}.")
    if arguments.encoder:
        return data_dir
    if not pool.exists():
        files = unlabeled or sorted(glob(str(Path(source or "", "..", "unlabeled", "*.txt*"))))
        if not files:
            raise ConfigurationError(
                'There are no unlabelled sentences; name text files with one sentence per line: UNLABELED="FILE ...".'
            )
        make_dataset("sentences", files, sample=50000)
    elif unlabeled:
        print(f"{pool} exists and is used; delete {pool.parent} to make it from other files.")
    return data_dir


def make_or_find_encoder(encoder: Optional[str]) -> Optional[str]:
    """Returns the folder of an encoder that comes in a package, made if it is missing; returns others unchanged."""
    from attention_vat.common.encoder_folder import PACKAGED, make_encoder

    if encoder not in PACKAGED:
        return encoder
    folder = Path("encoders", encoder)
    return str((folder if folder.exists() else make_encoder(encoder)).resolve())


def next_folder(kind: str) -> Path:
    """Returns the last folder if its report is missing (its run was killed), else a new one."""
    numbers = sorted(int(path.name) for path in Path("runs", kind).glob("[0-9]*"))
    last = numbers[-1] if numbers else 0
    unfinished = last and not Path("runs", kind, str(last), "report.html").exists()
    return Path("runs", kind, str(last if unfinished else last + 1))


def jobs_of(folder: Path, arguments: argparse.Namespace, runs: List[Any], encoder: Optional[str]) -> List[Any]:
    """Returns the jobs to train."""
    from attention_vat.experiments.configuration import resolve_config
    from attention_vat.experiments.job import TrainAndEvaluate

    threads = max(1, (os.cpu_count() or 1) // max(1, min(arguments.jobs, len(runs))))
    # One epoch of a Transformer is enough to see an effect, and takes a quarter of an hour on two cores.
    parameters = {"encoder_name": encoder, "num_epochs": 1} if encoder else {}
    jobs = []
    for technique, seed in runs:
        corpus = f"{arguments.dataset}_transformer" if encoder else arguments.dataset
        config = resolve_config(corpus, technique, parameters, arguments.overrides)
        config = {**config, "random_seed": 13370 + seed, "numpy_seed": 1337 + seed, "pytorch_seed": 133 + seed}
        directory = str(run_directory(folder, technique, seed).absolute())
        jobs.append(TrainAndEvaluate(directory, config, threads=threads, name=f"{technique} seed {seed}"))
    return jobs


def train_all(jobs: List[Any], at_a_time: int) -> None:
    """Trains the unfinished jobs, and shows the number of epochs. A failure ends them all."""
    from allennlp.common import Tqdm

    from attention_vat.experiments.executors import LocalExecutor
    from attention_vat.experiments.job import TRAINING
    from attention_vat.experiments.loop import Plan
    from attention_vat.experiments.loop import train_all as train
    from attention_vat.experiments.results import RESULT

    epochs = jobs[0].config["trainer"]["num_epochs"]

    class Jobs(Plan):
        def pending(self) -> List[Any]:
            return [job for job in jobs if not self.finish(job)]

        def finish(self, job: Any) -> bool:
            return Path(job.directory, RESULT).exists()

        def show(self, running: Any, failures: Any) -> None:
            folders = [Path(job.directory, TRAINING) for job in self.pending()]
            trained = sum(len(list(folder.glob("metrics_epoch_*.json"))) for folder in folders)
            progress.update(trained + epochs * (len(jobs) - len(folders)) - progress.n)
            for failure in failures:
                lines = failure.job.log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
                raise SystemExit("\n".join([f"Training failed; the last lines of {failure.job.log}:", *lines]))

    executor = LocalExecutor(max(1, min(at_a_time, len(jobs))))
    try:
        with Tqdm.tqdm(total=epochs * len(jobs), desc="epochs") as progress:
            train(Jobs(), executor)
    finally:
        # The same command continues the unfinished runs.
        executor.close()


def run_directory(folder: Path, technique: str, seed: int) -> Path:
    return folder / f"{technique}-{seed}"


def write_cards(
    arguments: argparse.Namespace, data_dir: Path, jobs: List[Any], names: Dict[str, str], evaluations: Dict[str, Any]
) -> None:
    """Writes `model_card.md` beside the archive of each run."""
    from attention_vat.experiments.configuration import paths_in
    from attention_vat.reports.model_card import write_model_card

    for job in jobs:
        technique, seed = Path(job.directory).name.rsplit("-", 1)
        files = {split: data_dir / f"{split}.jsonl" for split in ("train", "validation", "test")}
        for key, path in paths_in(job.config):
            if key == "unlabeled_data_path":
                files["unlabeled"] = Path(os.path.relpath(path))
        write_model_card(
            job.directory,
            names[technique],
            job.config,
            files,
            evaluations[technique][int(seed)],
            source=", ".join([*filter(None, [arguments.source]), *(arguments.unlabeled or [])]) or None,
            encoder=arguments.encoder,
        )


def report_all(folder: Path, data_dir: Path, runs: List[Any], names: Dict[str, str]) -> Dict[str, Any]:
    """Evaluates every model on the test set; shows the first of each technique and the mean over seeds."""
    from allennlp.models import load_archive
    from allennlp.predictors import Predictor

    import attention_vat  # noqa: F401  (registers the model and the reader)
    from attention_vat.interpret.evaluation import evaluate_attention
    from attention_vat.reports import format_table, write_evaluation

    test = str(data_dir / "test.jsonl")
    evaluations: Dict[str, List[Any]] = {technique: [] for technique in names}
    predictions: List[Dict[str, Any]] = []
    for technique, seed in runs:
        archive = load_archive(run_directory(folder, technique, seed) / "model.tar.gz")
        instances = list(archive.validation_dataset_reader.read(test))
        evaluations[technique].append(evaluate_attention(archive.model, instances))
        if seed == 0 and technique != "vanilla":
            predictor = Predictor.from_archive(archive)
            predictions = predictor.predict_batch_json([{"sentence": sentence} for sentence in SENTENCES])

    plain, technique = names
    print(f"\nPredictions of {names[technique]}, the words with their attention in percent:")
    for prediction in predictions:
        words = zip(prediction["tokens"], prediction["attention"])
        print(f"  {prediction['label']}  " + " ".join(f"{word}({100 * weight:.0f})" for word, weight in words))
    seeds = len(evaluations[plain])
    measured = [m for m in MEASURES if m in evaluations[plain][0].metrics]
    cells = {t: [[e.metrics[m].value for e in evaluations[t]] for m in measured] for t in names}
    rows = [[names[t], *[spread(values) for values in cells[t]]] for t in names]
    print(f"\nTest set, mean ± standard deviation over {seeds} seeds:" if seeds > 1 else "\nTest set:")
    print(format_table(["model", *measured], rows))

    first = {names[technique]: results[0] for technique, results in evaluations.items()}
    with open(folder / "predictions.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps(prediction, ensure_ascii=False) + "\n" for prediction in predictions)
    results = {t: dict(zip(measured, cells[t])) for t in names}
    (folder / "seeds.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    write_evaluation(folder, first, title=f"Attention on {data_dir.name}", data=test, force=True)
    print(f"\nThe page with the attention of {len(first[names[plain]].sentences):,} sentences:")
    print(f"  {(folder / 'report.html').resolve()}")
    return evaluations


def spread(values: List[Optional[float]]) -> str:
    numbers = [value for value in values if value is not None]
    if not numbers:
        return "–"
    return f"{mean(numbers):.3f}" + (f" ± {stdev(numbers):.3f}" if len(numbers) > 1 else "")


if __name__ == "__main__":
    main()
