#!/usr/bin/env bash
# ./run playground builds the site and serves it on this machine; ./run playground --build DIR only writes it there: plain
# files, for any server of files.
case ${1-} in
--build) to=${2:?--build expects a folder} ;;
'') to='' ;;
*) printf 'Usage: ./run playground [--build DIR]\n' && exit "$([ "$1" = --help ] || echo 1)" ;;
esac
[[ ${to:-/} = /* ]] || to=$PWD/$to
. "$(dirname "$0")/../../tests/checks/lib.sh"
serve=${to:+no}
to=${to:-$PWD/build-wasm/site}

configure_wasm build-wasm
say "building the library for WebAssembly"
quietly ninja -C build-wasm libtarn.a libtarn-double.a

mkdir -p "$to/lib"
cp -r examples/playground/site/. "$to"
# Each room has a module of its own, which is there sooner than one of all. NAME LIBRARY SOURCE...
room() {
    local name=$1 library=$2 functions element=()
    shift 2
    [ "$library" = tarn ] || element=(-DTARN_DOUBLE)
    functions=$(sed -nE 's/^[a-z].*[ *](pg_[a-z_]+)\(.*/_\1/p' "$@" | sort -u | paste -sd ,)
    quietly emcc -Oz -msimd128 -std=gnu11 -Wall -Wextra -Werror -ffp-contract=off -fno-math-errno -I. -Ibuild-wasm-sysroot/root/include "${element[@]}" "$@" \
        "build-wasm/lib$library.a" build-wasm-sysroot/root/lib/libjansson.a -o "$to/lib/$name.js" \
        --no-entry -sMODULARIZE -sEXPORT_ES6 -sENVIRONMENT=web,worker -sALLOW_MEMORY_GROWTH -sFORCE_FILESYSTEM -sMALLOC=emmalloc \
        -sEXPORTED_RUNTIME_METHODS=cwrap,FS -sEXPORTED_FUNCTIONS="_malloc,_free,$functions"
    say "$name: $(stat -c %s "$to/lib/$name.wasm") bytes of WebAssembly"
}
room descent tarn examples/playground/{descent,formula,lists,report}.c
room backprop tarn-double examples/playground/{backprop,graph,formula,report}.c
room classify tarn examples/playground/{classify,lists,network,points,report}.c
room landscape tarn examples/playground/{landscape,lenet,lists,network,points,report}.c examples/lab/landscape/directions.c
room digits tarn examples/playground/{digits,lenet,lenet_only,lists,report}.c

mkdir -p "$to/samples"
cp data/samples/*.png data/samples/*-labels.txt data/samples/README.md "$to/samples"
# What the pages lead to.
cp --parents docs/book/*.md docs/optimizers.md docs/browser.md optim/*.c optim/extras/*.c examples/{backprop,spirals,playground/*}.c examples/lab/landscape/*.c nn/conv2d.c core/tape_backward.c core/ops/{conv2d,matmul,sigmoid}.c "$to"
say "$to"
[ -z "$serve" ] || exit 0
say "http://localhost:${PORT:-8000}/ until Ctrl-C"
exec python3 -m http.server --bind 127.0.0.1 --directory "$to" "${PORT:-8000}"
