#!/usr/bin/env bash
# The tests of core, nn and optim on the kernels of each instruction set that the machine has, and on the
# naive ones: a program chooses the best set, so that the suite alone would run no other.
. "$(dirname "$0")/lib.sh"
configure build -Dtests=enabled -Dexamples=true
quietly ninja -C build
on_each_set build --suite core --suite nn --suite optim
