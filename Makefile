# Works with GNU make 3.81, which macOS has. `make help` lists what there is.

CANDIDATES = $(or $(PYTHON),.venv/bin/python python3.13 python3.12 python3.11 python3)
PY = .venv/bin/python

# Compiled files go to var/ too, whichever command makes them.
export PYTHONPYCACHEPREFIX := $(CURDIR)/var/cache/pycache

# The first candidate that runs and is new enough prepares .venv/. Those that pyenv offers but has not
# got fail the test like any other.
prepare = @for python in $(CANDIDATES); do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	  then exec "$$python" bootstrap.py $(1); fi; \
	done; \
	echo "Svyaz needs Python 3.11 or newer; there is none among: $(CANDIDATES)." \
	  "Name one: PYTHON=/path/to/python3.12 make $(MAKECMDGOALS)" >&2; exit 1

.PHONY: help run voice test check browser-test fault-test soak fmt messages clean packages dev-packages

help:  ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: packages  ## start everything, with demo data: the one command to begin with (PORT=8001 make run)
	@exec $(PY) manage.py up

voice: packages  ## bring RHVoice, which speaks Russian clearly (make run does it too)
	@exec $(PY) -m tts.native.fetch var/rhvoice

test: dev-packages  ## run the tests
	@exec $(PY) -m pytest

check: dev-packages  ## check style, types, layers, migrations, settings and translations
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy .
	.venv/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py check
	$(PY) -m pytest project/tests/test_catalogues.py

browser-test: dev-packages  ## drive the pages in Chromium
	@exec $(PY) -m pytest -m browser

fault-test: dev-packages  ## kill and restart whole processes
	@exec $(PY) -m pytest -m slow

soak: dev-packages  ## handle ten thousand updates while everything fails (SOAK_UPDATES=…)
	@SOAK_UPDATES=$${SOAK_UPDATES:-10000} exec $(PY) -m pytest -m slow -s project/tests/test_soak.py

fmt: dev-packages  ## put the code in order
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

messages: dev-packages  ## gather what is to be translated and compile it (needs GNU gettext)
	$(PY) manage.py makemessages -l ru --no-location --no-wrap --no-obsolete -i .venv -i var
	$(PY) manage.py compilemessages -l ru -i .venv -i var

clean:  ## remove .venv/ and what is cached; the data in var/ stays
	rm -rf .venv var/cache var/log

packages:
	$(call prepare,requirements.txt)

dev-packages:
	$(call prepare,requirements-dev.txt)
