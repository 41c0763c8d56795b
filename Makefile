# A fresh clone needs one line: `make demo` or `make test`. Both set up $(VENV) from a lock first, once.
# Without make (Windows): the plain pip lines are in README.md.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
OUT ?= out/national-power-outage
# options of one call, for example: make test ARGS="-k cli -x", make bench ARGS="--json bench.json"
ARGS ?=

.PHONY: demo test check manual bench leave-one-out notebooks lock clean
.NOTPARALLEL:
.DEFAULT_GOAL := demo

demo: $(VENV)/.core  ## one scenario: the table, and a report to open in a browser
	$(BIN)/cascade run scenarios/national-power-outage.yaml --out $(OUT) $(ARGS)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

manual: $(VENV)/.dev  ## the manual, to open in a browser: out/manual/index.html
	$(BIN)/python -m sphinx -W --keep-going -E -q -d out/.manual -b html docs/manual out/manual $(ARGS)
	@echo "The manual is in out/manual/index.html" >&2

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/bench.py $(ARGS)

leave-one-out: $(VENV)/.dev  ## some minutes: what the hindcasts score on incidents that had no say in the numbers
	$(BIN)/python benchmarks/leave_one_out.py --out benchmarks/leave_one_out.json $(ARGS)

notebooks: $(VENV)/.dev  ## a minute: run every notebook anew and store what it shows
	$(BIN)/python tests/notebook_runs.py $(ARGS)

# One version of each package for every system and Python, with the hashes of all its files.
LOCKED := --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade --quiet
LOCKED += --custom-compile-command "make lock" pyproject.toml --group build

lock: $(VENV)/.uv
	$(BIN)/uv pip compile $(LOCKED) --output-file requirements/lock-core.txt
	$(BIN)/uv pip compile $(LOCKED) --group dev --constraint requirements/lock-core.txt --output-file requirements/lock-dev.txt

clean:
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---------------------------------------------------------------- set-up: a stamp in the environment says it is done

define new_environment
@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' || \
	{ echo "Python 3.11 to 3.14 is needed; name one with: make PYTHON=python3.13 $(MAKECMDGOALS)" >&2; exit 2; }
@test -x $(BIN)/python || { echo "Setting up $(VENV) (a minute, once)" >&2; $(PYTHON) -m venv $(VENV); }
endef

$(VENV)/.core: requirements/lock-core.txt pyproject.toml
	$(new_environment)
	@$(PIP) install --require-hashes -r requirements/lock-core.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/lock-dev.txt pyproject.toml
	$(new_environment)
	@$(PIP) install --require-hashes -r requirements/lock-dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $(VENV)/.core $@

$(VENV)/.uv: pyproject.toml
	$(new_environment)
	@$(PIP) install uv
	@touch $@
