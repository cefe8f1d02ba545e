# All that `make run` and `make test` need is Python 3.11 or newer and make; pip and npm fetch the rest.
PYTHON ?= python3
# A folder with the two source documents, for checking the evidence; without it that part says that it was left out.
DOCUMENTS ?= $(wildcard ../shared/sources)
bin = .venv/bin
# Tests wait for servers and browsers a fifth of the time: one process more than there are cores.
processes = $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
pytest = $(bin)/pytest --numprocesses $(processes) --dist loadfile
quietly = --quiet --disable-pip-version-check
bundle = package.json package-lock.json $(wildcard server/leedskg/web/styles/*.scss server/leedskg/web/scripts/*.js)

run: .venv/installed
	@$(bin)/leedskg run $(if $(PORT),--port $(PORT))

# The quick tier. A file's tests stay together, for they share what they set up.
test: .venv/developing
	@$(pytest) --tier quick

# What `make test` leaves out. It names each test, for one that takes long should be known by its name.
test-rest: .venv/developing
	@$(pytest) --tier rest --verbose

check: lint test test-rest

lint: .venv/developing
	$(bin)/ruff format --check server tests hatch_build.py
	$(bin)/ruff check server tests hatch_build.py
	$(bin)/mypy
	$(bin)/turtlefmt --check ontology graph shapes tests/shapes
	$(bin)/leedskg check $(if $(DOCUMENTS),--documents $(DOCUMENTS))
	$(if $(DOCUMENTS),$(bin)/leedskg coverage --documents $(DOCUMENTS))

format: .venv/developing
	$(bin)/ruff check --fix server tests hatch_build.py
	$(bin)/ruff format server tests hatch_build.py
	$(bin)/turtlefmt ontology graph shapes tests/shapes

bench: .venv/developing
	@$(bin)/pip install $(quietly) --requirement tests/benchmarks/requirements.txt
	@$(bin)/python -m tests.benchmarks $(if $(WRITE),--write $(WRITE))

# A graph of many records of registers and the site over it: DATA=FOLDER of publishers' files, STATE=FOLDER, UK=1 for all.
bench-registers: .venv/developing
	@$(bin)/python -m tests.benchmarks.imports $(DATA) $(STATE) $(if $(UK),--uk)
	@$(bin)/python -m tests.benchmarks.at_scale $(STATE)

endurance: .venv/developing
	@$(bin)/python -m tests.benchmarks.endurance

.venv/installed: pyproject.toml hatch_build.py $(bundle)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "leedskg needs Python 3.11 or newer; name one with PYTHON=...")'
	@echo 'Installing into .venv (once, a minute or two) ...'
	@test -x $(bin)/python || $(PYTHON) -m venv .venv
	@$(bin)/pip install $(quietly) --editable .
	@touch $@

.venv/developing: .venv/installed
	@$(bin)/pip install $(quietly) --editable '.[dev]'
	@$(bin)/python -m tests.fetch_chromium
	@touch $@

clean:
	rm -rf .venv var server/leedskg/web/static/vendor

.PHONY: run test test-rest check lint format bench bench-registers endurance clean
