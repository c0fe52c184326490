# Everything a fresh machine needs is Python 3.11 or newer, with pip and venv, and make.
# `make help` lists the targets.

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input

# Which Python to build the environment with; empty: the first that is new enough.
PYTHON ?=
PYTEST_WORKERS ?= 4
PYTEST_ARGS ?=
BENCH_ARGS ?=
LOCK_ARGS ?=

# Else every process would compile what it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test coverage lint format bench lock audit docs clean runtime dev

help:
	@echo 'make run     install what is missing and serve on http://localhost:8283 (PORT=… for another)'
	@echo 'make test    install what tests need and run them (PYTEST_ARGS=…)'
	@echo 'make coverage  run them and name the lines that no test reaches'
	@echo 'make lint    ruff, mypy and the import contracts'
	@echo 'make format  let ruff lay out the code'
	@echo 'make bench   measure every target, half an hour (BENCH_ARGS=…)'
	@echo 'make docs    rewrite .env.example and the table of settings in README.md'
	@echo 'make lock    rewrite the requirement locks (LOCK_ARGS=--upgrade for newer versions)'
	@echo 'make audit   ask PyPI which locked versions have known vulnerabilities'
	@echo 'make clean   remove the environment and all caches; data/ stays'
	@echo 'PYTHON=python3.13 after any of them picks the Python for .venv'

run: runtime
	@exec $(PY) -m bot serve

test: dev
	@$(PY) -m pytest -n $(PYTEST_WORKERS) --dist loadscope --no-loadscope-reorder $(PYTEST_ARGS)

coverage: dev
	@$(PY) -m pytest -n $(PYTEST_WORKERS) --dist loadscope --no-loadscope-reorder --cov --cov-report=term $(PYTEST_ARGS)

lint: dev
	@failed=0; for check in '$(PY) -m ruff check .' '$(PY) -m ruff format --check .' \
		'$(PY) -m mypy' '$(VENV)/bin/lint-imports'; do \
		echo "$$check"; $$check || failed=1; \
	done; exit $$failed

format: dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: dev
	@$(PY) -m benchmarks $(BENCH_ARGS)

docs: runtime
	@$(PY) -m config.reference

# The development lock is held to the versions of the runtime lock.
COMPILE = UV_CUSTOM_COMPILE_COMMAND='make lock' $(PY) -m uv pip compile pyproject.toml --quiet \
	--group build --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate $(LOCK_ARGS)

lock: runtime
	@echo 'Resolving versions'
	@$(COMPILE) --output-file requirements.txt
	@$(COMPILE) --output-file requirements-dev.txt --extra test --extra lint --constraint requirements.txt

# In an environment of its own: what looks at packages isn't one of them. A package that PyPI knows
# nothing of fails it, for nobody would have looked at that one.
audit: runtime
	@test -x $(VENV)/audit/bin/pip-audit || { $(PY) -m venv $(VENV)/audit \
		&& $(VENV)/audit/bin/python -m pip --disable-pip-version-check install -qq pip-audit; }
	@for lock in requirements.txt requirements-dev.txt; do echo "$$lock"; \
		$(VENV)/audit/bin/pip-audit --strict --disable-pip --require-hashes -r $$lock || exit 1; \
	done

clean:
	rm -rf $(VENV) build dist .coverage .coverage.* .hypothesis .*_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

runtime:
	@$(call ensure,requirements.txt)

dev:
	@$(call ensure,requirements-dev.txt)
	@cmp -s requirements-older.txt $(VENV)/older/requirements-older.txt || { \
		$(call install,requirements-older.txt,--no-deps --upgrade --target $(VENV)/older) \
		&& cp requirements-older.txt $(VENV)/older/; \
	}

# Prints the Python to use, or says what to install.
define find_python
	for candidate in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
		"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
		"$$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1 && { echo "$$candidate"; exit 0; }; \
		echo "$$candidate has no venv; install it (on Debian and Ubuntu: apt install python3-venv)." >&2; \
	done; \
	echo "Familiar needs Python 3.11 or newer, with venv; $(or $(PYTHON),python3) is not." >&2; \
	echo "Install one, or name one: make PYTHON=…" >&2; \
	exit 1
endef

# Installs a lock, with further options. uv takes a third of pip's time; pip does it where that
# fails, and where pip is told of an index of one's own, which uv knows nothing about.
define install
{ { ! $(PIP) config list | grep -qE '\.(index-url|no-index)=' && { $(PY) -m uv --version >/dev/null 2>&1 || { \
		sed -n '/^uv==/,/[^\\]$$/p' $(1) >$(VENV)/uv.txt && $(PIP) install -qq --require-hashes -r $(VENV)/uv.txt; }; } \
	&& $(PY) -m uv pip install --python $(PY) --quiet --compile-bytecode --require-hashes $(2) -r $(1); \
	} || $(PIP) install -qq --require-hashes $(2) -r $(1); }
endef

# $(VENV)/complete stands only while no installation is under way, and holds the folder it was made
# in: an interrupted or moved environment is made anew, and so is one of another Python than an
# explicit PYTHON= asks for. $(VENV)/<lock> is a copy of each lock that is installed in full.
define ensure
	identity='import sys; print(sys.version, sys.base_prefix)'; \
	usable() { \
		[ "$$(cat $(VENV)/complete 2>/dev/null)" = "$$PWD" ] && is="$$($(PY) -c "$$identity" 2>/dev/null)" \
		&& { [ -z '$(PYTHON)' ] || [ "$$('$(PYTHON)' -c "$$identity" 2>/dev/null)" = "$$is" ]; }; \
	}; \
	if usable; then \
		cmp -s $(1) $(VENV)/$(1) && exit 0; \
		rm -f $(VENV)/complete $(VENV)/requirements*.txt; \
	else \
		python="$$($(find_python))" || exit 1; \
		echo "Making $(VENV) with $$("$$python" --version)"; \
		rm -f $(VENV)/complete; \
		"$$python" -m venv --clear $(VENV) || exit 1; \
	fi; \
	echo 'Installing packages from $(1): a minute or two the first time'; \
	$(call install,$(1)) || exit 1; \
	$(PIP) install -qq --no-deps --no-build-isolation --editable . || exit 1; \
	for lock in requirements.txt $(1); do cp "$$lock" $(VENV)/; done; \
	echo "$$PWD" >$(VENV)/complete
endef
