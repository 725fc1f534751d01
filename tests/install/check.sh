#!/bin/sh
# Uses Tarn as a program outside its tree does:
#
#     check.sh installed BUILD CC    installs the build into a temporary folder, and compiles loop.c and
#                                    defaults.c with what pkg-config says of that prefix, with every
#                                    compiler there is, in C and in C++, and runs them without
#                                    LD_LIBRARY_PATH; against the static library
#                                    with CC, which made it and brings its OpenMP (of clang's build that
#                                    alone: the others have tried gcc's). The shared library without its
#                                    symbols, which is how distributions ship it, must stay under a limit:
#                                    910 kB for training, 100 more for loops that gcc compiles for AVX2
#                                    too (core/base/clones.h), 30 more for windows of unequal sides, padding
#                                    modes, losses with weights, and 510 for the extras (docs/design.md has
#                                    the parts); a larger one from clang, which has no clones, but
#                                    unrolls more
#     check.sh small CC              builds the library without extras, installs it, and compiles small.c with
#                                    it, which uses it; what is left out is an error of the compiler with its
#                                    name. The limit is that of the library without extras
#     check.sh subproject            makes it a meson project that has Tarn as a subproject
# Flags are meant to be split.
# shellcheck disable=SC2046,SC2086
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/data"

# stays_under CC LIMIT LIMIT_OF_CLANG: the library without its symbols.
stays_under() {
    limit=$2
    case $1 in *clang*) limit=$3 ;; esac
    strip -o "$folder/stripped.so" "$library"
    size=$(wc -c <"$folder/stripped.so")
    echo "libtarn.so: $size bytes"
    [ "$size" -lt "$limit" ] || { echo "expects less than $limit"; exit 1; }
}

# Installs the build into a temporary folder.
install_from() {
    DESTDIR=$folder/root meson install -C "$1" --no-rebuild --quiet
    pc=$(find "$folder/root" -name tarn.pc)
    export PKG_CONFIG_PATH="${pc%/*}"
    prefix=$folder/root$(pkg-config --variable=prefix tarn)
    library=$(find "$folder/root" -name 'libtarn.so')
}

