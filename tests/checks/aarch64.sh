#!/usr/bin/env bash
# Everything cross-compiled for aarch64 (NEON), and the tests of core and data, which have the kernels and the formats,
# in float in an emulator; nn and optim are made of these, and the same sources run elsewhere. The compiler and the
# emulator are packages of the system; libraries for aarch64 go into build-sysroot/ only.
. "$(dirname "$0")/lib.sh"
if [ ! -f build-sysroot/cross.ini ]; then
    say "fetching libraries for aarch64 into build-sysroot"
    quietly tests/aarch64/sysroot.sh build-sysroot
fi
build_all build-aarch64 --cross-file build-sysroot/cross.ini
run_tests build-aarch64 --suite core --suite data --no-suite files
