# Everything runs in .venv, which the first target makes. PYTHON chooses the interpreter (3.11 to 3.13).
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test test-long check lint types imports docs clean

demo: .venv/installed sandbox ## Run the main job on built-in data: no network, no key
	$(BIN)/ml-intern demo --home .demo

test: .venv/ready .clients/ready sandbox ## Run the tests and measure coverage
	$(BIN)/python -m pytest -m 'not long' --cov --cov-report=term

test-long: .venv/ready .clients/ready sandbox ## Run the larger cases, before a release
	$(BIN)/python -m pytest -m long

check: lint types imports test ## All that a change must pass

lint: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/ready
	$(BIN)/mypy

imports: .venv/ready
	$(BIN)/lint-imports

docs: .venv/ready ## Write docs/reference.md from the code
	$(BIN)/python scripts/write_reference.py

.venv/pip:
	$(PYTHON) -m venv .venv
	$(PIP) install --quiet --upgrade 'pip>=25.1'
	touch $@

.venv/installed: pyproject.toml constraints.txt | .venv/pip # what a run needs, and no more
	$(PIP) install --quiet --constraint constraints.txt --editable .
	touch $@

# Compiling takes half of the time, and pip does it on one core, also tests of libraries. Our modules too: the tests
# start the command a hundred times, and keep nothing that it compiles. What is no Python of today is left as it is.
.venv/ready: pyproject.toml constraints.txt $(if $(filter demo,$(MAKECMDGOALS)),.venv/installed) | .venv/pip
	$(PIP) install --quiet --no-compile --constraint constraints.txt --editable . --group dev
	$(BIN)/python -m compileall -qq -j 0 -x '/tests/' .venv/lib src || true
	touch .venv/installed $@

# Other clients of the Hub, which the tests hold our own Hub against.
.clients/ready: pyproject.toml constraints.txt | .venv/pip
	$(PYTHON) -m venv --clear --without-pip .clients
	$(PIP) --python .clients install --quiet --constraint constraints.txt --group clients
	touch $@

.PHONY: sandbox
sandbox: # Jobs run in bubblewrap; installing it needs root, so that is only tried where we are root.
	@command -v bwrap >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && apt-get -qq update && apt-get -qq install -y bubblewrap >/dev/null; } \
	  || echo 'bubblewrap is missing: install it (apt-get install bubblewrap) so that jobs can run.' >&2

clean:
	rm -rf .venv .clients .demo .coverage .mypy_cache .pytest_cache .ruff_cache
