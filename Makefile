# make demo: run the main job on the embedded city · make test: check the style, the types and every test.
# Each sets up what it needs in .venv. PYTHON chooses the interpreter (3.11 or later).

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
OUT ?= demo

.PHONY: demo test test-oldest lint docs clean

demo: $(VENV)/.ready
	$(BIN)/secequity demo --out $(OUT)

test: $(VENV)/.tested lint
	$(BIN)/pytest -n auto --dist loadfile

lint: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/mypy

docs: $(VENV)/.tested
	$(BIN)/python docs/make_errors.py

# The lower bounds of pyproject.toml, proven in an environment of their own.
test-oldest:
	$(PYTHON) -m venv .venv-oldest
	.venv-oldest/bin/pip install --quiet --disable-pip-version-check uv
	.venv-oldest/bin/uv pip install --quiet --python .venv-oldest/bin/python --resolution lowest-direct -e ".[test]"
	.venv-oldest/bin/pytest -m "not browser" -W default

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "secequity needs Python 3.11 or later: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

$(VENV)/.tested: $(VENV)/.ready
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[test]"
	touch $@

clean:
	rm -rf $(VENV) .venv-oldest demo out build dist
