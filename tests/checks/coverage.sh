#!/usr/bin/env bash
# The suite in a debug build: there every use of a tensor that is gone is a mistake with a sentence
# (core/life.h), so the suite makes none. Then the share of lines of core, nn, optim and data that it has
# run, by folder; fails below 95%, for a line that no test runs can be wrong unseen. Without the examples,
# and without the tests of kernels alone, which all others go through.
. "$(dirname "$0")/lib.sh"
# Little optimization, which would move lines into each other. What an earlier run counted would be added to.
[ ! -d build-coverage ] || find build-coverage -name '*.gcda' -delete
status=0
build_all build-coverage -Dbuildtype=debug -Doptimization=1 -Db_coverage=true -Dexamples=false
run_tests build-coverage --no-suite kernels || status=1
python3 tests/checks/coverage.py build-coverage 95 || status=1
exit $status
