# What run and the checks share. For bash, in the root of the repository.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

say() {
    printf '%s\n' "$*" >&2
}

# Runs a command, and shows what it says only if it fails.
quietly() {
    local status=0 log
    log=$(mktemp)
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if [ $status != 0 ]; then
        cat "$log" >&2
        say "exit status $status: $*"
    fi
    rm "$log"
    return $status
}

# Whether what a Debian package brings is there, from wherever it came.
is_there() {
    case $1 in
    gcc | libc6-dev) echo 'int main(void) { return 0; }' | cc -x c - -o /dev/null ;;
    libomp-dev) echo 'int main(void) { return 0; }' | clang -fopenmp -x c - -o /dev/null ;;
    libjansson-dev) pkg-config --exists jansson ;;
    libstb-dev) pkg-config --exists stb ;;
    libcriterion-dev) pkg-config --exists criterion ;;
    python3-venv) python3 -c 'import ensurepip' ;;
    ca-certificates) test -s /etc/ssl/certs/ca-certificates.crt ;;
    python3-torch) /usr/bin/python3 -c 'import torch' ;;
    python3-dev) compgen -G '/usr/include/python3*/Python.h' ;;
    libopenblas0-*) compgen -G "/usr/lib/*/openblas-${1#libopenblas0-}/libopenblas.so.0" ;;
    libtcmalloc-minimal4) compgen -G '/usr/lib/*/libtcmalloc_minimal.so.4' ;;
    gcc-aarch64-linux-gnu) command -v aarch64-linux-gnu-gcc ;;
    gcc-arm-none-eabi) command -v arm-none-eabi-gcc ;;
    graphviz) command -v dot ;;
    gnuplot-nox | ninja-build) command -v "${1%-*}" ;;
    qemu-user) command -v qemu-aarch64 ;;
    openmpi-bin) command -v mpirun.openmpi ;;
    libopenmpi-dev) pkg-config --exists ompi-c ;;
    mpich) command -v mpiexec.mpich ;;
    libmpich-dev) pkg-config --exists mpich ;;
    emscripten) command -v emcc ;;
    nodejs) command -v node ;;
    node-acorn) test -d /usr/share/nodejs/acorn ;;
    dataset-fashion-mnist) test -d /usr/share/datasets/fashion-mnist ;;
    *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

# Installs those packages that are not there: as root, or where sudo asks for no password; else says how.
install() {
    local package missing=() sudo=()
    for package in "$@"; do
        is_there "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$(id -u)" = 0 ] || sudo=(sudo -n)
    if ! command -v apt-get >/dev/null || ! "${sudo[@]}" true 2>/dev/null; then
        say "missing: sudo apt-get install --no-install-recommends ${missing[*]}" && return 1
    fi
    say "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    quietly "${sudo[@]}" apt-get update
    quietly "${sudo[@]}" apt-get install -y --no-install-recommends "${missing[@]}"
}

# configure FOLDER OPTION...: sets up a build folder, or gives the options to the one that is there.
configure() {
    local again=()
    [ ! -f "$1/build.ninja" ] || again=(--reconfigure)
    quietly meson setup "${again[@]}" "$@"
}

# Adds up what the test programs report of themselves (those that crashed are among the failing). A
# program that ended without a report counts as one failure.
count_tests() {
    awk '/Synthesis: Tested:/ { gsub(/[^0-9|]/, ""); split($0, n, "|"); passed += n[2]; failed += n[3] }
         /^result: / { programs++; if ($0 !~ /exit status (0|1)$/) failed++ }
         END { printf "%d passed, %d failed\n", passed, failed; exit failed > 0 || passed == 0 }' "$@"
}

# run_tests FOLDER ARGUMENT...: runs the tests of a built folder that meson's arguments choose.
run_tests() {
    local folder=$1 status=0
    shift
    meson test -C "$folder" --no-rebuild --print-errorlogs "$@" || status=1
    count_tests "$folder/meson-logs/testlog.txt" || status=1
    return $status
}

