# Comity's commands; each sets up what it needs. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Demo and tests start short processes by the hundred: what one has compiled, the next ones need not.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode

BIN := .venv/bin
UV := .venv/uv/bin/uv
DATA ?= ../shared/data
PYTEST_DATA := --data=$(DATA) $(if $(wildcard $(DATA)/.),--require-data)
digest = $(shell cat $(1) pyproject.toml | sha256sum | cut -c 1-16)
DEV := .venv/dev-$(call digest,requirements/dev.txt)
RUN := .venv/run-$(call digest,requirements/run.txt)
COMPILE := $(UV) pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header

.PHONY: help setup demo test check coverage fix bench peers lock assets translations screens kernels same-assets postgresql golang softhsm chromium

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 14

setup: $(DEV) ## install everything for development into .venv, from hash-locked files
	@echo "Ready: .venv is up to date."

demo: $(if $(wildcard $(DEV)),$(DEV),$(RUN)) ## start three synthetic states on this machine and tell their story (DEMO=--once: then stop)
	@$(BIN)/comity demo $(DEMO)

test: kernels postgresql golang softhsm chromium ## run every test, on SQLite and on PostgreSQL
	@$(BIN)/pytest -n 3 $(PYTEST_DATA)

check: kernels ## lint, types, architecture, the quick tests (SQLite, no journeys), coverage
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet || { echo "Run: make fix"; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(MAKE) same-assets
	@$(BIN)/pytest -n 2 -m "not journey and not golang and not softhsm and not browser" --databases sqlite $(PYTEST_DATA)
	@$(MAKE) coverage

kernels: $(DEV) ## compile the numeric kernels, so that no first search waits for it
	@$(BIN)/python -c "import comity.dna.kernel.index.whole, comity.dna.kernel.ranking"

coverage: $(DEV) ## show that the tests of the legal rules take every branch of them
	@$(BIN)/coverage run -m pytest -p no:randomly --hypothesis-seed=0 $(PYTEST_DATA) tests/legal/rules tests/legal/wire
	@$(BIN)/coverage report

fix: $(DEV) ## format the code and repair what can be repaired by itself
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: $(DEV) ## run every benchmark (two hours; searches and files belong to the exchange's)
	@for file in benchmarks/[a-z]*.py; do name=$$(basename $$file .py); \
	  case $$name in searches|files) continue;; esac; echo "benchmarks.$$name"; \
	  $(BIN)/python -m benchmarks.$$name; done

peers: build/peers/bin/strprofiler ## install what benchmarks are measured beside, apart from the project

build/peers/bin/strprofiler: requirements/peers.txt $(UV)
	@$(UV) venv --quiet --clear build/peers
	@$(UV) pip install --quiet --python build/peers/bin/python --require-hashes -r requirements/peers.txt
	@touch $@

lock: $(UV) ## choose the newest allowed versions anew and write requirements/
	@$(COMPILE) --group pyproject.toml:setup --output-file requirements/setup.txt
	@$(COMPILE) --upgrade pyproject.toml --group dev --output-file requirements/dev.txt
	@$(COMPILE) pyproject.toml --group build --constraints requirements/dev.txt --output-file requirements/run.txt
	@$(COMPILE) pyproject.toml --extra pkcs11 --group build --constraints requirements/dev.txt \
	  --output-file requirements/pkcs11.txt
	@$(COMPILE) requirements/peers.in --output-file requirements/peers.txt

assets: ## build what pages load from frontend/ (needs Node 20 and npm; what it makes is committed)
	@cd frontend && npm ci --silent --no-audit --no-fund && npm run --silent build

same-assets:
	@if ! command -v npm >/dev/null; then echo "Not compared with frontend/, for want of Node: what pages load (static/)."; \
	elif [ -d frontend/node_modules ] || (cd frontend && npm ci --silent --no-audit --no-fund); then \
	  (cd frontend && npm run --silent build -- ../build/assets/static ../build/assets ../build/assets/fonts) \
	  && diff -rq build/assets/static src/comity/kit/web/static \
	  && diff -rq build/assets/fonts src/comity/kit/papers/fonts && cmp build/assets/axe.min.js tests/browser/axe.min.js \
	  || { echo "What pages load is not what frontend/ builds. Run: make assets, and commit"; exit 1; }; \
	else echo "Not compared with frontend/, for want of its packages: what pages load (static/)."; fi

translations: $(DEV) ## bring the catalogues of the pages up to date with the source, and list what they lack
	@$(BIN)/python -m tests.translations

screens: $(DEV) chromium ## make a picture of every page in every language and theme, in build/screens/
	@$(BIN)/python -m tests.browser.screens

$(UV): requirements/setup.txt
	@test -x $(BIN)/python || python3 -m venv .venv || { rm -rf .venv; \
	  echo "Python 3.11 or newer with venv is needed: apt-get update && apt-get install -y python3-venv"; exit 2; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(BIN)/python -m pip install --quiet --quiet --upgrade --target .venv/uv --require-hashes --requirement requirements/setup.txt
	@touch $(UV)

$(DEV): $(UV)
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@rm -f .venv/dev-* .venv/run-* && touch $@

$(RUN): $(UV)
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements/run.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@rm -f .venv/dev-* .venv/run-* && touch $@

# $(call needed,module of tests,what says whether it is there,what it is,packages): install them as root, or say how.
define needed
if ! $(BIN)/python -c 'from $(1) import $(2); raise SystemExit($(2)() is None)'; then \
  apt="apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(4)"; \
  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then bash -c "$$apt" >/dev/null; \
  else echo "The tests need $(3). As root: $$apt"; exit 2; fi; fi
endef

postgresql: $(DEV)
	@$(call needed,tests.postgres,binaries,PostgreSQL 15 or newer,postgresql)

golang: $(DEV) postgresql
	@$(call needed,tests.independent.golang,compiler,Go and its note and tlog packages,golang-go golang-golang-x-mod-dev)

softhsm: $(DEV) golang
	@$(call needed,tests.softhsm,library,SoftHSM 2.6.1 or newer,softhsm2)

chromium: $(DEV)
	@$(call needed,tests.browser.chromium,program,Chromium 120 or newer,chromium)
