#!/usr/bin/env bash
# The tables of the section "On a GPU" in docs/benchmarks.md, and whether recorded steps compute what steps as usual do.
#
#     benchmarks/gpu.sh run [FOLDER]     # on the machine with the GPU, in a clone; three minutes; writes FOLDER/*.txt
#     benchmarks/gpu.sh pack FILE        # before, where that machine has no network: the clone and what `make env` installed
#
# A machine without a network has the same version of Python, a CUDA build of torch, and numpy, scipy, scikit-learn, pandas
# and matplotlib. There: tar xJf FILE && cd attention-vat && benchmarks/gpu.sh run
set -euo pipefail
cd "$(dirname "$0")/.."

pack() {
  local site folder
  site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
  folder=$(mktemp -d)
  mkdir -p "$folder/attention-vat/site"
  git archive HEAD | tar x -C "$folder/attention-vat"
  # What the machine has in builds of its own, and what only tests and other extras need.
  tar c -C "$site" \
    --exclude='torch' --exclude='torch-*' --exclude='torchvision*' --exclude='nvidia*' --exclude='triton*' \
    --exclude='numpy' --exclude='numpy-*' --exclude='numpy.libs' --exclude='scipy*' --exclude='sklearn' \
    --exclude='scikit_learn*' --exclude='pandas' --exclude='pandas-*' --exclude='matplotlib*' --exclude='ray' \
    --exclude='ray-*' --exclude='pyarrow*' --exclude='mypy*' --exclude='ruff*' --exclude='hypothesis*' \
    --exclude='__pycache__' --exclude='attention_vat*' --exclude='*editable*' --exclude='botocore/data' \
    --exclude='sympy*' --exclude='networkx*' --exclude='fontTools' --exclude='pip' --exclude='optuna*' \
    --exclude='sqlalchemy*' --exclude='alembic*' --exclude='PIL' --exclude='contourpy*' --exclude='kiwisolver*' \
    . | tar x -C "$folder/attention-vat/site"
  XZ_OPT='-1 -T0' tar cJf "$1" -C "$folder" attention-vat
  rm -r "$folder"
  du -h "$1"
}

run() {
  local out=${1:-gpu-benchmarks} python=python3
  if [ -x .venv/bin/python ]; then python=.venv/bin/python; fi
  mkdir -p "$out"
  if [ -d site ]; then export PYTHONPATH=$PWD/site; fi
  export PYTHONPATH=$PWD${PYTHONPATH:+:$PYTHONPATH} USE_FLAX=0 USE_TF=0 HF_HUB_OFFLINE=1 PYTHONWARNINGS=ignore
  nvidia-smi --query-gpu=name,driver_version --format=csv,noheader | tee "$out/gpu.txt"
  table() { # NAME COMMAND…
    local name=$1
    shift
    echo "python -m benchmarks.$*" | tee "$out/$name.txt"
    "$python" -m benchmarks."$@" 2> "$out/$name.log" | tee -a "$out/$name.txt" || tail -3 "$out/$name.log"
  }
  "$python" -m pytest -q -p no:cacheprovider tests/training/callbacks/cuda_graphs_test.py | tail -3 | tee "$out/equal.txt" || true
  table recorded_20 step --device cuda --graphs --words 20 --batch-size 32 512
  table recorded_171 step --device cuda --graphs --words 171 --batch-size 32 256
  table recorded_amp step --device cuda --graphs --amp --words 20 171 --batch-size 256
  table usual step --device cuda --words 20 171 --batch-size 32
  local bert="--layers 6 --hidden-size 384 --tokens 64 --device cuda --amp"
  # shellcheck disable=SC2086
  table transformer transformer_step $bert --batch-size 32
  # shellcheck disable=SC2086
  table transformer_recorded transformer_step $bert --batch-size 32 --graphs
  "$python" -m benchmarks.profile_step --device cuda --rows 30 > "$out/profile.txt" 2> "$out/profile.log" || true
  table train_run train_run --cuda-device 0 --epochs 8
}

case "${1:-}" in
  pack) pack "${2:?which file?}" ;;
  run) run "${2:-}" ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "$0" && exit 2 ;;
esac
