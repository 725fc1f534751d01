#!/usr/bin/env bash
# Training in several processes (docs/machines.md) under the launchers of Open MPI and of MPICH: the same bits in any
# number of processes; a checkpoint of three that two go on from; what ends all of them, each with a sentence that names
# the rank; and libtarn-mpi as a program outside the tree uses it. tests/machines/ranks.c is the program.
. "$(dirname "$0")/lib.sh"
export OMP_NUM_THREADS=1 # more processes than cores
# Open MPI: as root, on this machine alone, with more processes than cores.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_plm=isolated OMPI_MCA_btl_vader_single_copy_mechanism=none
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
status=0

wrong() {
    say "$launcher: $*"
    status=1
}

# in_ranks N PROGRAM ARGUMENT...: no run may take longer than it has to say what is wrong.
in_ranks() {
    timeout -k 5 40 "$launcher" -n "$@"
}

# same_bits N MODE [ARGUMENT]...: prints the same as the program alone.
same_bits() {
    local n=$1 said
    shift
    said=$(in_ranks "$n" "$ranks" "$@") || wrong "$n processes of $*"
    [ "$said" = "${alone[$*]}" ] || wrong "$n processes of $*: $said, alone: ${alone[$*]}"
}

# stops TEXT COUNT PROGRAM ARGUMENT...: all processes end, within 30 seconds and with a status other than 0; one says the
# text.
stops() {
    local text=$1 begin=$SECONDS said=0 log=$folder/log
    shift
    in_ranks "$@" >"$log" 2>&1 || said=$?
    [ $said != 0 ] || wrong "$*: the status is 0"
    [ $((SECONDS - begin)) -le 30 ] || wrong "$*: took $((SECONDS - begin)) s"
    grep -q "^tarn: .*$text" "$log" || {
        cat "$log" >&2
        wrong "$*: nobody says: $text"
    }
}

# ends N TEXT 'RANK...' COUNT PROGRAM ARGUMENT...: that, of N processes, and each of these ranks has said the text, which
# names the one that is at fault.
ends() {
    local n=$1 text=$2 those=$3 rank
    shift 3
    stops "$text" "$@"
    for rank in $those; do
        grep "^tarn: rank $rank of $n " "$folder/log" | grep -q "$text" || {
            cat "$folder/log" >&2
            wrong "$*: rank $rank does not say: $text"
        }
    done
}

check_bits() {
    local n
    say "$launcher: the same bits"
    for n in 1 2 3 4 8; do same_bits $n train; done
    for n in 1 4; do same_bits $n train 5; done
    same_bits 3 train 6
    for n in 1 2 4; do same_bits $n plain 4; done
    same_bits 3 epoch
    for n in 2 3; do same_bits $n local 3; done
    [ "$(RANKS_BF16=1 in_ranks 3 "$ranks" train)" = "$(RANKS_BF16=1 "$ranks" train)" ] || wrong "3 processes in bfloat16"
    in_ranks 3 "$ranks" save "$folder/half" >"$folder/log" || wrong "save"
    in_ranks 3 "$ranks" free || wrong "free between backward and the average"
    ends 2 "rank 0 of 2 .*: $folder: is no file of bytes" "0 1" 2 "$ranks" load "$folder"
    ends 2 "rank 0 of 2 .*: /none/half: cannot be read: No such file" "0 1" 2 "$ranks" load /none/half
    said=$(in_ranks 2 "$ranks" load "$folder/half") || wrong "load"
    [ "$said" = "${alone[train]}" ] || wrong "two go on from three: $said"
}

# Batch normalization of the whole batch: as one process, to rounding; so many processes always the same bits.
check_norms() {
    local n said
    for n in 1 2 3; do same_bits $n norms; done # four would leave out the last three images
    said=$(RANKS_DIGEST=1 in_ranks 3 "$ranks" norms)
    [ "${digest-$said}" = "$said" ] || wrong "3 processes of norms: $said, with the other MPI $digest"
    digest=$said
    ends 2 "2 processes; batch_norm_together expects a part for each" "0 1" 2 "$ranks" norms 8
}

