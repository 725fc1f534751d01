#!/usr/bin/env bash
# The whole suite, in float and in double, as a user builds Tarn.
. "$(dirname "$0")/lib.sh"
build_all build -Ddouble_tests=true
run_tests build
