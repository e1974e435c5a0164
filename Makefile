# Each target sets up what it needs; run again, that takes a second.
export PYTHONUTF8 := 1
SETUP := deploy/setup/setup.sh
BIN := .venv/bin
ARGS ?=

.PHONY: run test check bench screens

run:  ## serve the shipped forms on SQLite: applicants at :8000, staff at :8001
	@$(SETUP) run
	@exec env FORMENGINE_DEVELOPMENT_SIGN_IN=on FORMENGINE_SCANNER=off $(BIN)/formengine run $(ARGS)

test:  ## every check and every test
	@$(SETUP) test
	@$(MAKE) --no-print-directory check-only
	@tests/all.sh --ignore=tests/browser $(ARGS)
	@# in processes of their own: Playwright leaves an event loop running, in which nothing else can run another
	@tests/all.sh tests/browser

check:  ## format, lint, types, import rules, forms
	@$(SETUP) test
	@$(MAKE) --no-print-directory check-only

.PHONY: check-only
check-only:
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/formengine check

bench:  ## speed, as ratios against a peer measured in the same run
	@$(SETUP) test
	$(BIN)/python -m benchmarks $(ARGS)

.PHONY: kill
kill:  ## 1,000 applications on each database while web and workers are killed; then all is counted
	@$(SETUP) test
	$(BIN)/python -m tests.jobs.killing $(ARGS)

.PHONY: submits
submits:  ## REL-01: 200 rounds of 50 submits of one draft at once, on both databases
	@$(SETUP) test
	$(BIN)/python -m tests.faults.submits $(ARGS)

.PHONY: fuzz
fuzz:  ## ANS-10, SCH-06: 100,000 requests of any shape over all routes, and as many names
	@$(SETUP) test
	$(BIN)/python -m tests.security.fuzz $(ARGS)

screens:  ## the pictures of docs/screens
	@$(SETUP) test
	$(BIN)/python -m docs.screens $(ARGS)
