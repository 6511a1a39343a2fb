# Every target of use says what it does behind two hashes; `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo up test lint fmt check bench simulate mutants pack docs new-function new-context lock clean

# The first Python on PATH that is new enough, for the set-up; everything else runs in .venv.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; done; echo python3)
VENV := .venv/bin
# Each worker of the tests has a local stack of its own: two gigabytes of memory.
WORKERS ?= $(shell n=$$(nproc); echo $$((n < 4 ? n : 4)))

# Options of the demo; `python -m emulators.city` reads them from the environment.
DEMO_OPTIONS := ORDERS DRIVERS SPEED OFFER_SECONDS CANCEL HEADLESS KEEP
# Options of `make up`; `python -m emulators` reads them from the environment.
UP_OPTIONS := SEED_DATA STACK TOGETHER OFFER_SECONDS CORS_ORIGINS

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Bring in what the clone needs: .venv, npm packages, emulators (quick when there)
	@$(if $(SKIP_SETUP),,$(PYTHON) -m infra.setup)

demo: setup ## Run a city on the local stack (ORDERS DRIVERS SPEED OFFER_SECONDS CANCEL HEADLESS KEEP)
	@$(foreach name,$(DEMO_OPTIONS),$(if $($(name)),$(name)='$($(name))')) $(VENV)/python -m emulators.city

up: setup ## Run the local stack on the documented ports until Ctrl-C (SEED_DATA STACK TOGETHER OFFER_SECONDS CORS_ORIGINS)
	@$(foreach name,$(UP_OPTIONS),$(if $($(name)),$(name)='$($(name))')) $(VENV)/python -m emulators up

test: setup ## Run all tests, with the emulators (ARGS for pytest)
	$(VENV)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: setup ## Check style, types and the import rules
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/mypy
	$(VENV)/lint-imports

fmt: setup ## Format the code and mend what the linter can
	$(VENV)/ruff check --fix
	$(VENV)/ruff format

check: lint test ## What CI runs: lint and test

bench: setup ## Measure against the references, into docs/performance.md (B=<names> for some)
	@$(VENV)/python -m tests.bench $(B)

simulate: setup ## Run seeds of the simulation (SEEDS STEPS BUSINESS), or replay one (SEED WITHOUT)
	@$(VENV)/python -m tests.simulation $(if $(SEEDS),--seeds $(SEEDS)) $(if $(STEPS),--steps $(STEPS)) \
		$(if $(SEED),--seed $(SEED)) $(if $(BUSINESS),--business $(BUSINESS)) $(if $(WITHOUT),--without '$(WITHOUT)')

mutants: setup ## Plant bugs, and see that the simulation catches each
	@$(VENV)/python -m tests.simulation.mutants

pack: setup ## Build the deployables into build/ (F=<function> for one)
	@$(VENV)/python -m infra.pack $(F)

docs: setup ## Write docs/ from the code: state machines, what the tests show, OpenAPI, subscriptions, new error codes
	@$(VENV)/python -m tools.docs.machines
	@$(VENV)/python -m tools.docs.coverage
	@$(VENV)/python -m tools.docs.openapi
	@$(VENV)/python -m tools.docs.hosting
	@$(VENV)/python -m tools.docs.subscriptions
	@$(VENV)/python -m tests.unit.edge.public_errors --add
	@npm run --silent client

new-function: setup ## Write the skeleton of a function (NAME=reviews_events)
	@$(VENV)/python -m tools.scaffold function '$(NAME)'

new-context: setup ## Write the skeleton of a context (NAME=ledger)
	@$(VENV)/python -m tools.scaffold context '$(NAME)'

lock: setup ## Pin the packages of requirements.in, with hashes
	$(VENV)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header --python-version 3.11 requirements.in -o requirements.lock

clean: ## Remove everything that set-up, tests and builds have made
	rm -rf .venv node_modules build .waybill .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