check_faults() {
    local bad=$folder/bad best
    say "$launcher: what ends all"
    ends 3 "rank 1 of 3 .*has ended before tarn_mpi_end" "0 1 2" 3 "$ranks" exit 1 "$bad"
    ends 3 "rank 2 of 3 .*/none/bad.safetensors" "0 1 2" 3 "$ranks" file 2 "$bad"
    ends 3 "rank 1 of 3 .*has other weights" "0 1 2" 3 "$ranks" weights 1 "$bad"
    ends 3 "rank 2 of 3 .*another number of samples" "0 1 2" 3 "$ranks" data 2 "$bad"
    ends 3 "rank 1 of 3 .*has another precision" "0 1 2" 3 "$ranks" precision 1 "$bad"
    ends 3 "rank 1 of 3 .*has made a mistake: mpi_next: part . of 8 is not of rank 1 of 3" "0 1 2" 3 "$ranks" loader 1 "$bad"
    # Open MPI notices by itself, MPICH does not.
    RANKS_TIMEOUT=2 ends 3 "rank . of 3 .*\(all processes must make the same calls\|cannot go on; what all tell\)" "0 1 2" \
        3 "$ranks" calls 1 "$bad"
    RANKS_TIMEOUT=2 ends 2 "rank . of 2 .*waits for something else than" "0 1" 1 "$ranks" train : -n 1 "$ranks" none
    for said in parts seed; do
        ends 3 "rank 1 of 3 .*has other batches (here: epoch 0, batch 0 of 5 of 40 images of 203 in" "0 1 2" \
            3 "$ranks" $said 1 "$bad"
    done
    rm -f "$bad"
    ends 3 "rank 1 of 3 .*has other weights or buffers, as by another optimizer or rate" "0 1 2" 3 "$ranks" rate 1 "$bad"
    [ ! -e "$bad" ] || wrong "a rate of its own was not noticed at once" # but with the checkpoint
    ends 3 "rank 1 of 3 .*has made a mistake: mpi_save: expects to be called between two steps" "0 1 2" \
        3 "$ranks" early-save 1 "$bad"
    ends 3 "rank 1 of 3 .*has another precision" "0 1 2" 3 "$ranks" late-precision 1 "$bad"
    RANKS_TIMEOUT=2 ends 3 "rank 1 of 3 .*has kept the others waiting" "0 2" 3 "$ranks" stop 1 "$bad"
    ends 2 "rank 1 of 2 .*another build" "0 1" 1 "$ranks" train : -n 1 "$ranks-other" train
    best=$(TARN_SIMD=none "$ranks" epoch 2>&1 | sed -n 's/.*the best there are: //p' || true)
    for said in naive avx2; do
        [ "$said" != "$best" ] && TARN_SIMD=$said "$ranks" epoch >/dev/null 2>&1 || continue # not on this machine
        ends 2 "rank 1 of 2 .*computes other bits" "0 1" 1 "$ranks" train : -n 1 env TARN_SIMD=$said "$ranks" train
    done
    rm -f "$bad"
    ends 3 "): rank 1 of 3 ([^)]*) is gone" "0 2" 3 "$ranks" kill 1 "$bad"
    grep -q "^tarn: rank 1 of 3 ([^)]*) was killed" "$folder/log" || wrong "the one that was killed: $(cat "$folder/log")"
    said=$(in_ranks 2 "$ranks" load "$bad") || wrong "going on without the rank that was killed"
    [ "$said" = "${alone[train]}" ] || wrong "two go on from what three left: $said"
}

