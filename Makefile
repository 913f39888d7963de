# `make` alone lists what there is. The two to start with: `make demo` and `make test`.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

# What thousands of processes import is compiled once, whatever the shell says of it.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
LOCKS := requirements
# Databases of tests lie in memory where there is room: thousands of commits need not wait for a disk.
SCRATCH := $(shell [ "$$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 2000000 ] 2>/dev/null && echo TMPDIR=/dev/shm)
PYTEST := $(SCRATCH) $(BIN)/python -m pytest
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# What the flows run on besides SQLite; the contracts of the ports run on every engine each time. `make test` takes those
# flows to the other engines whose outcome hangs on a store; `make engines` takes all of them.
OTHER_ENGINES := postgresql postgresql+valkey
STORE_FLOWS := token_code_flow token_lifecycle sessions device lock_everywhere scim
# Rooms whose work is done by other processes: they wait more than they compute, and nothing is covered from afar.
OUTSIDE := bench browser clients cluster docker faults relying_parties

.PHONY: help demo cluster test quick check coverage engines bench bench-check bench-test bench-record bench-growth bench-peers surge chaos rolling fuzz attack lock messages specifications clean
.PHONY: lint types imports catalogues fast chromium haproxy valgrind softhsm2 apache

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.demo ## start the provider and the relying parties on this machine (port: make demo PORT=8000)
	@exec $(BIN)/idp demo --port $(or $(PORT),8000)

cluster: $(VENV)/.test haproxy ## start several nodes, PostgreSQL, Valkey and a proxy (port: make cluster PORT=9443)
	@exec $(BIN)/python -m docker.cluster $(if $(PORT),--port $(PORT))

test: $(VENV)/.test $(VENV)/.node chromium haproxy softhsm2 apache ## run every test, browser included
	@$(PYTEST) --numprocesses 3 --dist loadfile $(OUTSIDE:%=--ignore=tests/%)
	@$(PYTEST) --numprocesses 3 --dist loadfile -m "not benchmark" $(OUTSIDE:%=tests/%)
	@for engines in $(OTHER_ENGINES); do \
	  $(PYTEST) --engines $$engines --numprocesses 3 --dist loadfile $(STORE_FLOWS:%=tests/flows/test_%.py) || exit 1; done

coverage: $(VENV)/.test softhsm2 ## measure branch coverage of the provider: at least 95 %
	@$(PYTEST) --numprocesses 2 --dist loadfile --cov --cov-report term $(OUTSIDE:%=--ignore=tests/%)

engines: $(VENV)/.test ## run every flow on PostgreSQL, and on PostgreSQL with Valkey
	@for engines in $(OTHER_ENGINES); do $(PYTEST) --engines $$engines --numprocesses 2 --dist loadfile tests/flows || exit 1; done

quick: $(VENV)/.test ## lint, types, import rules and the fast tests, in under a minute
	@$(MAKE) --jobs 2 --keep-going --output-sync=target types lint imports fast

check: ## everything that CI runs
	@$(MAKE) --jobs 2 $(VENV)/.node chromium haproxy softhsm2 apache valgrind
	@$(MAKE) --jobs 2 bench-check types lint imports catalogues test

bench: $(VENV)/.test ## measure requests per second, latency, CPU and memory
	@$(BIN)/python -m bench

bench-check: $(VENV)/.test valgrind ## count the instructions of each operation: at most a tenth above what is recorded
	@$(SCRATCH) $(BIN)/python -m bench.instructions --check

bench-test: $(VENV)/.test ## run the benchmarks of clusters and of many people for a moment each
	@$(PYTEST) -m benchmark tests/bench

bench-record: $(VENV)/.test valgrind ## make what is counted now the recorded budget
	@$(SCRATCH) $(BIN)/python -m bench.instructions --record
	@$(BIN)/python -m bench.budget --write

bench-peers: $(VENV)/.peer ## measure beside node-oidc-provider, with a verdict for each promise (one: make bench-peers ONLY=refresh)
	@$(BIN)/python -m bench.peers --only "$(ONLY)"

surge: $(VENV)/.test ## ten times the sign-ins that a core sustains, for a minute (shorter: make surge SECONDS=20)
	@$(BIN)/python -m bench.surge --seconds $(or $(SECONDS),60) --factor $(or $(FACTOR),10)

bench-growth: $(VENV)/.test ## measure with more people, clients and connections (30 GB, 40 minutes once; make bench-growth WHAT=clients)
	@$(BIN)/python -m bench.growth $(WHAT)

chaos: $(VENV)/.test haproxy ## break a cluster under load, one fault after another (one of them: make chaos ONLY=kill-node)
	@$(BIN)/python -m tests.chaos --only "$(ONLY)"

rolling: $(VENV)/.test haproxy ## restart every node of a cluster at half load: nobody may notice
	@$(BIN)/python -m tests.chaos --only rolling

fuzz: $(VENV)/.test ## send a real provider 200,000 spoilt requests (others: make fuzz SEED=2 REQUESTS=500000)
	@exec $(BIN)/python -m tests.fuzz --seed $(or $(SEED),1) --requests $(or $(REQUESTS),200000)

attack: $(VENV)/.test ## try 10,000 stolen pairs from 1,000 addresses while owners sign in (fewer: make attack PAIRS=2000 ADDRESSES=200)
	@exec $(BIN)/python -m tests.attack --pairs $(or $(PAIRS),10000) --addresses $(or $(ADDRESSES),1000)

lock: $(VENV)/.test ## resolve the dependencies anew and pin them by hash
	@$(PIP) install uv
	@$(BIN)/uv pip compile $(RESOLVE) --upgrade --extra test --group build -o $(LOCKS)/test.txt pyproject.toml
	@$(BIN)/uv pip compile $(RESOLVE) -c $(LOCKS)/test.txt --extra demo --group build -o $(LOCKS)/demo.txt pyproject.toml
	@$(BIN)/uv pip compile $(RESOLVE) -c $(LOCKS)/test.txt --extra pkcs11 --extra traces --group build -o $(LOCKS)/runtime.txt pyproject.toml

RESOLVE := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url

messages: $(VENV)/.test ## collect the texts of pages and mails, and update the catalogues
	@$(BIN)/python -m tests.house.catalogues

specifications: $(VENV)/.test ## write docs/specifications.md anew from what the code says
	@$(BIN)/python -m tests.house.specifications

clean: ## remove what can be made again; the demo's data in var/ stays
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The parts of `quick` and `check`. Rooms whose tests are all slow are not even collected for the fast ones.
SLOW_ROOMS := adapters attack bench browser cli clients cluster conformance docker faults flows interfaces journeys/abuse \
  journeys/account_security journeys/administration journeys/passkeys journeys/phone_sign_in journeys/recovery journeys/risk \
  journeys/test_bound_documents.py ports relying_parties security test_jobs.py web
lint:
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
types:
	@$(BIN)/mypy --no-error-summary
imports:
	@$(BIN)/lint-imports --no-logo
catalogues:
	@$(PYTEST) tests/house/test_catalogues.py
fast:
	@$(PYTEST) --numprocesses 2 --dist loadfile -m "not slow and not browser" --hypothesis-profile quick $(SLOW_ROOMS:%=--ignore=tests/%)

# The environment: made once, refreshed when a lock or the project's metadata changes.
$(BIN)/python:
	@sh .ci/make-venv $(VENV)
$(VENV)/.demo: $(LOCKS)/demo.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the demo needs into $(VENV) …"
	@$(PIP) install --no-deps --require-hashes -r $(LOCKS)/demo.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q idp clients
	@touch $@
$(VENV)/.test: $(LOCKS)/test.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the tests need into $(VENV) …"
	@$(PIP) install --no-deps --require-hashes -r $(LOCKS)/test.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q idp clients
	@touch $@ $(VENV)/.demo
# The relying parties of JavaScript: pinned by npm's own lock, run by the Node of the environment.
NODE_FOLDER := tests/relying_parties/node
$(VENV)/.node: $(NODE_FOLDER)/package-lock.json | $(VENV)/.test
	@echo "Installing the relying parties of JavaScript …"
	@cd $(NODE_FOLDER) && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@
# The peer of the benchmark likewise; it brings the Node that it supports.
PEER_FOLDER := bench/peers/node
$(VENV)/.peer: $(PEER_FOLDER)/package-lock.json | $(VENV)/.test
	@echo "Installing the peer …"
	@cd $(PEER_FOLDER) && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@
softhsm2:
	@sh .ci/get-softhsm2
chromium:
	@sh .ci/get-chromium
haproxy:
	@sh .ci/get-haproxy
valgrind:
	@sh .ci/get-valgrind
apache:
	@sh .ci/get-apache
