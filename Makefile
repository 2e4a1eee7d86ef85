# `make help` lists the targets.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
WORKERS ?= 2

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Packages are installed again only when a file that names them has changed.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

.PHONY: setup
setup: $(STAMP) ## build .venv from the project's own files

.PHONY: reproduce
reproduce: setup ## the paper's Tables 1 and 2 on this machine, beside the published ones
	$(BIN)/depsim sweep paper

PYTEST := $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal
DURATIONS ?=
KEEP := $(if $(DURATIONS),--durations-to=$(DURATIONS))

.PHONY: lint
lint: setup ## format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

.PHONY: check
check: lint ## the quick gate, for every commit: lint, types, doctests and fast tests (budget: 2 minutes)
	$(PYTEST) -m 'not slow' $(KEEP)

.PHONY: test
test: setup ## all that says whether the program is right (budget: 8 minutes)
	$(PYTEST) $(KEEP)

.PHONY: soak
soak: setup ## what takes long: kills, servers, clusters, tutorials, browser, whole products (budget: 15 minutes)
	$(PYTEST) --soak -rs $(KEEP)

.PHONY: durations
durations: setup ## the twenty heaviest test files and tests, as they are kept in tests/durations.json
	$(BIN)/python -m tests.durations

.PHONY: measure-durations
measure-durations: ## run all tests and write how long they take into tests/durations.json, to be committed
	$(MAKE) test soak DURATIONS=tests/durations.json

.PHONY: calibrate
calibrate: setup ## run the checks of the statistics whose code has changed, and store what they reached (KEYS="mean_normal ...": these)
	$(BIN)/python -m benchmarks.calibration $(KEYS)

# Settings that make NumPy take slower kernels hold for no benchmark.
FASTEST := env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE
MODEL ?= mlp
.PHONY: bench
bench: setup ## depsim beside a plain PyTorch loop: seconds, ratio, memory, phases, roofline (about ten minutes)
	$(FASTEST) $(BIN)/python benchmarks/bench.py --model $(MODEL)

.PHONY: bench-quick
bench-quick: setup ## the same with fewer training points, under two minutes
	$(FASTEST) $(BIN)/python benchmarks/bench.py --quick --model $(MODEL)

N ?= 200
STORES ?= none sqlite postgres
.PHONY: bench-driver
bench-driver: setup ## what a driver of a Dask cluster spends on N individuals, by store (some minutes; N=10000: an hour)
	$(BIN)/python benchmarks/driver.py --individuals $(N) --stores $(STORES) --report

BASE ?= 707c197
ROUNDS ?= 3
.PHONY: bench-start
bench-start: setup ## short commands and one individual's run beside those of commit BASE, in turn (some five minutes)
	$(BIN)/python benchmarks/start.py $(BASE) --rounds $(ROUNDS)

.PHONY: same-numbers
same-numbers: setup ## whether this checkout computes the numbers of commit BASE, byte for byte (REAL=1: at full size)
	$(BIN)/python benchmarks/same_numbers.py $(BASE) $(if $(REAL),--real)

.PHONY: finding
finding: setup ## the project's own finding, for docs and README (three hours on two cores, one more for the multiverse; STUDIES="triage ...": only these)
	$(BIN)/python benchmarks/finding.py $(STUDIES)

.PHONY: prepared
prepared: setup ## epochs and noise of each task and network, by their rule (docs/prepared.md; half an hour on two cores)
	$(BIN)/python benchmarks/prepared.py

.PHONY: docs
docs: setup ## the documentation site in site/, strictly checked; works without a network, from file:// too
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

.PHONY: docs-serve
docs-serve: setup ## the documentation site on http://127.0.0.1:8000 while you write it (this machine only)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve --dev-addr 127.0.0.1:8000

.PHONY: reference
reference: setup ## write the generated pages of docs/reference again
	$(BIN)/python -m docs_generator

.PHONY: tutorial
tutorial: setup ## run the tutorial and write what it prints into its pages (PAGES="search.md ...": only these)
	$(BIN)/python -m tests.docs.tutorial $(PAGES)

.PHONY: approve
approve: setup ## write what reports on the studies of tests/report/approval.py say and draw, to be looked at as a change
	$(BIN)/python -m tests.report.approval

.PHONY: golden
golden: setup ## write the rows that four real studies give, to be looked at as a change
	$(BIN)/python -m tests.golden

.PHONY: ui
ui: setup ## the MLflow UI on what has been run here (this machine only)
	$(BIN)/depsim ui

.PHONY: clean
clean: ## remove the environment and all caches, but no result
	rm -rf .venv .mypy_cache .ruff_cache build dist site *.egg-info mlruns/cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
