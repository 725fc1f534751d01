#!/usr/bin/env bash
# The whole suite built with clang: it warns of other things than gcc, and leans on other parts of what C
# leaves undefined.
. "$(dirname "$0")/lib.sh"
export CC=clang
suite build-clang
