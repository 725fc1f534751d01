#!/bin/sh
# sysroot.sh FOLDER: fills FOLDER/root with the arm64 libraries that Tarn and its tests need, and writes
# meson's cross file, FOLDER/cross.ini. The packages come from where the system gets its own, through
# an apt that has its lists and its status in FOLDER: the system is not altered, and need not be root's.
set -eu
mkdir -p "$1/apt/lists/partial" "$1/apt/archives/partial" "$1/root"
folder=$(cd "$1" && pwd)
: >"$folder/apt/status"

private_apt() {
    apt-get -o APT::Architecture=arm64 -o APT::Architectures::=arm64 \
        -o Dir::State="$folder/apt" -o Dir::State::status="$folder/apt/status" \
        -o Dir::Cache="$folder/apt" "$@"
}

private_apt update
private_apt install --yes --no-install-recommends --download-only \
    libc6-dev libgomp1 libjansson-dev libstb-dev libcriterion-dev
for package in "$folder"/apt/archives/*.deb; do
    dpkg-deb -x "$package" "$folder/root"
done
rm -r "$folder/apt"

cat >"$folder/cross.ini" <<TEXT
[constants]
root = '$folder/root'
emulator = ['$(command -v qemu-aarch64)', '-cpu', 'max', '-L', root]

[binaries]
c = ['aarch64-linux-gnu-gcc', '--sysroot=' + root]
ar = 'aarch64-linux-gnu-gcc-ar'
strip = 'aarch64-linux-gnu-strip'
pkgconfig = 'pkg-config'
exe_wrapper = emulator

[properties]
emulator = emulator
sys_root = root
pkg_config_libdir = [root + '/usr/lib/aarch64-linux-gnu/pkgconfig', root + '/usr/share/pkgconfig']

[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
TEXT
