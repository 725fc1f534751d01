#!/usr/bin/env bash
# Everything cross-compiled for aarch64 (NEON), and the suite in float in an emulator, but for tests that start
# other programs; in double the same sources run elsewhere. The compiler and the emulator are packages of the
# system; libraries for aarch64 go into build-sysroot/ only.
. "$(dirname "$0")/lib.sh"
if [ ! -f build-sysroot/cross.ini ]; then
    say "fetching libraries for aarch64 into build-sysroot"
    quietly tests/aarch64/sysroot.sh build-sysroot
fi
say "left out in the emulator: test_run, test_install, test_bench, the examples' tests, damaged files, long trainings"
build_all build-aarch64 --cross-file build-sysroot/cross.ini
run_tests build-aarch64 --no-suite files --no-suite long
