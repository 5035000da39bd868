# Everything is done inside the repository, in .venv, with the versions in requirements/.
# `make` without a target lists what there is.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
VENV21 := .venv-sqlalchemy21
BIN := $(VENV)/bin
LOCK := uv pip compile pyproject.toml --quiet --extra dev --universal --no-emit-package alchemove --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help venv demo example example-stages test fastapi-matrix test-sqlalchemy20 test-sqlalchemy21 test-example check format docs lock bench load clean

help:  ## This list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

venv: $(VENV)/.complete  ## Set up .venv (done by every other target)

$(VENV)/.complete: requirements/dev.txt pyproject.toml
	@test -x $(BIN)/python || { echo "Making $(VENV) with $(PYTHON) ..."; $(PYTHON) -m venv $(VENV); }
	@echo "Installing the versions of $< into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $<
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# SQLAlchemy 2.1 needs Python 3.11; on 3.10 the runtime half is tested with 2.0 only.
$(VENV21)/.complete: requirements/dev-sqlalchemy21.txt pyproject.toml
	@test -x $(VENV21)/bin/python || $(PYTHON) -m venv $(VENV21)
	@echo "Installing the versions of $< into $(VENV21) ..."
	@$(VENV21)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@$(VENV21)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: venv  ## Rewrite the legacy example application to select() and run its tests on the result
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh app_example/demo.sh

example: venv  ## Run a stage of the example with demo data: make example STAGE=0 (embedded PostgreSQL, or DATABASE_URL)
	@$(BIN)/python app_example/run.py --stage $(or $(STAGE),0)

example-stages: venv  ## Write each stage of the example anew from the one before
	$(BIN)/python app_example/regenerate.py

test: check test-sqlalchemy21 test-example test-sqlalchemy20  ## Checks and all tests

test-sqlalchemy20: venv
	$(BIN)/python -m pytest tests/codemods -n 2 --cov --cov-report=
	$(BIN)/python -m pytest tests/compat -n 2 --cov --cov-append --cov-report=term:skip-covered

test-sqlalchemy21: $(VENV21)/.complete
	$(VENV21)/bin/python -m pytest tests/compat -n 2

fastapi-matrix: venv  ## The session dependency on FastAPI 0.95 to 0.121, each in an environment of its own
	$(BIN)/python tests/fastapi_matrix.py

test-example: venv  ## The common tests on every stage of the example, and what the stages send compared
	$(BIN)/python app_example/check.py

check: venv  ## Formatting, lint, types, and whether the generated pages are current
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/python -m alchemove_codemods.docs --check docs

format: venv  ## Format and mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: venv  ## Write docs/rules.md and docs/modules.md anew
	$(BIN)/python -m alchemove_codemods.docs docs

lock: venv  ## Write requirements/ anew from pyproject.toml
	$(BIN)/$(LOCK) --upgrade --python-version 3.10 -c requirements/sqlalchemy20.in -o requirements/dev.txt
	$(BIN)/$(LOCK) --upgrade --python-version 3.11 -c requirements/sqlalchemy21.in -o requirements/dev-sqlalchemy21.txt

bench: venv  ## Speed of the codemods against other tools, and how it grows; TREE=folder for a checkout of your own
	$(BIN)/python benchmarks/codemods.py $(TREE)
	$(BIN)/python benchmarks/hierarchies.py

load: venv  ## 10,000 requests from 256 clients, failing commits, a killed server; and what a session costs
	$(BIN)/python benchmarks/load.py
	$(BIN)/python benchmarks/sessions.py
	$(BIN)/python benchmarks/shim.py

clean:  ## Remove what the targets above made
	rm -rf $(VENV) $(VENV21) build .mypy_cache .ruff_cache .pytest_cache .coverage*
