# The two commands: `make demo` and `make test`. Both start from nothing but Python 3.11+.
PYTHON ?= python3
PORT ?= 8000
DATA ?= var/demo
ARGS ?=
SEED ?= 1
N ?= 500

BOOTSTRAP := $(PYTHON) citymgmt/dev/bootstrap.py

.PHONY: demo test test-long torture chaos bench screens format build lock

demo:       ## the demonstration city at http://127.0.0.1:$(PORT), data in $(DATA)
	@exec $(BOOTSTRAP) demo --port "$(PORT)" --data "$(DATA)" $(ARGS)

test:       ## everything that must hold; ARGS="-k word" runs only those tests
	@exec $(BOOTSTRAP) test $(ARGS)

test-long:  ## the long forms of the tests
	@exec $(BOOTSTRAP) test-long $(ARGS)

torture:    ## N reports through the phone's queue while line, phone and server fail; SEED=n
	@exec $(BOOTSTRAP) torture --seed "$(SEED)" --n "$(N)" $(ARGS)

chaos:      ## N faults (200 unless said) of a house of its own, under load; SEED=n repeats one
	@exec $(BOOTSTRAP) chaos --seed "$(SEED)" --n "$(if $(filter command line environment,$(origin N)),$(N),200)" $(ARGS)

bench:      ## the measurements in benchmarks/
	@exec $(BOOTSTRAP) bench $(ARGS)

screens:    ## the README's pictures, from a running demo
	@exec $(BOOTSTRAP) screens $(ARGS)

format:     ## format and mend what can be mended by itself
	@exec $(BOOTSTRAP) format $(ARGS)

build:      ## environment and browser files, nothing started
	@exec $(BOOTSTRAP) build

lock:       ## requirement files and package-lock.json anew; ARGS=--upgrade for newer versions
	@exec $(BOOTSTRAP) lock $(ARGS)
