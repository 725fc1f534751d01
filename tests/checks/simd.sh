#!/usr/bin/env bash
# The tests of core, nn and optim on the kernels of each instruction set that the machine has, and on the
# naive ones, but for the best set, on which ./run tests has run them. In float: test_kernels_*, which run on all
# sets anyhow, are there in double too. Without those that read damaged files, which no kernel sees.
. "$(dirname "$0")/lib.sh"
configure build -Dtests=enabled -Dexamples=true
quietly ninja -C build
on_sets "$(sets_of build | head -n -1)" build --suite core --suite nn --suite optim --no-suite kernels \
    --no-suite double --no-suite files
