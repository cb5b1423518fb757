# The index of commands. bootstrap.py does the work, so that all of it works without make, too.
PYTHON ?= python3

.PHONY: help setup demo doctor test nightly check bench bench-media bench-database bench-checkout bench-hub load swarm docs clean

help:
	@$(PYTHON) bootstrap.py --help
setup demo doctor test nightly check bench load swarm docs clean:
	@$(PYTHON) bootstrap.py $@ $(ARGS)
bench-media:
	@$(PYTHON) bootstrap.py bench media $(ARGS)
bench-checkout:
	@$(PYTHON) bootstrap.py bench checkout $(ARGS)
bench-hub:
	@$(PYTHON) bootstrap.py bench hub $(ARGS)
bench-database:
	@$(PYTHON) bootstrap.py bench database $(ARGS)
