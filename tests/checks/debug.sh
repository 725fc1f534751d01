#!/usr/bin/env bash
# The whole suite in a debug build: there every use of a tensor that is gone is a mistake with a sentence
# (core/inspect/life.h), so the suite makes none; and nothing works by what the optimizer did. Without the
# examples, which the other checks run.
. "$(dirname "$0")/lib.sh"
suite build-debug -Dbuildtype=debug -Dexamples=false
