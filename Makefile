# `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.DEFAULT_GOAL := help
.PHONY: help setup demo check test chaos chaos-postgresql bench bench-peers bench-postfix bench-gather bench-topics bench-readers bench-relevance bench-web inbox pictures golden docs wheel clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make the virtual environment with pinned dependencies

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,postgres]'
	@touch $@

demo: $(READY) ## send a morning's digests to made-up readers and show them, all on this machine
	$(BIN)/newsletter demo

check: $(READY) ## ruff, mypy, import-linter, and the docs' own checks
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/docs

test: $(READY) ## pytest; an edge whose real part is not here skips and says so
	$(BIN)/python -m pytest -q -n auto --dist loadscope

bench: $(READY) ## time sending, beside Postfix's smtp-source and rendering every mail whole
	$(BIN)/python -m tests.bench.send

bench-peers: $(READY) ## the same, with Django and nodemailer beside it
	$(BIN)/python -m tests.bench.send --peers

bench-postfix: $(READY) ## send 10,000 digests into a real Postfix, beside smtp-source; as root
	$(BIN)/python -m tests.bench.postfix

chaos: $(READY) ## kill, stop and starve sending runs, ROUNDS=20 times; who got what is counted
	$(BIN)/python -m tests.chaos

chaos-postgresql: $(READY) ## the same on a PostgreSQL of its own, which is restarted as well
	$(BIN)/python -m tests.chaos --database postgresql

bench-gather: $(READY) ## time gathering and composing a day of 2,000 papers, beside others
	$(BIN)/python -m tests.bench.gather

bench-topics: $(READY) ## measure how well the catalogue's words guess arXiv's categories
	$(BIN)/python -m tests.bench.topics

bench-readers: $(READY) ## time choosing for a million made-up readers
	$(BIN)/python -m tests.bench.digests 100000 1000000

bench-relevance: $(READY) bench-topics bench-readers ## all of choosing: do saved papers stand on top, and the two above
	$(BIN)/python -m tests.bench.relevance

bench-web: $(READY) ## time the pages, and leaving while mails are sent, on SQLite and PostgreSQL
	$(BIN)/python -m tests.bench.web

inbox: $(READY) ## judge the mails by tools of others: spam, accessibility, clients, pictures
	$(BIN)/python -m tests.inbox

pictures: $(READY) ## take the README's pictures of the digest anew
	$(BIN)/python -m tests.docs.pictures

golden: $(READY) ## print the golden mails anew, after looking at the difference
	GOLDEN=write $(BIN)/python -m pytest -q tests/golden

docs: $(READY) ## generate the pages that are made from the code
	$(BIN)/python -m tests.docs.generate

wheel: $(READY) ## build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps -w dist .

clean: ## remove what make has made
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
