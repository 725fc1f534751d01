#!/usr/bin/env bash
# The share of lines of core, nn, optim and data that the suite runs, by folder; fails below 95%. A line that
# no test runs can be wrong unseen.
. "$(dirname "$0")/lib.sh"
# What an earlier run counted would be added to.
[ ! -d build-coverage ] || find build-coverage -name '*.gcda' -delete
status=0
# Little optimization, which would move lines into each other.
suite build-coverage -Dbuildtype=debugoptimized -Doptimization=1 -Db_coverage=true -Dexamples=false || status=1
python3 tests/checks/coverage.py build-coverage 95 || status=1
exit $status
