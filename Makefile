# Everything runs from .venv, which the first target makes: python3 (3.11 or later), git and make are all a machine needs.
PYTHON ?= python3
UV := .venv/bin/uv
RUN := $(UV) run --frozen --all-extras
STAMP := .venv/.ready

.PHONY: demo test check unit bench crash simulate clean

demo: $(STAMP)
	@$(RUN) llmgate demo $(if $(AUTO),--auto,) $(if $(FORGE),--forge $(FORGE),)

test: check unit

check: $(STAMP)
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(RUN) lint-imports

unit: $(STAMP)
	$(RUN) pytest -n 2

bench: $(STAMP)
	$(RUN) python -m tests.bench

crash: $(STAMP)
	$(RUN) python -m tests.bench.crash

simulate: $(STAMP)
	$(RUN) python -m tests.simulation

$(STAMP): pyproject.toml uv.lock
	@test -x $(UV) || { echo "Setting up .venv (once) ..."; $(PYTHON) -m venv .venv && .venv/bin/pip install --quiet "uv>=0.9,<1"; }
	@$(UV) sync --frozen --all-extras --inexact --quiet
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
