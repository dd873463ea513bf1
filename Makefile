# Two commands matter: `make run` and `make test`. Both set up what they need first.
PYTHON ?= python3
PORT ?= 8000
DESK_PORT ?= 8001
VENV := .venv
PY := $(VENV)/bin/python

.DEFAULT_GOAL := help
.PHONY: help run build serve test check bench screenshots schemas lock clean

help:  ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.run  ## set up, build the sample county, serve site and forms at 127.0.0.1:8000 (PORT=...), the desk at 8001 (DESK_PORT=...)
	$(PY) build.py
	$(VENV)/bin/flask --app intake_app init --generate --if-missing
	@echo "网站：http://127.0.0.1:$(PORT)/  网上填写：http://127.0.0.1:$(PORT)/online/  受理台：http://127.0.0.1:$(DESK_PORT)/  按 Ctrl+C 结束"
	@echo "受理台的第一个账号（另开一个终端）：$(VENV)/bin/flask --app intake_app staff add wangfang 王芳 --role clerk"
	@echo "打开正文的口令写在 var/escrow.txt 里，打印封存以后请删掉那个文件"
	@trap 'kill $$desk 2>/dev/null' EXIT INT TERM; $(PY) -m intake_app --desk --port $(DESK_PORT) & desk=$$!; \
	INTAKE_SERVE_SITE=1 INTAKE_PREFIX=/online $(PY) -m intake_app --port $(PORT)

build: $(VENV)/.run  ## set up and build site/
	$(PY) build.py

serve: $(VENV)/.run  ## live preview while content/ is edited
	$(PY) build.py serve --port $(PORT)

test: $(VENV)/.dev $(VENV)/.browser  ## set up and run everything: linters, types, import contracts, tests
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(PY) -m pytest -n 2

check: $(VENV)/.run  ## check content/ only
	$(PY) build.py check

bench: $(VENV)/.dev $(VENV)/.browser  ## builds, page weights, paints, search, queue and form cycle beside the alternatives
	$(PY) -m bench.build_bench
	$(PY) -m bench.paint_bench
	$(PY) -m bench.search_bench
	$(PY) -m bench.store_bench
	$(PY) -m bench.form_bench
	$(PY) -m bench.desk_bench

screenshots: $(VENV)/.dev $(VENV)/.browser  ## the pictures of README, from the sample county
	$(PY) -m bench.screenshots

schemas: $(VENV)/.run  ## write the JSON Schemas by which an editor completes content/
	$(PY) -m publisher.schemas

lock: $(VENV)/.dev  ## resolve pyproject.toml into the two lock files
	$(VENV)/bin/pip install --quiet uv
	$(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements.lock
	$(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:  ## remove what was built and set up
	rm -rf $(VENV) .pages .build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find site -mindepth 1 ! -name README.md -delete

# --no-deps: the lock is complete, and leaves out on purpose what only fonts' packages ask for.
$(VENV)/.run: requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 run")'
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	touch $@

$(VENV)/.browser: ops/setup-browser $(VENV)/.dev
	sh ops/setup-browser
	touch $@
