#!/usr/bin/env bash
# Models that travel: what Tarn and PyTorch (and NumPy, ONNX and its runtime) write, read by the other, by each script
# of tests/exchange/, which says what it looks for. The peers come from Python's package index, once, into a folder
# beside the data that the examples fetch. Where they cannot be had nothing is checked, and the status is 77.
. "$(dirname "$0")/lib.sh"
if ! make_peers; then
    say "exchange: left out, the packages cannot be installed"
    exit 77
fi

make_converters

# What runs ONNX files in a browser, if npm is there.
web=${peers%/*}/web
[ -d "$web/node_modules/onnxruntime-web" ] || ! command -v npm >/dev/null ||
    quietly npm install --no-audit --no-fund --ignore-scripts --prefix "$web" onnxruntime-web@1.30.0 || true
[ ! -d "$web/node_modules/onnxruntime-web" ] || export TARN_WEB=$web

configure build -Dtests=enabled -Dexamples=true
say "building build"
quietly ninja -C build exchange-programs
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
# PyTorch would use every core, also where the machine says there are more than this process may have.
export TARN_BUILD=$PWD/build TARN_SAMPLES=$PWD/data/samples PYTHONDONTWRITEBYTECODE=1 OMP_WAIT_POLICY=passive
status=0
for script in tests/exchange/test_*.py; do
    mkdir "$folder/$(basename "$script" .py)"
    say "$script"
    (cd "$folder/$(basename "$script" .py)" && "$peers/bin/python" "$OLDPWD/$script") || status=1
done
exit $status
