#!/usr/bin/env bash
# What a step takes in 1, 2 and 4 processes, on this machine and across networks that tests/machines/link.c makes between
# namespaces, for docs/machines.md: lines of network, microseconds, megabits, model, processes, way, milliseconds of a
# step. As root, on a machine that does nothing else, after ./run mpi:
#     tests/machines/measure.sh >docs/pictures/machines.csv
# The first argument is put before each command. NETWORKS, MODELS (with steps) and WAYS choose some of all. With
# NETWORKS=wire,0,250 it is a cable between two machines, whose bandwidth the kernel limits, and each machine has one part
# of 64 images: what is gained by sending while backward goes on, since link.c takes time of the cores that backward needs.
set -euo pipefail
cd "$(dirname "$0")/../.."
export OMP_NUM_THREADS=1
program=$PWD/build-mpich/examples/lab/machines folder=$(mktemp -d)
before=${1-}
cc -O2 -o "$folder/link" tests/machines/link.c

# In the place of ssh: agent HOST COMMAND...
cat >"$folder/agent" <<'TEXT'
#!/bin/bash
while [[ $1 = -* ]]; do shift; done
name=tarn$((${1##*.} - 1))
shift
exec ip netns exec "$name" unshare --uts sh -c "hostname $name; $*"
TEXT
chmod +x "$folder/agent"

link=
take_down() {
    local i
    for i in 0 1 2 3; do ip netns del "tarn$i" 2>/dev/null || true; done
    [ -z "$link" ] || kill "$link" 2>/dev/null || true
    link=
}
trap 'take_down; rm -r "$folder"' EXIT

# A machine of its own for an interface that is here already.
make_machine() {
    ip netns add "tarn$1"
    ip link set "tarn$1" netns "tarn$1"
    ip -n "tarn$1" addr add "10.77.0.$(($1 + 1))/24" dev "tarn$1"
    ip -n "tarn$1" link set lo up
    ip -n "tarn$1" link set "tarn$1" up txqueuelen 4000
    # Each step sends after a pause, and need not find out anew how fast the network is.
    ip netns exec "tarn$1" sh -c 'echo 0 >/proc/sys/net/ipv4/tcp_slow_start_after_idle'
}

# Two machines and a cable of so many megabits a second.
put_up_wire() {
    local i
    ip link add tarn0 type veth peer name tarn1
    for i in 0 1; do
        make_machine $i
        ip netns exec "tarn$i" tc qdisc add dev "tarn$i" root tbf rate "$1mbit" burst 64k latency 100ms
    done
    sleep 2 # until both ends know of each other
}

# Four machines, and between them a network of so many microseconds and megabits a second.
put_up() {
    local i
    "$folder/link" 4 "$1" "$2" >"$folder/ready" &
    link=$!
    until grep -q ready "$folder/ready"; do sleep 0.1; done
    for i in 0 1 2 3; do make_machine $i; done
}

# MPI_Finalize of four processes of MPICH's takes up to half a minute across link.c, which is not part of a step.
# measure NETWORK MICROSECONDS MEGABITS MODEL STEPS PROCESSES WAY
measure() {
    local network=$1 model=$4 steps=$5 n=$6 way=$7 across=() transports=tcp,self hosts=10.77.0.1,10.77.0.2,10.77.0.3,10.77.0.4
    [ "$network" = memory ] ||
        across=(ip netns exec tarn0 env UCX_TLS="$transports" mpiexec.mpich -launcher ssh
            -launcher-exec "$folder/agent" -hosts "$hosts" -ppn 1)
    [ ${#across[@]} -gt 0 ] || across=(mpiexec.mpich)
    local options=(--dataset sample --model "$model" --steps "$steps")
    [ "$way" = overlap ] || options+=("--$way")
    [ "$network" != wire ] || options+=(--parts 2 --batch-size 128)
    # shellcheck disable=SC2086
    printf '%s,%s,%s,%s,%s,%s,%s\n' "$network" "$2" "$3" "$model" "$n" "$way" \
        "$(timeout 90 $before "${across[@]}" -n "$n" "$program" "${options[@]}" | sed 's/.*a step \([0-9.]*\) ms.*/\1/')"
}

models=${MODELS-lenet,200 cnn,16 resnet,12}
echo network,microseconds,megabits,model,processes,way,milliseconds
for network in ${NETWORKS-memory,0,0 link,500,500 link,2000,200}; do
    IFS=, read -r name microseconds megabits <<<"$network"
    case $name in
    wire) put_up_wire "$megabits" ;;
    link) put_up "$microseconds" "$megabits" ;;
    esac
    for model in $models; do
        for n in 1 2 4; do
            [ "$name" = memory ] || [ "$n" != 1 ] || continue
            [ "$name" != wire ] || [ "$n" = 2 ] || continue
            for way in ${WAYS-overlap wait plain}; do
                measure "$name" "$microseconds" "$megabits" "${model%,*}" "${model#*,}" "$n" "$way"
            done
        done
    done
    take_down
done
