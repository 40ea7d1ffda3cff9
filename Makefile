# Everything here makes its own virtual environment when there is none; only Python 3.11 or newer is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS := .venv-peers

.PHONY: demo test check openapi bench bench-short bench-report bench-peers lock clean

demo: $(READY)          ## generate a street of 400 enterprises, plan it, show before and after
	$(BIN)/onevisit demo --out demo

test: $(READY)          ## all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(READY)         ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

openapi: $(READY)       ## store what the API is (docs/openapi.json), so that its change is a difference to be seen
	$(BIN)/python -m api.openapi docs/openapi.json

bench: $(READY)         ## quality and speed on the fixed generated cases, and the report (hours)
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.report

bench-short: $(READY)   ## guards of quality by iterations, part of the tests too (seconds)
	$(BIN)/python -m pytest tests/benchmarks/test_quality.py

bench-report: $(READY)  ## report.md and plots from the CSV files at hand
	$(BIN)/python -m benchmarks.report

bench-peers: $(PEERS)/.ready   ## onevisit and its peers on the same cases, in an environment of their own
	$(PEERS)/bin/python -m benchmarks.peers

lock:                   ## pin the dependencies again (needs uv)
	uv pip compile -q --generate-hashes --universal --python-version 3.11 --extra dev pyproject.toml -o requirements.lock --no-header
	uv pip compile -q --generate-hashes --universal --python-version 3.11 --extra peers pyproject.toml -o benchmarks/peers/requirements.txt --no-header

$(READY): requirements.lock pyproject.toml
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $(READY)

$(PEERS)/.ready: benchmarks/peers/requirements.txt pyproject.toml
	test -d $(PEERS) || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --require-hashes -r benchmarks/peers/requirements.txt
	$(PEERS)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $(PEERS)/.ready

clean:
	rm -rf $(VENV) $(PEERS) demo build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
