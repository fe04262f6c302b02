# Works with GNU make 3.81, which macOS has. `make help` lists what there is.

CANDIDATES = $(or $(PYTHON),.venv/bin/python python3.13 python3.12 python3.11 python3)
PY = .venv/bin/python

# Compiled files go to var/ too, whichever command makes them, and are always kept: compiling anew would
# take each process seconds to start.
export PYTHONPYCACHEPREFIX := $(CURDIR)/var/cache/pycache
export PYTHONDONTWRITEBYTECODE :=

# The first candidate that runs and is new enough prepares .venv/. Those that pyenv offers but has not
# got fail the test like any other.
prepare = @for python in $(CANDIDATES); do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	  then exec "$$python" bootstrap.py $(1); fi; \
	done; \
	echo "Svyaz needs Python 3.11 or newer; there is none among: $(CANDIDATES)." \
	  "Name one: PYTHON=/path/to/python3.12 make $(MAKECMDGOALS)" >&2; exit 1

.PHONY: help run voice test check browser-test fault-test soak fmt messages lock clean packages dev-packages

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: packages  ## start everything with demo data (PORT=8001 make run)
	@exec $(PY) manage.py up

voice: packages  ## download RHVoice, the offline voice (make run does it too)
	@exec $(PY) -m tts.native.fetch var/rhvoice

test: dev-packages  ## run the tests
	@exec $(PY) -m pytest

check: dev-packages  ## check style, types, layers, JavaScript, migrations, settings and translations
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy .
	.venv/bin/lint-imports
	tools/javascript/check.sh
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py check
	$(PY) -m pytest project/tests/test_catalogues.py

browser-test: dev-packages  ## run the browser tests in Chromium
	@exec $(PY) -m pytest -m browser

fault-test: dev-packages  ## run the tests that kill and restart processes
	@exec $(PY) -m pytest -m slow

soak: dev-packages  ## handle 10,000 updates under injected faults (SOAK_UPDATES=…)
	@SOAK_UPDATES=$${SOAK_UPDATES:-10000} exec $(PY) -m pytest -m slow -s project/tests/faults/test_soak.py

fmt: dev-packages  ## format the code
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

messages: dev-packages  ## collect and compile translations (needs GNU gettext)
	$(PY) manage.py makemessages -l ru --no-location --no-wrap --no-obsolete -i .venv -i var
	$(PY) manage.py compilemessages -l ru -i .venv -i var

LOCK = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock: dev-packages  ## lock requirements*.in into requirements*.txt with hashes
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) requirements-dev.in --output-file requirements-dev.txt

clean:  ## remove .venv/ and caches; the data in var/ remains
	rm -rf .venv var/cache var/log tools/javascript/node_modules

packages:
	$(call prepare,requirements.txt)

dev-packages:
	$(call prepare,requirements-dev.txt)
