# `make demo` and `make test` are all the set-up there is: both make .venv first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# Some hundred processes of the tests import the same modules: they are compiled once.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help demo test coverage test-long test-browser test-lowest test-pythons lint docs bench bench-scale clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: .venv/.ready  ## record a small run with the real SDK, then list, download and draw it
	$(BIN)/wandb-plot demo

test: lint  ## linters, then every test but the long ones
	$(BIN)/python -m pytest -n auto --dist loadfile

coverage: .venv/.ready  ## the same tests, and which lines none of them runs
	$(BIN)/python -m pytest -n auto --dist loadfile --cov --cov-report=term

test-long: .venv/.ready  ## fuzzing, kills and soak: minutes to an hour
	HYPOTHESIS_PROFILE=searching $(BIN)/python -m pytest -m long --timeout 3600

test-browser: .venv/.ready  ## the report in headless Chromium, installed if need be (Debian, as root)
	command -v chromium >/dev/null || { apt-get update -q && apt-get install -qy --no-install-recommends chromium; }
	$(BIN)/python -m pytest tests/browser

test-lowest:  ## the tests with the lowest versions that pyproject.toml allows, in .venv-lowest
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv
	.venv-lowest/bin/uv pip compile --quiet --no-header --no-annotate --python .venv-lowest/bin/python \
		--resolution lowest-direct --extra html --extra cluster --extra paper -o .venv-lowest/versions.txt pyproject.toml
	.venv-lowest/bin/uv pip install --quiet --python .venv-lowest/bin/python -c .venv-lowest/versions.txt -e '.[test]'
	.venv-lowest/bin/python -m pytest -n auto --dist loadfile

test-pythons:  ## the tests with each Python from 3.11 to 3.13 that is installed, in .venv-3.11 and so on
	@for version in 3.11 3.12 3.13; do \
		python$$version -c "" 2>/dev/null || { echo "python$$version is not installed"; continue; }; \
		python$$version -m venv .venv-$$version && \
		.venv-$$version/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]' && \
		.venv-$$version/bin/python -m pytest -n auto --dist loadfile || exit 1; \
	done

lint: .venv/.ready  ## ruff, mypy, import-linter, deptry, stale docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry --no-ansi wandb_plot plugins
	$(BIN)/cog --check docs/*.md

docs: .venv/.ready  ## write what commands print in docs/ anew, and draw the gallery: some minutes
	$(BIN)/cog -r docs/*.md
	$(BIN)/python docs/gallery/build.py

bench: .venv/.ready  ## ratios against the anchors, both sides in one run
	$(BIN)/python benchmarks/bench.py

bench-scale: .venv/.ready  ## a log of 600 MB, and a figure of thousands of runs: time and memory
	$(BIN)/python benchmarks/large_log.py
	$(BIN)/python benchmarks/many_runs.py 2000

clean:  ## remove what the targets above made
	rm -rf .venv .venv-* .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
