# `make run` and `make test` need Python 3.11 or newer and make, nothing else.
PYTHON ?= python3
DOCUMENTS ?= $(wildcard ../shared/sources)
bin = .venv/bin
serve_options = $(if $(PORT),--port $(PORT))
check_options = $(if $(DOCUMENTS),--documents $(DOCUMENTS))

run: .venv.stamp
	@$(bin)/leedskg run $(serve_options)

test: .venv.stamp
	@$(bin)/pytest

check: .venv.stamp
	$(bin)/ruff format --check server tests
	$(bin)/ruff check server tests
	$(bin)/mypy
	$(bin)/turtlefmt --check ontology graph shapes
	$(bin)/leedskg check $(check_options)
	$(bin)/pytest

format: .venv.stamp
	$(bin)/ruff format server tests
	$(bin)/ruff check --fix server tests
	$(bin)/turtlefmt ontology graph shapes

bench: .venv.stamp
	$(bin)/pip install --quiet -r tests/benchmarks/requirements.txt
	$(bin)/python -m tests.benchmarks

.venv.stamp: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "leedskg needs Python 3.11 or newer; name one with PYTHON=...")'
	@echo 'Installing into .venv (once, a minute or two) ...'
	@$(PYTHON) -m venv .venv
	@$(bin)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

clean:
	rm -rf .venv .venv.stamp var

.PHONY: run test check format bench clean
