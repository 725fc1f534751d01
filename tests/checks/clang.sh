#!/usr/bin/env bash
# The suite in float built with clang: it warns of other things than gcc, and leans on other parts of what C
# leaves undefined. The examples are built; what they compute is the library's.
. "$(dirname "$0")/lib.sh"
export CC=clang
build_all build-clang
run_tests build-clang --no-suite examples
