"""Writes small JPEG files of all kinds into a folder, for the fuzzers to start from:

    pip install pillow
    python3 tests/fuzz/jpeg_seeds.py /tmp/corpus_picture

The decoder has a way of its own for each of them: baseline and progressive, gray, in colour with each grid of
samples, and with four inks, with and without restart markers, with and without EXIF data, sizes that fill their
blocks and those that do not.
"""
import itertools
import random
import sys

from PIL import Image


def picture(mode, width, height):
    """Steps and noise, so that there are large coefficients and small ones."""
    random.seed(width * 31 + height)
    bands = len(mode)
    values = bytes(
        (40 * ((x // 3 + y // 2 + band) % 6) + random.randrange(40)) % 256
        for y in range(height) for x in range(width) for band in range(bands))
    return Image.frombytes(mode, (width, height), values)


def main():
    folder = sys.argv[1]
    modes = [("L", 0)] + [("RGB", grid) for grid in (0, 1, 2)] + [("CMYK", 0)]
    sizes = [(1, 1), (7, 5), (8, 8), (16, 16), (17, 33), (40, 9)]
    for number, ((mode, grid), (width, height), progressive, restart) in enumerate(
            itertools.product(modes, sizes, (False, True), (0, 1, 3))):
        exif = Image.Exif()
        if number % 3 == 0:
            exif[0x0112] = number % 9
        name = f"{folder}/jpeg-{mode}-{grid}-{width}x{height}-{'p' if progressive else 'b'}-{restart}"
        picture(mode, width, height).save(
            name, "JPEG", quality=(15, 60, 98)[number % 3], subsampling=grid, progressive=progressive,
            optimize=number % 2 == 0, restart_marker_blocks=restart, exif=exif)


main()
