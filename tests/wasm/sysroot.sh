#!/usr/bin/env bash
# sysroot.sh FOLDER: makes ready what WebAssembly lacks, jansson, in FOLDER/root, from the sources of Debian's package,
# and writes meson's cross file, FOLDER/cross.ini, for Debian's emscripten. The sources come from where the system gets
# its packages, through an apt that has its lists in FOLDER: the system is not altered, and need not be root's.
set -euo pipefail
mkdir -p "$1/apt/lists/partial" "$1/apt/archives/partial" "$1/apt/parts" "$1/root/lib/pkgconfig" "$1/root/include"
folder=$(cd "$1" && pwd)
: >"$folder/apt/status"

for list in /etc/apt/sources.list.d/*.sources; do
    [ ! -f "$list" ] || sed 's/^Types:.*/Types: deb-src/' "$list" >"$folder/apt/parts/${list##*/}"
done
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ ! -f "$list" ] || sed -n 's/^deb /deb-src /p' "$list" >"$folder/apt/parts/$(basename "$list" .list).list"
done
private_apt() {
    apt-get -o Dir::State="$folder/apt" -o Dir::State::status="$folder/apt/status" -o Dir::Cache="$folder/apt" \
        -o Dir::Etc::sourcelist=/none -o Dir::Etc::sourceparts="$folder/apt/parts" "$@"
}
private_apt update
(cd "$folder/apt" && private_apt source --download-only jansson && tar xf jansson_*.orig.tar.*)

# Its two headers of settings, which autoconf writes elsewhere.
cd "$folder"/apt/jansson-*/src
sed -e 's/@json_inline@/inline/; s/@json_have_long_long@/1/; s/@json_have_localeconv@/1/' \
    -e 's/@json_have_atomic_builtins@/1/; s/@json_have_sync_builtins@/1/' jansson_config.h.in >jansson_config.h
sed -i 's/@[a-z_]*@/0/; s/#define JSON_PARSER_MAX_DEPTH 0/#define JSON_PARSER_MAX_DEPTH 2048/' jansson_config.h
printf '#define %s 1\n' HAVE_STDINT_H HAVE_LOCALE_H HAVE_LOCALECONV HAVE_STRTOLL HAVE_UNISTD_H HAVE_FCNTL_H HAVE_SYS_TIME_H \
    HAVE_SYS_TYPES_H HAVE_GETTIMEOFDAY HAVE_ATOMIC_BUILTINS 'INITIAL_HASHTABLE_ORDER 3 +' >jansson_private_config.h
sed -i 's/3 + 1/3/' jansson_private_config.h
for file in *.c; do
    emcc -Os -std=gnu11 -DHAVE_CONFIG_H -I. -c "$file" -o "${file%.c}.o"
done
emar rc "$folder/root/lib/libjansson.a" ./*.o
cp jansson.h jansson_config.h "$folder/root/include"
cat >"$folder/root/lib/pkgconfig/jansson.pc" <<TEXT
Name: jansson
Description: JSON
Version: 2.14
Cflags: -I$folder/root/include
Libs: -L$folder/root/lib -ljansson
TEXT
sed "s|^libdir=.*||; s|^Libs:.*||" "$(pkg-config --variable=pcfiledir stb)/stb.pc" >"$folder/root/lib/pkgconfig/stb.pc"
rm -r "$folder/apt"

cat >"$folder/cross.ini" <<TEXT
[binaries]
c = 'emcc'
ar = 'emar'
strip = 'emstrip'
pkgconfig = 'pkg-config'
exe_wrapper = ['node', '--no-experimental-fetch']

[built-in options]
c_args = ['-msimd128']
c_std = 'gnu11'
default_library = 'static'

[project options]
threads = 'none'

[properties]
pkg_config_libdir = '$folder/root/lib/pkgconfig'

[host_machine]
system = 'emscripten'
cpu_family = 'wasm32'
cpu = 'wasm32'
endian = 'little'
TEXT
