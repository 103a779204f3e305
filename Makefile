# Four commands: run, test, lint, bench. Everything else here serves them.
PY ?= python3
PYTHON := .venv/bin/python
UV_VERSION := 0.13.9
export UV_PYTHON_DOWNLOADS := never

.PHONY: run test lint bench locks
.DEFAULT_GOAL := run

run: .venv/.installed
	@$(PYTHON) -m peerhub.run

test: .venv/.installed-dev
	@$(PYTHON) -m tests.run $(ARGS)

lint: .venv/.installed-dev
	@$(PYTHON) -m tests.lint

bench: .venv/.installed-dev
	@$(PYTHON) -m tests.bench.run

# --- the environment: hash-locked, installed once, again when the lock changes ---
.venv/.created:
	@command -v $(PY) >/dev/null || { echo "PeerHub needs Python 3.11 or newer. On Debian or Ubuntu: apt install python3 python3-venv"; exit 1; }
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "PeerHub needs Python 3.11 or newer; $(PY) is $$($(PY) -V 2>&1). Name another with: make PY=python3.12"; exit 1; }
	@$(PY) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv module is missing. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@$(PY) -m venv .venv
	@touch $@

.venv/.installed: requirements.txt | .venv/.created
	@echo "Installing what PeerHub is made of ($<)"
	$(call install,$<)
	@touch $@

.venv/.installed-dev: requirements-dev.txt requirements.txt | .venv/.created
	@echo "Installing what PeerHub is made of, and its tools ($<)"
	$(call install,$<)
	@touch $@ .venv/.installed

# uv is some five times faster than pip; where it cannot be had, pip does the same from the same hashes.
define install
	@{ $(PYTHON) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) \
	   && $(PYTHON) -m uv pip install --quiet --python $(PYTHON) --require-hashes --requirement $(1); } \
	 || $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(1)
endef

# For developers: write the lock files anew after changing pyproject.toml (docs/adr/0001-locked-requirements.md).
locks: .venv/.installed-dev
	@$(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  pyproject.toml -o requirements.txt
	@$(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --group dev pyproject.toml -o requirements-dev.txt
