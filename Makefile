# make app, make test: nothing else to install or to know. `make help` lists the rest.

ifeq ($(OS),Windows_NT)
# With the shell that comes with git: start make from Git Bash.
SHELL := sh.exe
PYTHON ?= python
BINARIES := Scripts
else
PYTHON ?= python3
BINARIES := bin
endif
HOST ?= 127.0.0.1
PORT ?= 8501
PYTEST_ARGS ?= -n 2 --dist worksteal

VENV := .venv
BIN := $(VENV)/$(BINARIES)
PIP := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt
NPM := PATH="$$PWD/$(BIN):$$PATH" $(BIN)/npm --prefix tools/javascript --silent
STREAMLIT := OMP_NUM_THREADS=$(or $(OMP_NUM_THREADS),1) $(BIN)/python -m streamlit run app.py --server.address=$(HOST) --server.port=$(PORT)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help app dev test test-long test-busy lint check bench site zoo format constraints upgrade clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14
	@echo "Variables: PORT=$(PORT) HOST=$(HOST) PYTHON=$(PYTHON) PYTEST_ARGS=…"

app: $(VENV)/app.stamp ## install and open the app on http://localhost:8501
	$(STREAMLIT)

dev: $(VENV)/app.stamp ## the app for its developers: reloads on a save, shows errors in full
	$(STREAMLIT) --server.fileWatcherType=auto --server.runOnSave=true \
	  --client.showErrorDetails=full --client.toolbarMode=developer

test: lint $(VENV)/browser.stamp ## lint, then run the tests, those in a real browser included; the long ones excepted
	$(BIN)/python -m pytest -m "not long" $(PYTEST_ARGS)

test-long: $(VENV)/browser.stamp $(VENV)/javascript.stamp $(VENV)/notebooks.stamp ## run the long tests: every case where `make test` takes some, thousands of damaged files
	$(BIN)/python -m pytest -m long $(PYTEST_ARGS)

test-busy: $(VENV)/browser.stamp $(VENV)/javascript.stamp ## run the tests three times in a row beside two busy loops, as on a machine with other work
	@trap 'kill $$one $$two' EXIT; trap 'exit 1' INT TERM; \
	 while :; do :; done & one=$$!; \
	 while :; do :; done & two=$$!; \
	 for round in 1 2 3; do $(BIN)/python -m pytest -m "not long" $(PYTEST_ARGS) || exit; done

check: test test-long ## all that CI asks for

lint: $(VENV)/dev.stamp $(VENV)/javascript.stamp ## style, types and the walls between the modules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NPM) run lint

site: $(VENV)/app.stamp ## the shipped MNIST pair as pages for any static server, in build/site
	rm -rf build/site
	$(BIN)/aeviz export decode --site build/site

zoo: $(VENV)/dev.stamp ## train and measure every shipped model again, into build/zoo (hours; AEVIZ_DATA_DIR or a download)
	$(BIN)/python tools/zoo.py

format: $(VENV)/dev.stamp $(VENV)/javascript.stamp ## let ruff and biome put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(NPM) run format

bench: $(VENV)/dev.stamp ## run the benchmarks; they print figures and never fail on time
	@set -e; for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python $$file; done

constraints: $(VENV)/dev.stamp $(VENV)/notebooks.stamp ## pin what is installed: constraints.txt from .venv
	$(BIN)/python tools/constraints.py > $(VENV)/constraints.txt
	cp $(VENV)/constraints.txt constraints.txt
	touch $(VENV)/app.stamp $(VENV)/dev.stamp $(VENV)/browser.stamp $(VENV)/notebooks.stamp

upgrade: $(VENV)/dev.stamp ## install the newest versions that pyproject.toml allows, then pin them
	$(BIN)/python -m pip install --upgrade --upgrade-strategy=eager -e '.[dev,notebooks]'
	$(MAKE) constraints

clean: ## remove the environment, caches and builds
	rm -rf $(VENV) tools/javascript/node_modules build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian keeps pip's own files for new environments in a package of its own, python3-venv. Where that is
# missing, the pip at hand installs a pip into the environment instead.
$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
	  || { echo "aeviz needs Python 3.11 to 3.14: make $(MAKECMDGOALS) PYTHON=python3.x"; exit 1; }
	@rm -rf $(VENV)
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv $(VENV); \
	 else { $(PYTHON) -m venv --without-pip $(VENV) \
	   && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; } \
	   || { rm -rf $(VENV); echo "Install Debian's package python3-venv (apt install python3-venv), then try again."; exit 1; }; fi

$(VENV)/app.stamp: pyproject.toml constraints.txt | $(VENV)/pyvenv.cfg
	$(PIP) -e .
	@touch $@

$(VENV)/dev.stamp: pyproject.toml constraints.txt | $(VENV)/pyvenv.cfg
	$(PIP) -e '.[dev]'
	@touch $(VENV)/app.stamp $@

$(VENV)/javascript.stamp: $(wildcard tools/javascript/package*.json) $(VENV)/dev.stamp
	$(NPM) ci
	@touch $@

# What the long tests try the widgets in.
$(VENV)/notebooks.stamp: $(VENV)/dev.stamp
	$(PIP) -e '.[notebooks]'
	@touch $@

$(VENV)/browser.stamp: $(VENV)/dev.stamp
	$(BIN)/python tools/chromium.py
	$(BIN)/python tools/nginx.py
	@touch $@
