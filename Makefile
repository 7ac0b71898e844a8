# The front door. `make run` and `make test` do all the set-up on a fresh machine.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SHARED_DATA := ../shared/data
# Test workers share the cores: one thread of linear algebra for each.
export OPENBLAS_NUM_THREADS ?= 1
export TONGCHOU_DATA ?= $(if $(wildcard $(SHARED_DATA)),$(abspath $(SHARED_DATA)),)

.PHONY: help run serve test compiled lint format types layers unit drills bench validate docs lock browser clean

help:
	@echo "make run     the morning run: an order of the day for a real day (or an exercise) in out/"
	@echo "make serve   the station with an exercise province, on this machine: http://127.0.0.1:8000/"
	@echo "make test    lint, types, layers, tests      make drills  the tests that take minutes"
	@echo "make bench   benchmarks, printed as tables      make docs   generated reference pages"
	@echo "make validate  known truth that comes back, and answers beside the packages of R"
	@echo "make format  format the code                    make lock   lock the dependencies again"

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Python 3.11 or later is needed; {v.major}.{v.minor} was found. Set PYTHON=/path/to/python3.11.")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

run: $(READY)
	$(BIN)/tongchou morning --out out

serve: $(READY)
	$(BIN)/tongchou serve --demo

# Machine code is made while types are checked: the workers of `unit` would each make it for themselves.
test: $(READY)
	$(MAKE) --no-print-directory --jobs 2 --output-sync=target compiled types lint layers browser
	$(MAKE) --no-print-directory unit

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY)
	$(BIN)/mypy

layers: $(READY)
	$(BIN)/lint-imports

# Pages are looked at in a real browser: Debian's chromium, a font that has Chinese characters and
# one of the widths that documents are measured with.
browser:
	@{ command -v chromium && fc-list | grep -q "Liberation Sans" && fc-list | grep -q "Noto Sans CJK"; } >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fonts-liberation >/dev/null; \
	  else \
	    echo "chromium is not installed: the browser tests will be skipped (sudo apt-get install chromium fonts-noto-cjk fonts-liberation)"; \
	  fi; }

# One test for each family of compiled functions.
COMPILING := \
  tests/docs/test_promises.py::test_doing_nothing_stands_beside_every_proposal \
  tests/transmission/metapopulation/test_laws.py::test_nobody_is_lost_and_no_cell_is_negative \
  tests/transmission/calibration/test_smoother.py::test_nobody_is_lost_and_nothing_is_negative \
  tests/transmission/calibration/test_eakf.py::test_damping_is_none_for_a_straight_line_and_full_for_no_correlation \
  tests/surveillance/test_cohort_reproduction.py::test_no_case_and_one_case \
  tests/surveillance/nowcasting/test_hierarchical.py::test_one_case \
  tests/surveillance/chains/test_study.py::test_one_case_alone_and_the_same_twice \
  tests/surveillance/detection/test_bayes.py::test_a_missing_day_is_left_out_and_not_a_zero \
  tests/surveillance/detection/test_loglinear.py::test_missing_weeks_are_left_out \
  tests/surveillance/detection/test_scan.py::test_two_places_at_one_point_enter_together

compiled: $(READY)
	$(BIN)/python -m pytest $(COMPILING)

unit: $(READY)
	$(BIN)/python -m pytest -n 3 --dist loadfile -m "not drill"

# What takes minutes: servers killed at work, a full disk, every address tried by every role, the
# whole interface under made-up requests, one story from the clinic to the signed order.
drills: $(READY) browser
	$(BIN)/python -m pytest -n 2 --dist loadfile -m drill tests

bench: $(READY)
	$(BIN)/python -m benchmarks

validate: $(READY)
	$(BIN)/python -m validation

docs: $(READY)
	$(BIN)/python tools/make_docs.py

lock:
	$(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet uv
	build/lock/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet --output-file requirements.txt

clean:
	rm -rf out build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
