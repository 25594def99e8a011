# Everything a fresh clone needs: Python 3.11 or newer, and make. `make help` lists the targets.
#
#   core environment  ── make demo             (no torch, about 0.4 GB)
#   full environment  ── make test, lint, ...  (CPU torch first, then the rest at the versions of constraints.txt)
#
# Both live in .venv; a stamp file in it is newer than pyproject.toml and constraints.txt when nothing needs installing.

VENV ?= .venv
BIN := $(VENV)/bin
# The first interpreter that is new enough; say `make PYTHON=/path/to/python3.12 demo` to choose another.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
TORCH ?= torch==2.13.0
JOBS ?= auto
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
PYTEST := $(BIN)/python -m pytest

# Two OpenMP threads that spin beside any other busy process run 7-20 times slower; pytest's workers get one each.
export OMP_WAIT_POLICY ?= passive
# What Python has compiled is kept, also where images of containers say otherwise.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test test-fast test-slow smoke gates lint docs clean

help:
	@echo 'make demo       photos -> noise -> one small file each -> clean photos; a table and an HTML page'
	@echo 'make test       lint, types, every test that takes seconds, and make smoke'
	@echo 'make test-fast  the tests that train nothing, stopping at the first failure'
	@echo 'make test-slow  the tests that take minutes'
	@echo "make smoke      every figure of the papers, from data to picture, with tiny settings"
	@echo 'make gates      measure the gate table into results/gates.tsv (tens of minutes)'
	@echo 'make lint       ruff and mypy --strict'
	@echo 'make docs       the documentation as HTML in docs/_build/html'
	@echo 'make clean      remove what the targets made, .venv included'

demo: $(VENV)/.core
	$(BIN)/crosscodec demo --on-exist overwrite

# Lint is one process, and smoke often waits for one: side by side they fill two cores, as pytest does by itself.
test: $(VENV)/.full
	$(MAKE) --jobs 2 lint smoke
	OMP_NUM_THREADS=1 $(PYTEST) -q -m 'not slow' -n $(JOBS)

test-fast: $(VENV)/.full
	OMP_NUM_THREADS=1 $(PYTEST) -q -x -m 'not slow and not training' -n $(JOBS)

test-slow: $(VENV)/.full
	OMP_NUM_THREADS=1 $(PYTEST) -q -m slow

smoke: $(VENV)/.full
	rm -rf build/smoke
	$(BIN)/crosscodec repro run all --scale smoke --jobs 2 --out build/smoke

gates: $(VENV)/.full
	$(BIN)/python benchmarks/gates.py --out results/gates.tsv

lint: $(VENV)/.full
	$(BIN)/ruff check .
	$(BIN)/mypy

docs: $(VENV)/.docs
	$(BIN)/python -m sphinx -q -W -b html docs docs/_build/html
	@echo "documentation: docs/_build/html/index.html"

clean:
	rm -rf $(VENV) build dist docs/_build demo-output demo-digits .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf src/*.egg-info
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "crosscodec needs Python 3.11 or newer, none was found on PATH" >&2; exit 69; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -c constraints.txt -e .
	@touch $@

# torch comes first and alone: whatever asks for torch later then finds it, and does not exchange a CPU build for CUDA.
# To compile all files of all libraries takes as long as to unpack them; Python compiles what it imports, and keeps it.
$(VENV)/.full: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --no-compile '$(TORCH)'
	$(PIP) --no-compile -c constraints.txt -e '.[dev]'
	@touch $(VENV)/.core $@

$(VENV)/.docs: docs/requirements.txt $(VENV)/.full
	$(PIP) -c constraints.txt -r docs/requirements.txt
	@touch $@
