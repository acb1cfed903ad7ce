# make book   execute every chapter and build the site        make test   unit tests and notebook checks
# make refresh   execute every chapter in place, and keep the outputs    make pages   look over the built site
# make bench   time both sides of every speed ratio and write the table    make frames   drag the built pages' figures
# make assignments   build the assignments and their autograders
# make public TO=FOLDER   copy the repository for students, without solutions and hidden tests
PYTHON ?= python3
BIN := .venv/bin
CHAPTERS := $(wildcard chapters/*.ipynb chapters/reference/*.ipynb)
SITE := _build/html/index.html
# Files of tests side by side, in the order of tests/conftest.py; chapters use the cores themselves.
# Of the built site each page is one group, and each other test another.
SPREAD = -n auto --dist $(1) --no-loadscope-reorder
# What an execution depends on besides the chapter. While its content is the same, `make book` keeps the cells that it
# or `make notebooks` has executed, and chapters read the runs that they have trained.
CONTENT = find lrreg_utils data requirements.txt pyproject.toml -type f ! -path '*/__pycache__/*' \
  | LC_ALL=C sort | xargs cat | cksum
KEPT = content=$$($(CONTENT)) && mkdir -p _build && { test "$$(cat _build/content 2> /dev/null)" = "$$content" || { \
  rm -rf _build/.jupyter_cache _build/runs && echo "$$content" > _build/content; }; } \
  && LRREG_CACHE="$(CURDIR)/_build/runs"

.PHONY: book test unit notebooks refresh pages lint bench frames assignments public address release clean .venv/usable

book: .venv/installed
	@echo "== executing what has changed of $(words $(CHAPTERS)) chapter(s) and building the site"
	@rm -rf _build/html
	@$(KEPT) $(BIN)/jupyter-book build . --all -W -n --keep-going
	@echo "== open $(abspath $(SITE))"

test: lint unit notebooks

lint: .venv/installed
	@echo "== style"
	@$(BIN)/python -m ruff check .

unit: .venv-otter/installed
	@echo "== unit tests"
	@$(BIN)/python -m pytest $(call SPREAD,loadfile) tests --ignore tests/pages

notebooks: .venv/installed
	@echo "== notebook checks: every chapter is executed, check cells are compared"
	@$(KEPT) $(BIN)/python -m pytest -p scripts.keep_executed --nbval-lax --nbval-cell-timeout 900 -v $(CHAPTERS)

pages: .venv/installed
	@echo "== the built pages, in a browser"
	@$(BIN)/python -m pytest $(call SPREAD,loadgroup) tests/pages

refresh: .venv/installed
	@rm -rf _build/runs; $(KEPT) $(BIN)/python scripts/refresh.py $(CHAPTERS)

assignments: .venv-otter/installed
	@echo "== building the assignments and grading their solutions"
	@.venv-otter/bin/python scripts/assignments.py
	@$(BIN)/python scripts/class_notebooks.py _build/assignments/chapters
	@$(BIN)/python scripts/lecture.py _build/assignments/lecture.html

public: .venv/installed
	@$(BIN)/python scripts/public.py "$(TO)"

bench: .venv/installed
	@$(BIN)/python -m benchmarks

frames: .venv/installed
	@$(BIN)/python -m benchmarks.frames

address: .venv/installed
	@$(BIN)/python scripts/address.py $(REPOSITORY) $(REVISION)

release: .venv/installed
	@$(BIN)/python scripts/release.py $(VERSION)

clean:
	rm -rf _build

# otter-grader has an environment of its own, which sees what is in .venv
.venv-otter/installed: .venv/installed assignments/requirements.txt
	@echo "== installing otter-grader into .venv-otter"
	@$(BIN)/python -m venv --clear .venv-otter
	@where='import sysconfig; print(sysconfig.get_path("purelib"))'; \
	  printf 'import site; site.addsitedir("%s")\n' "$$($(BIN)/python -c "$$where")" \
	  > "$$(.venv-otter/bin/python -c "$$where")/book.pth"
	@.venv-otter/bin/python -m pip install --disable-pip-version-check -q -r assignments/requirements.txt
	@cp assignments/requirements.txt $@

# Everything is installed once, and again when what is asked for has changed; an interrupted installation goes on. The
# stamp says where .venv was made and with what: a folder that was moved needs another.
WANTED = $$(pwd -P; cat requirements.txt pyproject.toml)
.venv/installed: .venv/usable
	@test "$$(cat $@ 2> /dev/null)" = "$(WANTED)" || { \
	  echo "== installing into .venv (once; a few minutes, about 5 GB with torch)" && \
	  $(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt && \
	  printf '%s\n' "$(WANTED)" > $@; }

# Other Pythons' settings must not reach into .venv
unexport PYTHONHOME PYTHONPATH PIP_PREFIX PIP_TARGET
export PIP_USER := 0

VERSION = import sys; print("%d.%d" % sys.version_info[:2])
OURS = import os; sys.exit(sys.version_info < (3, 10) or os.path.realpath(sys.prefix) != os.path.realpath(".venv"))
ifeq ($(origin PYTHON),file)
ASKED = $$has
else
ASKED = $$("$(PYTHON)" -c '$(VERSION)' 2> /dev/null)
endif

# A .venv without pip is mended; one whose Python is gone, or is not the version asked for, is made anew
.venv/usable:
	@fail() { echo "error: $$*" >&2; exit 2; }; \
	has=$$($(BIN)/python -c '$(VERSION); $(OURS)' 2> /dev/null) || has=; \
	test ! -s .venv/installed || test "$$(head -n 1 .venv/installed)" = "$$(pwd -P)" || has=; \
	if test "$$has" && test "$$has" = "$(ASKED)" && \
	  { $(BIN)/python -m pip --version || $(BIN)/python -m ensurepip --default-pip; } > /dev/null 2>&1; \
	then exit 0; fi; \
	version=$$("$(PYTHON)" -c '$(VERSION)' 2> /dev/null) || \
	  fail "$(PYTHON) does not run; say where Python 3.10 or newer is: make PYTHON=/path/to/python3"; \
	"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  fail "$(PYTHON) is Python $$version; 3.10 or newer is needed: make PYTHON=python3.12"; \
	"$(PYTHON)" -c 'import ensurepip, venv' 2> /dev/null || \
	  fail "$(PYTHON) cannot make .venv; on Debian or Ubuntu: apt install python$$version-venv;" \
	    "elsewhere take another Python: make PYTHON=/path/to/python3"; \
	"$(PYTHON)" -m venv --clear .venv || fail ".venv could not be made; the lines above say why"
