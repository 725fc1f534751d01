#!/usr/bin/env bash
# The playground in a browser: each room is opened, used and compared with what the programs that it shows print here.
# Pictures at three sizes, to be looked at, are left in build-wasm/pictures. Where playwright-core, which drives the
# browser, cannot be had through npm, it says so and ends with the status 77.
. "$(dirname "$0")/lib.sh"
examples/playground/build.sh --build build-wasm/site
for module in build-wasm/site/lib/*.wasm; do
    [ "$(stat -c %s "$module")" -lt 400000 ] || { say "$module has 400000 bytes or more" && exit 1; }
done
[ -f build/build.ninja ] || configure build -Dexamples=true
quietly ninja -C build libtarn.a libtarn-double.a examples/backprop examples/mnist
driver=${XDG_CACHE_HOME:-$HOME/.cache}/tarn/browser
if [ ! -d "$driver/node_modules/playwright-core" ]; then
    say "installing playwright-core into $driver"
    if ! npm install --silent --no-audit --no-fund --prefix "$driver" playwright-core@1.65.1 >/dev/null 2>&1; then
        say "playwright-core cannot be had: nothing was checked" && exit 77
    fi
fi
node tests/wasm/playground.mjs build-wasm/site build-wasm/pictures "$driver" data/samples