installed() {
    install_from "$1"
    compilers=all
    case $2 in *clang*) compilers=one ;; esac
    stays_under "$2" 1600000 1650000
    warnings='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror'
    flags="-std=c11 -Wall -Wextra -Wpedantic -Werror"
    [ $compilers = one ] || with_each_compiler
    static=${library%/*}/libtarn.a
    $2 $flags "$here/loop.c" $(flags_of --cflags tarn) \
        "$static" $(flags_of --libs --static tarn | sed 's/-ltarn//') -o "$folder/static"
    "$folder/static" "$folder/data"
    custom "$2"
}

# loop.c and defaults.c in C and in C++20, by every compiler there is: clean, the same defaults and the same
# numbers, and what is forgotten or misspelt refused.
with_each_compiler() {
    for compiler in 'gcc -std=c11' 'clang -std=c11' 'g++ -x c++ -std=c++20' 'clang++ -x c++ -std=c++20'; do
        command -v ${compiler%% *} >/dev/null || { echo "left out, not there: ${compiler%% *}"; continue; }
        for name in loop defaults; do
            $compiler $warnings "$here/$name.c" -x none $(flags_of --cflags --libs tarn) -o "$folder/$name"
            env -u LD_LIBRARY_PATH "$folder/$name" "$folder/data" >"$folder/$name.out"
        done
        cat "$folder/loop.out"
        [ -f "$folder/defaults.c11" ] || mv "$folder/defaults.out" "$folder/defaults.c11"
        [ ! -f "$folder/defaults.out" ] || cmp "$folder/defaults.c11" "$folder/defaults.out"
        refused "$compiler" 'tarn_mse(x)' 'tarn_optim_adam()' 'tarn_nn_linear(784)' 'tarn_cross_entropy(x)' \
            'tarn_loader_new(NULL)' 'tarn_nn_conv2d(1, 2, 3, .strid = 2)' 'tarn_nn_conv2d(1, 2, 3, 2)' \
            'tarn_nn_conv2d(1, 2, 3, 0)' 'tarn_nn_linear(4, 2, false)' 'tarn_optim_adam(tarn_params_of(x), 0)'
        # A number for an integer, also without the warnings.
        with_warnings=$warnings warnings=
        refused "$compiler" 'tarn_shape(2.9, 3)' 'tarn_shape(1, tarn_item(x), 3)' 'tarn_axes(0.5)' \
            'tarn_schedule_multi_step(1, 0.1, 2.5)' 'tarn_nn_linear(2.5, 3)' 'tarn_nn_conv2d(1, 2.5, 3)' \
            'tarn_nn_linear(2, tarn_item(x), .bias = false)' 'tarn_loader_new(NULL, 64.5)' 'tarn_stack(0.5, x)' \
            'tarn_nn_conv2d(1, 2, 3, .padding = 0.5)' 'tarn_loader_new(NULL, 64, .seed = 1.5)' \
            'tarn_nn_residual(tarn_nn_sequential(tarn_nn_conv2d(1, 1, 3, .padding = 1.5)), .relu = true)'
        warnings=$with_warnings
        case $compiler in *++*)
            refused "$compiler" 'tarn_shape(1.5 * 2)' ;;
        *) # g++ has a warning for it
            refused "$compiler" 'tarn_nn_max_pool2d(2, .stride = tarn_item(x))' ;;
        esac
        nested "$compiler"
    done
}

# Calls that must not compile: what is mandatory forgotten, a name that there is not, a value of no name.
refused() {
    with=$1
    shift
    for call in "$@"; do
        if compiles "$with" "$call"; then
            echo "$with compiles $call"
            exit 1
        fi
        grep -q 'error' "$folder/log"
    done
    compiles "$with" 'tarn_mse(x, x)'
}

compiles() {
    timeout 60 $1 $warnings -fsyntax-only "-DFORGOTTEN=(void)$2" "$here/defaults.c" $(flags_of --cflags tarn) \
        >"$folder/log" 2>&1
}

# Calls within calls, as deep as networks are: each level costs what it holds. (Where each wrote its
# arguments out twice, these took a minute in C and hours in C++.)
nested() {
    network='tarn_nn_relu()'
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
        network="tarn_nn_residual(tarn_nn_sequential(tarn_nn_linear(2, 2), $network), .relu = true)"
    done
    compiles "$1" "$network" || { cat "$folder/log"; echo "$1: sixteen levels of a network"; exit 1; }
}

# What pkg-config says as if Tarn had been configured for the prefix where it lies now.
flags_of() {
    pkg-config "--define-variable=prefix=$prefix" "$@"
}

# The examples of an operation, a module and an optimizer of one's own: with the installed headers only.
custom() {
    mkdir "$folder/own"
    cp "$here"/../../examples/custom_*.c "$folder/own/"
    cd "$folder/own"
    for name in op:tarn-double module:tarn optimizer:tarn; do
        library=${name#*:}
        program=custom_${name%:*}
        $1 $flags -D_POSIX_C_SOURCE=200809L "-DTARN_SAMPLES=\"$here/../../data/samples\"" \
            $program.c $(flags_of --cflags $library) \
            "${static%/*}/lib$library.a" $(flags_of --libs --static $library | sed "s/-l$library//") \
            -o $program
        ./$program
    done
}

small() {
    source=$(cd "$here/../.." && pwd)
    CC=$1 meson setup "$folder/build" "$source" -Dextras=false -Dmpi=disabled -Ddefault_library=shared \
        >"$folder/log" || { cat "$folder/log"; exit 1; }
    ninja -C "$folder/build" >"$folder/log" || { cat "$folder/log"; exit 1; }
    install_from "$folder/build"
    stays_under "$1" 1040000 1080000
    $1 -std=c11 "$here/small.c" $(flags_of --cflags --libs tarn) -lm -o "$folder/small"
    env -u LD_LIBRARY_PATH "$folder/small" "$folder/data"
    for call in 'tarn_mish(NULL)' 'tarn_pow(NULL, 2)' 'tarn_sin(NULL)' 'tarn_one_hot(tarn_labels(0, NULL), 1)' 'tarn_layer_norm(NULL, NULL, NULL)' \
        'tarn_nn_embedding(1, 1)' 'tarn_nn_celu()' 'tarn_nn_export_c(model, path, "")' 'tarn_npy_load(path)' \
        'tarn_nn_from_onnx(path)' 'tarn_set_anomaly(true)' 'tarn_optim_lamb(tarn_nn_parameters(model))'; do
        if $1 -std=c11 -fsyntax-only "-DLEFT_OUT=(void)$call" "$here/small.c" $(flags_of --cflags tarn) \
            2>"$folder/log"; then
            echo "compiles $call"
            exit 1
        fi
        grep -q "error: .*${call%%(*}\>" "$folder/log" || { cat "$folder/log"; exit 1; }
    done
}

subproject() {
    mkdir -p "$folder/project/subprojects"
    cp "$here/loop.c" "$folder/project/"
    cp "$here/subproject.build" "$folder/project/meson.build"
    ln -s "$(cd "$here/../.." && pwd)" "$folder/project/subprojects/tarn"
    meson setup "$folder/build" "$folder/project" >"$folder/log" || { cat "$folder/log"; exit 1; }
    ninja -C "$folder/build" loop >"$folder/log" || { cat "$folder/log"; exit 1; }
    "$folder/build/loop" "$folder/data"
}

"$@"
