#!/bin/sh
# Uses Tarn as a program outside its tree does:
#
#     check.sh installed BUILD CC    installs the build into a temporary folder, and compiles loop.c and
#                                    defaults.c with what pkg-config says of that prefix, with every
#                                    compiler there is, in C and in C++, and runs them without
#                                    LD_LIBRARY_PATH; against the static library
#                                    with CC, which made it and brings its OpenMP (of clang's build that
#                                    alone: the others have tried gcc's). The shared library without its
#                                    symbols, which is how distributions ship it, must stay under a limit,
#                                    a larger one from clang, which unrolls more
#     check.sh subproject            makes it a meson project that has Tarn as a subproject
# Flags are meant to be split.
# shellcheck disable=SC2046,SC2086
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/data"

installed() {
    DESTDIR=$folder/root meson install -C "$1" --no-rebuild --quiet
    pc=$(find "$folder/root" -name tarn.pc)
    export PKG_CONFIG_PATH="${pc%/*}"
    prefix=$folder/root$(pkg-config --variable=prefix tarn)
    library=$(find "$folder/root" -name 'libtarn.so')
    strip -o "$folder/stripped.so" "$library"
    size=$(wc -c <"$folder/stripped.so")
    echo "libtarn.so: $size bytes"
    limit=850000
    compilers=all
    case $2 in *clang*) limit=950000 compilers=one ;; esac
    [ "$size" -lt $limit ] || { echo "expects less than $limit"; exit 1; }
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
        refused "$compiler"
    done
}

# Calls that must not compile: what is mandatory forgotten, a name that there is not, a value of no name.
refused() {
    for call in 'tarn_mse(x)' 'tarn_optim_adam()' 'tarn_nn_linear(784)' 'tarn_cross_entropy(x)' \
        'tarn_loader_new(NULL)' 'tarn_nn_conv2d(1, 2, 3, .strid = 2)' 'tarn_nn_conv2d(1, 2, 3, 2)' 'tarn_nn_conv2d(1, 2, 3, 0)' \
        'tarn_nn_linear(4, 2, false)' 'tarn_optim_adam(tarn_params_of(x), 0)'; do
        if $1 $warnings -fsyntax-only "-DFORGOTTEN=(void)$call" "$here/defaults.c" $(flags_of --cflags tarn) \
            >"$folder/log" 2>&1; then
            echo "$1 compiles $call"
            exit 1
        fi
        grep -q 'error' "$folder/log"
    done
    $1 $warnings -fsyntax-only '-DFORGOTTEN=(void)tarn_mse(x, x)' "$here/defaults.c" $(flags_of --cflags tarn)
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
