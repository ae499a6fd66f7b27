# `make demo` and `make test` set up what they need; nothing outside this folder is touched.
PYTHON ?= python3
VENV := .venv

.PHONY: demo test test-all clean

demo: $(VENV)/installed
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" scripts/demo

test: $(VENV)/installed-dev
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" scripts/check

test-all: $(VENV)/installed-dev
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" scripts/check --all

$(VENV)/bin/pip:
	scripts/make-venv "$(PYTHON)" "$(VENV)"

$(VENV)/installed: pyproject.toml | $(VENV)/bin/pip
	$(VENV)/bin/python -m pip install --quiet -e .
	touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/bin/pip
	$(VENV)/bin/python -m pip install --quiet -e '.[dev]'
	touch $(VENV)/installed $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
