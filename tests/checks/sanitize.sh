#!/usr/bin/env bash
# The suite with AddressSanitizer and UndefinedBehaviorSanitizer; then the examples to their ends and into
# mistakes, where LeakSanitizer must find nothing left, and train under valgrind, which also sees what
# is read before it is written; and the threads of loops and loaders under ThreadSanitizer.
# Lists of arguments are meant to be split, and the format of printf holds the count.
# shellcheck disable=SC2086,SC2059
. "$(dirname "$0")/lib.sh"

# Writes 256 training and 64 test images of two classes, black or noise in turn, as IDX: for runs that are
# slowed down fifty times, in which a network must learn something nevertheless.
write_noise() {
    local split high low images i count
    for split in train:1:0:256 t10k:0:100:64; do
        IFS=: read -r split high low images <<<"$split"
        count="\\0\\0\\$high\\$low"
        {
            printf "\\0\\0\\10\\3$count\\0\\0\\0\\34\\0\\0\\0\\34"
            for ((i = 0; i < images; i += 2)); do head -c 784 /dev/zero && head -c 784 /dev/urandom; done
        } >"$1/$split-images-idx3-ubyte"
        {
            printf "\\0\\0\\10\\1$count"
            for ((i = 0; i < images; i += 2)); do printf '\0\1'; done
        } >"$1/$split-labels-idx1-ubyte"
    done
}

# Runs a command with a leak checker in or around it, which exits with 99 if it finds something, and
# shows what it says if its status is not the one expected.
ends_with() {
    local expected=$1 status=0 log
    log=$(mktemp)
    shift
    "$@" >"$log" 2>&1 || status=$?
    [ $status = "$expected" ] || cat "$log" >&2
    rm "$log"
    [ $status = "$expected" ] || { say "exit status $status of $*, expects $expected"; return 1; }
}

# Each example once to its end and once into a mistake, in the folder given, which holds a model. All
# that is left behind is tables and pictures.
example_leaks() {
    local examples=$1 folder=$2
    local digits="--dataset sample --out $folder/pictures"
    local few="--epochs 1 --images 50 --grid 3 --points 3 --optimizers sgd,muon"
    local shown="--load $folder/model"
    ends_with 0 "$examples/lab/optimizers" $digits --epochs 1 --optimizers adam,muon
    ends_with 1 "$examples/lab/optimizers" $digits --optimizers adam,none
    ends_with 0 "$examples/lab/landscape" --steps 50 --out "$folder/pictures"
    ends_with 1 "$examples/lab/landscape" --steps 50 --out "$folder/model"
    ends_with 0 "$examples/lab/landscape" --network $digits $few $shown
    ends_with 1 "$examples/lab/landscape" --network $digits $few --load "$folder/none"
    ends_with 0 "$examples/lab/study" $digits sparse
    ends_with 1 "$examples/lab/study" $digits none
    ends_with 0 "$examples/lab/recipe" --recipe fast --dataset sample --seeds 1 --epochs 0.2
    ends_with 1 "$examples/lab/recipe" --recipe fast --dataset sample --epochs 0.001
    ends_with 1 "$examples/lab/recipe" --recipe color --data "$folder/none"
    local tune="$examples/lab/tune $digits --images 100 --epochs 1 lr=log:1e-4..1e-1 batch=16|32"
    ends_with 0 $tune --method halving --trials 5
    ends_with 0 $tune --method halving --trials 5 --resume
    ends_with 0 $tune --compare --trials 4 --seeds 2
    ends_with 1 $tune --trials 5 --resume
    ends_with 1 $tune momentum=0.9
    ends_with 1 $tune --out "$folder/model"
    cp "$folder/model" "$folder/model.safetensors"
    ends_with 0 "$examples/lab/convert" "$folder/model.safetensors" "$folder/model.npz"
    ends_with 0 "$examples/lab/convert" --inspect "$folder/model.npz"
    ends_with 1 "$examples/lab/convert" "$folder/model.npz" "$folder/none.txt"
    ends_with 1 "$examples/lab/convert" "$folder/model.npz" "$folder/none.npz" --in-layout torch
    ends_with 0 "$examples/lab/filters" $digits $shown
    ends_with 1 "$examples/lab/filters" --dataset sample --out "$folder/model" $shown
    ends_with 0 "$examples/lab/predict" $shown
    ends_with 1 "$examples/lab/predict" $shown examples/lab/digits/* "$folder/none.png"
    ends_with 0 "$examples/lab/train" $digits --model mlp --find-lr
    ends_with 1 "$examples/lab/train" $digits --lr 1e19 --anomaly
    local pictures="--data mnist:$folder --model lenet --epochs 2 --batch-size 16 --out $folder/run"
    ends_with 0 "$examples/lab/train" $pictures
    ends_with 1 "$examples/lab/train" $pictures
    ends_with 1 "$examples/lab/train" $pictures --overwrite --lr 1e19
    ends_with 1 "$examples/lab/predict" --model "$folder/run/none" "$folder/none.png"
}

# Runs train (such a command as well) to its end, and into three mistakes.
train_leaks() {
    local data=$1 folder=$2 mistake
    shift 2
    "$@" $data --epochs 1 --save "$folder/model"
    "$@" $data --epochs 1 --load "$folder/model" --log "$folder/log.csv"
    for mistake in "--load $folder/log.csv" "--lr abc" "--lr 1e19"; do
        ends_with 1 "$@" $data $mistake
    done
}

# A plain program of threads that share loops, on the pool alone.
pool_races() {
    quietly cc -std=c11 -g -O1 -D_POSIX_C_SOURCE=200809L -I. -fopenmp -fsanitize=thread -DTARN__PROCESSORS=4 \
        tests/core/pool_threads.c core/base/{pool,processors}.c -o "$1/pool_threads"
    TSAN_OPTIONS=exitcode=99 ends_with 0 "$1/pool_threads"
}

# A plain program around a loader with workers: gcc's OpenMP is not made for ThreadSanitizer, so what is not
# about these threads is linked as it is.
loader_races() {
    quietly cc -std=c11 -g -O1 -D_POSIX_C_SOURCE=200809L -I. -fopenmp -fsanitize=thread \
        tests/data/loader_threads.c data/{loader,transform,dataset,dataset_read,store}.c data/{loader,transform}/*.c build/libtarn.a -ljansson -lm \
        -o "$1/loader_threads"
    OMP_NUM_THREADS=1 TSAN_OPTIONS=exitcode=99 ends_with 0 "$1/loader_threads"
}

build_all build-sanitize -Dbuildtype=debugoptimized -Db_sanitize=address,undefined \
    -Dc_args=-fno-sanitize-recover=undefined
run_tests build-sanitize --no-suite examples
# Those that run on one set at a time; test_kernels_* run on all.
on_sets "$(sets_of build-sanitize)" build-sanitize test_matmul test_conv2d test_nn_linear test_nn_conv2d test_nn_training

export ASAN_OPTIONS=exitcode=99 LSAN_OPTIONS=exitcode=99
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
write_noise "$folder"
train_leaks '--dataset sample' "$folder" build-sanitize/examples/lab/train
example_leaks build-sanitize/examples "$folder"
configure build -Dexamples=true
quietly ninja -C build examples/lab/train
# Valgrind is very slow at fused multiply-adds.
TARN_SIMD=baseline train_leaks "--data $folder --threads 1 --batch-size 8" "$folder" \
    valgrind --quiet --leak-check=full --error-exitcode=99 build/examples/lab/train
quietly ninja -C build libtarn.a
loader_races "$folder"
pool_races "$folder"