# What keeps processes from beginning, or from beginning together.
check_beginnings() {
    local log=$folder/log other
    say "$launcher: beginning"
    for other in true 'sleep 60'; do
        # shellcheck disable=SC2086
        RANKS_TIMEOUT=1 stops "not all processes have come to tarn_mpi_begin() within 1 s" 1 "$ranks" train : -n 1 $other
    done
    ! SLURM_STEP_NUM_TASKS=2 "$ranks" epoch >"$log" 2>&1 || wrong "one of two processes trains alone"
    grep -q "has started 2 processes" "$log" || wrong "alone: $(cat "$log")"
    [ "$(SLURM_NTASKS=2 "$ranks" epoch)" = "${alone[epoch]}" ] || wrong "alone within a job of Slurm's"
    ! "$ranks" file 0 "$folder/bad" 2>"$log" || wrong "alone with a bad file"
    [ "$(cat "$log")" = "tarn: /none/bad.safetensors: cannot be read: No such file or directory" ] ||
        wrong "alone: $(cat "$log")"
}

# The instrument that trains on digits, in one process and in three; stopped, and gone on with in two.
check_digits() {
    local digits=("$build/examples/lab/machines" --dataset sample --epochs 1 --batch-size 200)
    say "$launcher: digits"
    "${digits[@]}" --save "$folder/one" >"$folder/said" || wrong "one process"
    in_ranks 3 "${digits[@]}" --save "$folder/three" --checkpoint "$folder/last" --every 30 | cmp - "$folder/said" ||
        wrong "three processes say something else"
    cmp "$folder/one" "$folder/three" || wrong "three processes end in other weights"
    in_ranks 2 "${digits[@]}" --checkpoint "$folder/last" --resume --epochs 2 | grep -q '^epoch 2/2' ||
        wrong "two processes do not go on"
}

# By pkg-config, against the shared libraries, as an installation has them.
check_installed() {
    local root=$folder/root prefix
    say "$launcher: as installed"
    DESTDIR=$root meson install -C "$build" --no-rebuild --quiet >/dev/null
    PKG_CONFIG_PATH=$(dirname "$(find "$root" -name tarn-mpi.pc)")
    export PKG_CONFIG_PATH
    prefix=$root$(pkg-config --variable=prefix tarn-mpi)
    # Flags are meant to be split.
    # shellcheck disable=SC2046
    cc -std=c11 -Wall -Wextra -Werror -D_POSIX_C_SOURCE=200809L '-DBUILD="installed"' tests/machines/ranks.c \
        $(pkg-config --define-variable=prefix="$prefix" --cflags --libs tarn-mpi) -o "$folder/installed"
    [ "$(in_ranks 2 "$folder/installed" train)" = "${alone[train]}" ] || wrong "a program of its own"
}

declare -A alone
for flavour in ompi-c:build:mpirun.openmpi mpich:build-mpich:mpiexec.mpich; do
    IFS=: read -r module build launcher <<<"$flavour"
    say "building $build"
    configure "$build" -Dexamples=true -Dmpi=enabled -Dmpi_module="$module"
    # Without the tests, where the folder has them: the programs, and what is installed.
    libraries=$(ninja -C "$build" -t targets all | sed -n 's/^\([a-z/]*libtarn[-a-z]*\.\(a\|so[.0-9]*\)\): .*/\1/p')
    # shellcheck disable=SC2086
    quietly ninja -C "$build" $libraries examples/lab/machines tests/machines/ranks tests/machines/ranks-other
    ranks=$build/tests/machines/ranks
    for mode in train 'train 5' 'train 6' 'plain 4' 'local 3' epoch norms; do
        # shellcheck disable=SC2086
        said=$("$ranks" $mode)
        [ "${alone[$mode]-$said}" = "$said" ] || wrong "alone, $mode: $said, with the other MPI ${alone[$mode]}"
        alone[$mode]=$said
    done
    check_bits
    check_norms
    check_faults
    check_beginnings
    check_digits
    check_installed
done
exit $status
