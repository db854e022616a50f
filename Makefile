# Every target makes the environment first; `make setup` does nothing when it is up to date.
.DEFAULT_GOAL := help
.PHONY: help setup check test table test-peers test-engines test-cdktn test-frameworks bundles release matrix floors faults live mutants demo desk serve bench docs constructs reference pictures dist lock openapi clean

BIN := .venv/bin

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make .venv, with python, cdktf and terraform in .venv/bin
	@sh scripts/setup.sh

check: setup ## Lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/python -m scripts.reasons
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: setup ## All tests, the ones with the real cdktf and terraform included
	$(BIN)/python -m pytest -n 3 --dist worksteal

table: setup ## Whole tables of which make test tries a part: what destroys what, in half an hour
	$(BIN)/python -m pytest -n 3 --dist worksteal -m table tests

test-peers: setup ## The thread tests against smg, a third-party server of the Conversations API
	TEST_PEER=smg $(BIN)/python -m pytest -n 3 --dist worksteal -m peers tests/e2e

ENGINES ?= 1.8.4 1.11.4 1.15.5
SUITE ?= tests/e2e
test-engines: setup ## The tests with the real engine, on each version of ENGINES, or on ENGINE=PATH of a terraform or tofu
	@set -e; if [ -n "$(ENGINE)" ]; then \
	  echo "$(ENGINE)"; \
	  TEST_TERRAFORM="$(abspath $(ENGINE))" $(BIN)/python -m pytest -n 3 --dist worksteal -m "not cdktf" $(SUITE); \
	  exit; \
	fi; \
	for version in $(ENGINES); do \
	  $(BIN)/python scripts/engine.py .engines/terraform-$$version $$version; \
	  echo "Terraform $$version"; \
	  TEST_TERRAFORM="$$PWD/.engines/terraform-$$version/terraform" \
	    $(BIN)/python -m pytest -n 3 --dist worksteal -m "not cdktf" $(SUITE); \
	done

bundles: setup ## Make a bundle and deploy with it in roots without Python, glibc and musl; ONLY=musl for some
	@sh scripts/system.sh busybox ld-musl-config
	$(BIN)/python -m pytest -m bundles tests/bundles $(if $(ONLY),-k "$(ONLY)")

matrix: setup ## The quickstart on each pair of Python, Node.js, framework, Terraform and state; ENGINE=PATH, ONLY=3.13
	@sh scripts/system.sh pg_createcluster
	@sh scripts/setup_cdktn.sh
	CI=true ENGINE="$(if $(ENGINE),$(abspath $(ENGINE)))" $(BIN)/python -m pytest -m matrix tests/matrix $(if $(ONLY),-k "$(ONLY)")

floors: setup ## The lowest version of every dependency, installed and tested
	$(BIN)/python -m scripts.floors

# A deploy of one thread by the cdktn command is a row of make matrix.
test-cdktn: setup ## The constructs, and a deploy, on CDK Terrain, CDKTF's successor
	@sh scripts/setup_cdktn.sh
	TEST_FRAMEWORK=cdktn PATH="$$PWD/.cdktn/bin:$$PATH" .cdktn/bin/python -m pytest -n 3 --dist worksteal \
	  tests/cdktf_openai_thread tests/documents/test_sessions.py \
	  tests/e2e/test_cdktf.py tests/e2e/test_values.py tests/e2e/test_example_data_analysis.py \
	  --deselect tests/e2e/test_cdktf.py::test_a_thread_is_deployed_changed_in_place_and_destroyed

test-frameworks: setup ## examples/frameworks: openai-agents and LangChain on a thread
	@[ -x .frameworks/bin/python ] || $(BIN)/python -m venv .frameworks
	.frameworks/bin/python -m pip install -qq --requirement examples/frameworks/requirements.txt
	FRAMEWORKS_PYTHON="$$PWD/.frameworks/bin/python" $(BIN)/python -m pytest examples/frameworks

demo: setup ## Deploy examples/quickstart on the embedded API and read it back
	@sh scripts/demo.sh

desk: setup ## Deploy examples/support_desk and let its application answer, offline
	@PATH="$$PWD/$(BIN):$$PATH" $(MAKE) -s -C examples/support_desk

PORT ?= 8787
DATABASE ?= examples/quickstart/threads.db
serve: setup ## Serve what make demo deployed, with a page for the browser, until Ctrl-C
	@$(BIN)/openai-thread serve --database "$(DATABASE)" --port $(PORT)

bench: setup ## Measure beside what else there is, into docs/benchmarks.md; BENCH=quick: a minute, to .bench
	$(BIN)/python -m benchmarks

faults: setup ## Kill, interrupt, fuzz and fill: two hours, figures as JSON lines; SCRIPT=kills for one
	$(BIN)/python -m tests.faults $(SCRIPT)

live: setup ## What an API answers, beside what we assume: needs OPENAI_API_KEY, at most 1 cent; BASE_URL=sqlite: none
	@$(BIN)/python -m scripts.live $(if $(BASE_URL),--base-url "$(BASE_URL)") $(if $(YES),--yes)

mutants: setup ## Break what decides, and see a test fail; FILES=provider_shim/terraform/plan.py for one
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --requirement requirements-mutants.lock
	$(BIN)/python -m scripts.mutants $(FILES)

docs: setup ## Build the documentation into site/, warnings as errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo site/index.html

constructs: setup ## Write cdktf_openai_thread/bindings/ anew from the contract
	$(BIN)/python -m scripts.constructs

reference: setup ## Write docs/reference/ anew, and the arrows and links in docs/contributing/
	$(BIN)/python -m scripts.reference
	$(BIN)/python -m scripts.endpoints
	$(BIN)/python -m scripts.contributing

pictures: setup ## Draw the pictures of the docs anew, with Graphviz and Chromium
	@sh scripts/system.sh dot chromium
	cd examples/data_analysis && ../../$(BIN)/python main.py
	$(BIN)/openai-thread graph examples/data_analysis/cdktf.out --format dot | dot -Tsvg -o docs/images/stack.svg
	$(BIN)/python -m scripts.plan_picture docs/images/plan.svg
	$(BIN)/python -m scripts.editor_picture docs/images/editor.svg
	$(BIN)/python -m scripts.pictures

dist: setup ## Build wheel and sdist into dist/, and check them
	rm -rf dist
	$(BIN)/python -m hatchling build -d dist
	$(BIN)/twine check --strict dist/*

release: setup ## Wheel, sdist, and this platform's bundle as mirrors and registries have it, into dist/; SOURCE=HOST/NAMESPACE/openai
	$(BIN)/python -m scripts.release $(if $(SOURCE),--source $(SOURCE)) dist

lock: setup ## Resolve the ranges of pyproject.toml anew into requirements-dev.lock
	$(BIN)/python scripts/lock.py

openapi: setup ## Cut OpenAI's document, DOCUMENT=openapi.json, down to what tests check against
	$(BIN)/python tests/support/openapi/strip.py "$(DOCUMENT)"

clean: ## Remove what setup, tests and the demo made
	rm -rf .venv .cdktn .engines .floors .frameworks .matrix .bench mutants dist site tools/*/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis
	rm -rf examples/*/cdktf.out examples/*/*.tfstate* examples/*/*.db* examples/*/outputs.json examples/*/serve.log examples/two_providers/settings.json examples/*/.openai-thread-journal*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