# build_all FOLDER OPTION...: builds everything, but for what meson's options leave out. The tests in double, which
# are of the same sources, are for ./run tests.
build_all() {
    say "building $1"
    configure "$1" -Dtests=enabled -Dexamples=true -Ddouble_tests=false "${@:2}"
    quietly ninja -C "$1"
}

# The instruction sets that the machine has, as the library in that folder sees it; the best one, which programs
# choose, last.
sets_of() {
    local set said
    for set in naive baseline avx2 avx512 avx512bf16 amx; do
        said=$(TARN_SIMD=$set "$1/tests/test_matmul" 2>&1) || true
        [[ $said = *'TARN_SIMD: there are no kernels'* ]] || echo $set
    done
}

# on_sets 'SET...' FOLDER ARGUMENT...: runs tests of a built folder on the kernels of each of those sets.
on_sets() {
    local sets=$1 folder=$2 set status=0 all
    shift 2
    all=$(mktemp)
    for set in $sets; do
        say "on $set"
        TARN_SIMD=$set run_tests "$folder" --quiet "$@" || status=1
        cat "$folder/meson-logs/testlog.txt" >>"$all"
    done
    say "together, on $sets"
    count_tests "$all" || status=1
    rm "$all"
    return $status
}

# What Tarn is compared with, from Python's package index: in a folder beside the data that the examples fetch.
peers=${XDG_CACHE_HOME:-$HOME/.cache}/tarn/peers

# Made under a lock, since checks may run side by side, and anew where the list of packages is another.
make_peers() {
    local packages=(torch==2.13.0 numpy safetensors onnx onnxruntime)
    mkdir -p "${peers%/*}"
    exec 9>"$peers.lock"
    flock 9
    [ "$(cat "$peers/list" 2>/dev/null)" != "${packages[*]}" ] || return 0
    say "installing ${packages[*]}"
    quietly python3 -m venv --clear "$peers" &&
        quietly "$peers/bin/pip" install --quiet --no-cache-dir "${packages[@]}" &&
        echo "${packages[*]}" >"$peers/list"
}

# Beside them what writes ONNX: PyTorch's newer exporter needs the first of these; the others are programs of their own,
# and where they cannot be had, they are left out.
make_converters() {
    local package
    for package in onnxscript scikit-learn skl2onnx keras; do
        "$peers/bin/pip" show --quiet "$package" >/dev/null 2>&1 ||
            quietly "$peers/bin/pip" install --quiet --no-cache-dir "$package" || say "left out: $package"
    done
}

# For run bench: the interpreter of the benchmark's peers, unless the user names one. PyTorch compiles with g++, against
# Python's headers. Where the packages cannot be had, Debian's PyTorch takes their place, and nothing that of JAX.
bench_peers() {
    install g++ libopenblas0-pthread libopenblas0-openmp libtcmalloc-minimal4 python3 python3-venv python3-dev
    [ -z "${PYTHON-}" ] || return 0
    export PYTHON=/usr/bin/python3
    if ! make_peers; then
        install python3-torch
        return
    fi
    PYTHON=$peers/bin/python
    [[ $* != *--peers=all* ]] || "$PYTHON" -c 'import jax' 2>/dev/null ||
        quietly "$PYTHON" -m pip install --quiet --no-cache-dir jax
}

# What is needed for WebAssembly; the optimizer of emscripten looks for acorn where Debian has it.
wasm_packages=(emscripten nodejs node-acorn)
export NODE_PATH=${NODE_PATH:-/usr/share/nodejs}

# configure_wasm FOLDER: sets it up for WebAssembly.
configure_wasm() {
    if [ ! -f build-wasm-sysroot/cross.ini ]; then
        say "fetching jansson into build-wasm-sysroot"
        quietly tests/wasm/sysroot.sh build-wasm-sysroot
    fi
    configure "$1" --cross-file build-wasm-sysroot/cross.ini -Dextras=true -Ddouble=true
}
