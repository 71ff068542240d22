#!/bin/sh
# Creates the environment that `make` uses, from a lock, and does nothing when it is already there.
#
#     scripts/bootstrap.sh [modern|classic|docs]
#
# PYTHON=/path/to/python   use this interpreter and look for no other
# VENV=dir                 where to put the environment (.venv, or .venv-classic); that of the documentation is .venv-docs
set -eu

stack=${1:-modern}
cd "$(dirname "$0")/.."
root=$(pwd -P)

case $stack in
    modern)
        versions="3.11 3.10 3.12"
        torch="torch==2.13.0"
        venv=${VENV:-.venv}
        ;;
    classic)
        versions="3.8 3.9 3.10"
        torch="torch==1.12.1"
        venv=${VENV:-.venv-classic}
        ;;
    docs)
        versions="3.11 3.12"
        torch=""
        venv=.venv-docs
        ;;
    *)
        echo "Unknown stack '$stack': STACK must be modern or classic." >&2
        exit 2
        ;;
esac
lock=requirements/$stack.txt
marker=$venv/.attention-vat # ours: may be removed and made again
stamp=$venv/.installed      # written last, so an interrupted installation has none
log=$venv/install.log

say() {
    echo "[$stack] $*"
}

# ----------------------------------------------------------------------------------------------- is it there already?

# Everything that the contents of the environment depend on.
fingerprint() {
    { cat "$lock" setup.py scripts/bootstrap.sh attention_vat/version.py; echo "$root"; } | cksum
}

# The stamp holds the fingerprint and the interpreter; without PYTHON any suitable one will do.
is_ready() {
    [ -f "$stamp" ] && [ "$(sed -n 1p "$stamp")" = "$(fingerprint)" ] &&
        { [ -z "${PYTHON:-}" ] || [ "$(sed -n 2p "$stamp")" = "$(command -v "$PYTHON")" ]; } &&
        "$venv/bin/python" -c "" 2>/dev/null
}

if is_ready; then
    exit 0
fi

# ------------------------------------------------------------------------------------------------- a suitable Python

found=""
python=""

# Runs the candidate: a name on the PATH may be a shim that leads nowhere, or a Python without venv.
try_python() {
    command -v "$1" >/dev/null 2>&1 || return 1
    version=$("$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || return 1
    path=$(command -v "$1")
    case " $versions " in
        *" ${version%.*} "*) ;;
        *)
            found="$found
    Python $version ($path): not one of $versions"
            return 1
            ;;
    esac
    if ! "$1" -c 'import ensurepip, venv' 2>/dev/null; then
        found="$found
    Python $version ($path): cannot create environments (its venv or ensurepip module is missing)"
        return 1
    fi
    python=$path
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        try_python "$PYTHON"
        return
    fi
    for v in $versions; do
        try_python "python$v" && return
        for candidate in "${PYENV_ROOT:-$HOME/.pyenv}/versions/$v".*/bin/python; do
            [ -x "$candidate" ] && try_python "$candidate" && return
        done
    done
    try_python python3 || try_python python
}

if ! find_python; then
    {
        echo "No suitable Python for the $stack stack: it needs one of $versions, with the venv module."
        if [ -n "$found" ]; then echo "Found:$found"; else echo "Found: none."; fi
        echo "Install one (for example with pyenv, conda, or your system's packages) and run make again,"
        echo "or name it: make PYTHON=/path/to/python STACK=$stack"
    } >&2
    exit 1
fi

# ---------------------------------------------------------------------------------------------------------- install

if [ -e "$venv" ]; then
    if [ ! -f "$marker" ]; then
        echo "$venv exists and was not made by this script: remove it, or choose another place with VENV=dir." >&2
        exit 1
    fi
    if [ -f "$stamp" ]; then say "the lock or the interpreter has changed: making $venv again"; else say "$venv is incomplete: making it again"; fi
    rm -rf "$venv"
fi

# A failed step shows the end of the log, which the output of every step goes to.
step() {
    say "$1"
    shift
    "$@" >>"$log" 2>&1 || {
        tail -n 25 "$log" >&2
        echo "Installation failed; the whole log is $log. Run make again to start over." >&2
        exit 1
    }
}

say "Python $version ($path)"
mkdir -p "$venv"
: >"$marker"
step "creating $venv" "$python" -m venv "$venv"
# Most modules are never imported, and compiling all takes longer than installing: a start below compiles the others.
pip="$venv/bin/python -m pip install --no-input --disable-pip-version-check --no-compile"
if [ "$stack" = docs ]; then
    step "installing $(grep -ci '^[a-z]' "$lock") packages from $lock" $pip --no-deps -r "$lock"
    { fingerprint; echo "$path"; } >"$stamp"
    say "ready: $venv"
    exit 0
fi
# torch resolves its own dependencies: which ones depends on the machine (CPU or CUDA).
step "installing $torch" $pip -c "$lock" "$torch" setuptools wheel
step "installing $(grep -c '^[a-z]' "$lock") packages from $lock" $pip --no-deps --no-build-isolation -r "$lock"
step "installing attention-vat" $pip --no-deps --no-build-isolation -e .
# allennlp-models tries to download NLTK's sentence splitter on every start-up unless a folder of this name exists.
# Only its NarrativeQA evaluation would use it.
mkdir -p "$venv/nltk_data/tokenizers/punkt"
step "compiling the modules that a command imports" env PYTHONDONTWRITEBYTECODE= "$venv/bin/python" -m attention_vat --help
{ fingerprint; echo "$path"; } >"$stamp"
say "ready: $venv"
