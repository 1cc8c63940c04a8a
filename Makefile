# `make demo` and `make test` are all the set-up there is: both make .venv first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help demo test test-long test-browser lint docs bench clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: .venv/.ready  ## record a small run with the real SDK, then list, download and draw it
	$(BIN)/wandb-plot demo

test: lint  ## linters, then every test but the long ones, with coverage
	$(BIN)/python -m pytest -n 2 --cov --cov-report=term

test-long: .venv/.ready  ## fuzzing, kills and soak: minutes to an hour
	HYPOTHESIS_PROFILE=searching $(BIN)/python -m pytest -m long --timeout 3600

test-browser: .venv/.ready  ## the report in headless Chromium, installed if need be (Debian, as root)
	command -v chromium >/dev/null || { apt-get update -q && apt-get install -qy --no-install-recommends chromium; }
	$(BIN)/python -m pytest tests/browser

lint: .venv/.ready  ## ruff, mypy, import-linter, stale docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cog --check docs/cli.md

docs: .venv/.ready  ## write docs/cli.md anew from --help
	$(BIN)/cog -r docs/cli.md

bench: .venv/.ready  ## ratios against the anchors, both sides in one run
	$(BIN)/python benchmarks/bench.py

clean:  ## remove what the targets above made
	rm -rf .venv .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
