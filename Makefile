# make book   execute every chapter and build the site        make test   unit tests and notebook checks
# make refresh   execute every chapter in place, and keep the outputs    make pages   look over the built site
# make bench   time both sides of every speed ratio and write the table
PYTHON ?= python3
BIN := .venv/bin
CHAPTERS := $(wildcard chapters/*.ipynb)
SITE := _build/html/index.html

.PHONY: book test unit notebooks refresh pages lint bench address clean

book: .venv/installed
	@echo "== executing $(words $(CHAPTERS)) chapter(s) and building the site"
	@rm -rf _build/html
	@$(BIN)/jupyter-book build . --all -W -n --keep-going
	@echo "== open $(abspath $(SITE))"

test: lint unit notebooks

lint: .venv/installed
	@echo "== style"
	@$(BIN)/ruff check .

unit: .venv/installed
	@echo "== unit tests"
	@$(BIN)/pytest tests --ignore tests/pages

notebooks: .venv/installed
	@echo "== notebook checks: every chapter is executed, check cells are compared"
	@$(BIN)/pytest --nbval-lax --nbval-cell-timeout 900 -v $(CHAPTERS)

pages: .venv/installed
	@echo "== the built pages, in a browser"
	@$(BIN)/pytest tests/pages

refresh: .venv/installed
	@$(BIN)/python scripts/refresh.py $(CHAPTERS)

bench: .venv/installed
	@$(BIN)/python -m benchmarks

address: .venv/installed
	@$(BIN)/python scripts/address.py $(REPOSITORY)

clean:
	rm -rf _build

# Everything is installed once, and again when what is asked for has changed
.venv/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
	  || { echo "error: $$($(PYTHON) --version) is too old; Python 3.10 or newer is needed: make PYTHON=python3.12"; exit 2; }
	@echo "== installing into .venv (once; a few minutes, about 5 GB with torch)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m pip install --disable-pip-version-check --no-deps -e .
	@touch $@
