# Everything here builds the locked environment in .venv first, where it is not there yet.
.PHONY: environment demo test test-slow test-all check format docs dag lock pretrain bench help
.DEFAULT_GOAL := help

ENVIRONMENT := .venv/.complete
# The Python that builds it: `make PYTHON=python3.13` takes another.
PYTHON ?= python3
# No other clone's packages, no person's.
RUN := PYTHONPATH= PYTHONNOUSERSITE=1 PATH="$$PWD/.venv/bin:$$PATH"
CODE := scripts rules tests
SNAKEFILES := Snakefile $(wildcard rules/*.smk)
# Two more than two cores: some tests mostly wait. A test file stays on one worker.
WORKERS ?= 4
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	--overrides envs/overrides.txt
# Of `make bench`: a folder with torch, and what to measure (tests/benchmarks/README.md).
EXTRA ?=
MODULES ?=
PYTEST := OMP_NUM_THREADS=1 pytest -n $(WORKERS) --no-loadscope-reorder

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

environment: $(ENVIRONMENT) ## Build .venv from envs/cpu.txt and nothing more

demo: $(ENVIRONMENT) ## Run the demo study: reports/demo/report.html
	$(RUN) snakemake --profile profiles/demo

test: $(ENVIRONMENT) ## Run the quick tests, a small study among them
	$(RUN) $(PYTEST) -m "not slow"

test-slow: $(ENVIRONMENT) ## Run the others: the demo, Slurm, kills, full disks, real networks
	$(RUN) $(PYTEST) -m slow

test-all: $(ENVIRONMENT) ## Run all tests
	$(RUN) $(PYTEST)

check: $(ENVIRONMENT) ## Check style: ruff, snakefmt, snakemake --lint
	$(RUN) ruff check $(CODE)
	$(RUN) ruff format --check $(CODE)
	$(RUN) snakefmt --check --line-length 100 $(SNAKEFILES)
	$(RUN) snakemake --lint

format: $(ENVIRONMENT) ## Bring code to that style
	$(RUN) ruff check --fix $(CODE)
	$(RUN) ruff format $(CODE)
	$(RUN) snakefmt --line-length 100 $(SNAKEFILES)

docs: $(ENVIRONMENT) ## Write docs/configuration.md anew, from the schema of the configuration
	$(RUN) PYTHONPATH=scripts python -m fewshot.study.reference > docs/configuration.md

dag: $(ENVIRONMENT) ## Draw the rule graph: reports/rules.svg
	mkdir -p reports
	$(RUN) snakemake --rulegraph dot > reports/rules.dot
	$(RUN) python -c "import pygraphviz; pygraphviz.AGraph('reports/rules.dot').draw('reports/rules.svg', prog='dot')"

bench: $(ENVIRONMENT) ## Measure all that stands beside something else, as one table
	$(RUN) PYTHONPATH="$(EXTRA)" python tests/benchmarks $(MODULES)

pretrain: $(ENVIRONMENT) ## Make SmallVGG's weights anew, in about an hour
	$(RUN) snakemake --profile profiles/demo results/characters/small_vgg.weights.h5
	cp results/characters/small_vgg.weights.h5 scripts/fewshot/weights/

lock: ## Choose the newest versions that envs/*.in allow (needs uv)
	$(COMPILE) envs/cpu.in -o envs/cpu.txt
	$(COMPILE) envs/gpu.in -o envs/gpu.txt
	$(COMPILE) envs/gpu-jax.in -o envs/gpu-jax.txt

# An environment works where it was made, and as long as the Python that made it is there.
ifneq ($(shell (.venv/bin/python -c "" && cat $(ENVIRONMENT)) 2> /dev/null),$(CURDIR))
.PHONY: $(ENVIRONMENT)
endif

$(ENVIRONMENT): envs/cpu.txt
	$(PYTHON) envs/bootstrap.py .venv $<
	pwd -P > $@
