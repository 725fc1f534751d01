#!/usr/bin/env bash
# The library built for WebAssembly, as docs/browser.md says, trains LeNet for 100 steps by every optimizer in node, and
# its weights must be, bit for bit, those of the same program on the baseline kernels of this machine.
. "$(dirname "$0")/lib.sh"
say "building build-wasm"
configure_wasm build-wasm
quietly ninja -C build-wasm tests/wasm/same_bits.js
[ -f build/build.ninja ] || configure build -Dexamples=true
quietly ninja -C build tests/wasm/same_bits
# node's own fetch() would be asked for the file beside the program, which it does not know how to read.
wasm=$(node --no-experimental-fetch build-wasm/tests/wasm/same_bits.js data/samples)
native=$(TARN_SIMD=baseline build/tests/wasm/same_bits data/samples)
emcc -O2 -msimd128 -std=gnu11 -Wall -Wextra -Werror -I. tests/wasm/page.c build-wasm/libtarn.a \
    build-wasm-sysroot/root/lib/libjansson.a -o build-wasm/page.js --no-entry -sMODULARIZE -sEXPORT_ES6 -sENVIRONMENT=web,worker \
    -sALLOW_MEMORY_GROWTH -sEXPORTED_FUNCTIONS=_take_step
diff <(echo "$native") <(echo "$wasm") >&2 && echo "$(wc -l <<<"$wasm") optimizers: the same bits natively and in WebAssembly"
