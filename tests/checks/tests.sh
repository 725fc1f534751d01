#!/usr/bin/env bash
# The whole suite, in float and in double, as a user builds Tarn.
. "$(dirname "$0")/lib.sh"
suite build -Ddouble_tests=true
