# Python 3.11, 3.12 or 3.13 with venv is all that is needed. Another interpreter: make PYTHON=python3.12 test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --constraint constraints.txt
# Tests solve many small systems; threads that wait for each other make these up to ten times slower.
export OPENBLAS_NUM_THREADS ?= 1
NOTEBOOKS := $(patsubst notebooks/%.py,build/notebooks/%.ipynb,$(wildcard notebooks/*.py))

.PHONY: report figures test calibrate contest lint types clean
.DELETE_ON_ERROR:

# Prints the path of the page.
report: $(STAMP)
	$(BIN)/modelcollapse report --out report

# Figures of the papers, drawn again (some minutes).
figures: $(STAMP)
	$(BIN)/modelcollapse figure --all --out build/figures

# One run for the tests, the examples in docstrings and README, and the notebooks: one summary at the end.
test: lint types $(NOTEBOOKS)
	PYTHONWARNINGS=error $(BIN)/pytest -n 2 --dist worksteal --doctest-modules --doctest-glob='*.md' --nbmake --nbmake-timeout=300 \
		tests modelcollapse README.md $(NOTEBOOKS)

# Counts the judge's errors over 2000 seeds and writes them to validation/calibration.json (some minutes).
calibrate: $(STAMP)
	$(BIN)/python -m modelcollapse.validation.calibration

# Has predicted and simulated winners among remedies meet at 240 random points, and writes validation/contest.json (half an hour).
contest: $(STAMP)
	$(BIN)/python -m modelcollapse.validation.contest

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy -p modelcollapse

build/notebooks/%.ipynb: notebooks/%.py $(STAMP)
	@mkdir -p $(@D)
	$(BIN)/jupytext --quiet --to notebook --output $@ $<

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info[:2] <= (3, 13) or sys.exit("Python 3.11, 3.12 or 3.13 is needed, but $(PYTHON) is " + sys.version.split()[0] + ". Choose one: make PYTHON=python3.11")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments: install the Debian package python3-venv" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (about 800 MB, once)"
	$(PIP) --upgrade pip setuptools
	$(PIP) --no-build-isolation --editable '.[dev]'
	@touch $@

# The virtual environment stays; remove $(VENV) by hand to install afresh.
clean:
	rm -rf build report *.egg-info .mypy_cache .ruff_cache .hypothesis
	find modelcollapse theory numerics validation tests -name __pycache__ -type d -prune -exec rm -rf {} +
