#!/usr/bin/env python3
"""Makes the contact sheets of this folder from the four raw IDX files of MNIST.

    ./make_sheets.py FOLDER_WITH_THE_IDX_FILES [FOLDER_TO_WRITE_TO]
"""
import pathlib
import struct
import sys
import zlib

COLUMNS = 100  # tiles in a row of the sheet


def read_idx(path, ndim):
    data = path.read_bytes()
    header = struct.unpack(f">{1 + ndim}I", data[: 4 + 4 * ndim])
    assert header[0] == 0x800 + ndim, f"{path} is not an IDX file of {ndim} dimensions"
    return header[1:], data[4 + 4 * ndim :]


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, rows):
    # Digits are strokes between runs of zeros: unfiltered rows compress best.
    raw = b"".join(b"\0" + row for row in rows)
    packer = zlib.compressobj(9, zlib.DEFLATED, 15, 8, zlib.Z_FILTERED)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)  # 8 bit, gray
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", packer.compress(raw) + packer.flush())
        + chunk(b"IEND", b"")
    )


def make_sheet(source, target, split, name, step):
    (count, h, w), pixels = read_idx(source / f"{split}-images-idx3-ubyte", 3)
    _, labels = read_idx(source / f"{split}-labels-idx1-ubyte", 1)
    chosen = range(0, count, step)
    rows, lines = [], []
    for first in range(0, len(chosen), COLUMNS):
        tiles = chosen[first : first + COLUMNS]
        lines.append("".join(str(labels[i]) for i in tiles) + "\n")
        for y in range(h):
            rows.append(b"".join(pixels[(i * h + y) * w : (i * h + y + 1) * w] for i in tiles))
    (target / f"{name}.png").write_bytes(png(COLUMNS * w, len(rows), rows))
    (target / f"{name}-labels.txt").write_text("".join(lines))


source = pathlib.Path(sys.argv[1])
target = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else pathlib.Path(__file__).parent)
make_sheet(source, target, "train", "train", 6)
make_sheet(source, target, "t10k", "test", 5)
