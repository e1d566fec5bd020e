# Everything a contributor needs. On a fresh machine: Python 3.10 or newer, git and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
NPM := @actions/languageservice@0.3.61 @stoplight/prism-cli@5.14 @octokit/openapi@23.0 @octokit/webhooks-examples@7.6 @octokit/graphql-schema@15.26 axe-core@4.14 speedscope@1.25

IP := command -v ip > /dev/null || apt-get install --yes --quiet iproute2
# Minutes of building, which two suites may want at once: the second waits, and finds what the first has built.
K6 := command -v k6 > /dev/null || test -x .engines/k6 || GOBIN=$(CURDIR)/.engines flock Makefile go install go.k6.io/k6@latest
CHROMIUM := command -v chromium > /dev/null || (apt-get update --quiet && apt-get install --yes --quiet chromium)

.PHONY: demo test portable containers databases engines workflows linted executed browser consumers fuzz pythons tools extras docs check format bench coverage dist smoke clean

# The embedded petstore against a slower one, all scenarios in pairs. A regression is what it shows, so exit code 1 is right.
demo: $(VENV)/.base
	$(BIN)/perfgate duet petstore 'petstore?slow=25%' --budget 15s --history .perfgate/demo.db; code=$$?; case $$code in \
	1) ;; \
	0|3) echo "Not the FAIL that is expected. The lines above say why: something is missing, or this machine is too busy." >&2; exit 1 ;; \
	*) exit $$code ;; esac

# Three files at a time, since many wait, in their order: most that load something come early, so that none of them is left
# for the end. What measures real load must hold beside a busy neighbour anyway.
test: $(VENV)/.dev $(VENV)/httpbin/.done
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

# What holds on macOS as on Linux: values, files, words and pages. That measuring does, `make smoke` says.
PORTABLE := compare config exchange history metrics report scaffold scenario verdict
portable: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(addprefix tests/,$(PORTABLE)) --ignore tests/history/git

# Tests with a Docker Engine: the one that runs here, or one that is installed and started, which takes root; and with
# `docker compose` and `docker buildx` (built by Go where there are none).
containers: $(VENV)/.dev
	tests/containers/base_image.sh
	tests/containers/compose.sh
	tests/containers/buildx.sh
	$(BIN)/python -m pytest -m containers tests/containers

# A service with a real PostgreSQL and Redis: those that are here, or Debian's, which takes root.
databases: $(VENV)/.extra-databases
	tests/databases/packages.sh
	$(BIN)/python -m pytest -m databases tests/databases

# What else can play scenarios, for real: k6 (built by Go where there is none), Locust, and machines that are network
# namespaces (as root).
engines: $(VENV)/.extra-locust
	$(IP)
	$(K6)
	PATH="$$PATH:$(CURDIR)/.engines" $(BIN)/python -m pytest -m engines

# Pages in a headless Chromium: the one that is here, or Debian's, which takes root. What they lack for people who do not
# see them is found by axe-core.
browser: $(VENV)/.extra-browser $(VENV)/.extra-docs .npm/.done
	$(CHROMIUM)
	$(BIN)/python -m pytest -m browser tests/report tests/docs

# What these suites play with, beside what their own environment has: .ci/run gets it while the quick tests run.
tools: .npm/.done .otava/.done
	$(IP)
	$(CHROMIUM)
	tests/databases/packages.sh
	$(K6)
	tests/workflows/tools.sh
	tests/containers/compose.sh
	tests/containers/buildx.sh

# Spoiled inputs for every reader, FUZZ_SECONDS for each: ten minutes, or a few seconds where a change is checked.
FUZZ_SECONDS ?= 600
fuzz: $(VENV)/.dev
	FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python -m pytest -m fuzz tests/fuzz

# What a version of Python can break, on each that setup.cfg names and this machine has.
pythons: $(VENV)/.dev
	$(BIN)/python tests/pythons.py

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The site of docs/, into build/site; what is generated of it is written anew by `python -m tools.docs`.
docs: $(VENV)/.extra-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench.judging

workflows: linted executed

# Linters for the workflows; the steps of our action; and what GitHub says of itself: its interface's description behind
# prism, and examples of its events. On a fresh machine with npm.
linted: $(VENV)/.extra-workflows .npm/.done
	$(BIN)/python -m pytest -m workflows tests/github tests/workflows --ignore tests/workflows/executed

# Workflows as they run, by nektos/act on a Docker Engine; and what a release publishes. On a fresh machine with Go and npm,
# as root.
executed: $(VENV)/.extra-workflows $(VENV)/.extra-release .npm/.done
	tests/workflows/tools.sh
	$(BIN)/python -m pytest -m workflows tests/workflows/executed

# What the quick tests reach of perfgate, printed: a place to look for what nobody tried, and no mark to reach.
coverage: $(VENV)/.extra-coverage $(VENV)/httpbin/.done
	COVERAGE_CORE=sysmon $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --cov perfgate --cov-report term:skip-covered

# What is released, in dist/: a source archive, and a wheel that is built from it.
dist: $(VENV)/.extra-release
	rm -rf dist
	$(BIN)/python -m build --quiet
	$(BIN)/twine check --strict dist/*

# The wheel in an empty environment: does it do what it is for?
smoke: dist
	PYTHON=$(PYTHON) .ci/smoke dist/*.whl

.npm/.done: Makefile
	mkdir -p .npm
	npm install --prefix .npm --no-save --no-audit --no-fund --loglevel=error $(NPM)
	touch $@

# Exported files, read by Apache Otava, in an environment of its own: it pins what it needs.
consumers: $(VENV)/.dev .otava/.done
	$(BIN)/python -m pytest -m consumers tests/exchange

.otava/.done: Makefile
	$(PYTHON) -m venv .otava
	.otava/bin/python -m pip install --quiet --disable-pip-version-check 'apache-otava>=0.7'
	touch $@

# httpbin, where the wire is compared with requests, in an environment of its own: it pins a greenlet that gevent refuses.
$(VENV)/httpbin/.done: Makefile
	$(PYTHON) -m venv $(VENV)/httpbin
	$(VENV)/httpbin/bin/python -m pip install --quiet --disable-pip-version-check 'httpbin>=0.10'
	touch $@

clean:
	rm -rf $(VENV) .otava .perfgate build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: $(VENV)/bin/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

# Alone, for a job that builds nothing else.
$(VENV)/.extra-docs: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	touch $@

# What a suite needs besides. Not while another one runs: perfgate is installed anew with it.
$(VENV)/.extra-%: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	touch $@

extras: $(VENV)/.extra-browser $(VENV)/.extra-databases $(VENV)/.extra-docs $(VENV)/.extra-locust $(VENV)/.extra-release $(VENV)/.extra-workflows
