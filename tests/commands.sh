#!/bin/sh
# Compares the commands that ./run --help lists with the files behind them, and with those of which the
# documents speak.
set -eu
cd "$(dirname "$0")/.."
listed=$(./run --help | sed -n 's/^  \([a-z].*\)/\1/p' | sed 's/  .*//; s/ \[.*//; s/,//g' | tr ' ' '\n' | sort)
status=0

wrong() {
    echo "$*"
    status=1
}

for name in $listed; do
    [ -f "examples/$name.c" ] || [ -f "examples/lab/$name.c" ] || [ -f "tests/checks/$name.sh" ] ||
        [ -f "tests/bench/$name.c" ] || [ -f "examples/$name/build.sh" ] || wrong "./run --help lists $name, which is not there"
done
for file in examples/*.c tests/checks/*.sh; do
    name=$(basename "${file%.*}")
    [ "$name" = lib ] || echo "$listed" | grep -qx "$name" || wrong "./run --help does not list $file"
done
told=$(grep -oh '\./run [a-z_0-9]*' README.md CONTRIBUTING.md docs/*.md docs/book/*.md | cut -d ' ' -f 2 | sort -u)
for name in $told; do
    echo "$listed" | grep -qx "$name" || wrong "the documents speak of ./run $name, which --help does not list"
done

# Help, and what trains on the user's own data, fetches nothing: no program on the way is more than a note.
stubs=$(mktemp -d)
trap 'rm -r "$stubs"' EXIT
for program in curl wget npm apt-get meson ninja; do
    printf '#!/bin/sh\n[ %s = ninja ] || [ %s = meson ] || touch "%s/%s-called"\n' \
        $program $program "$stubs" $program >"$stubs/$program"
    chmod +x "$stubs/$program"
done
for words in 'mnist --help' 'mnist --watch --help' 'mnist --recipe fast --help' 'recipe --recipe color --data /none' 'train --help' 'train -h' 'filters --help' 'predict --help' 'optimizers --help' \
    'train --resume --out /none' 'train --epochs 1 --data=csv:/none' 'train -- /none' 'predict --model /none /none'; do
    # shellcheck disable=SC2086
    PATH=$stubs:$PATH TARN_DATA=$stubs/data ./run $words >"$stubs/output" 2>&1 || true
    if [ -e "$stubs/curl-called" ] || [ -e "$stubs/npm-called" ] || grep -q 'MNIST is not in' "$stubs/output"; then
        wrong "./run $words fetches MNIST"
    fi
    rm -f "$stubs"/*-called
done
exit $status
