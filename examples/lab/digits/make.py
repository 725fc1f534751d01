#!/usr/bin/env python3
"""Makes the images in this folder: real handwriting on simulated paper.

Usage: make.py MNIST_FOLDER, which holds t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte. Needs
numpy and Pillow. What it makes depends on nothing else but the versions of these.
"""
import os
import sys

import numpy as np
from PIL import Image, ImageFilter


def read_idx(path):
    data = open(path, "rb").read()
    shape = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(data[3])]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def strokes(digit, height, pen):
    """The (28, 28) digit with smooth edges, its 28 pixels as high as that; pen > 0.5 is a thinner one."""
    image = Image.fromarray(digit).resize((height, height), Image.BICUBIC)
    image = image.filter(ImageFilter.GaussianBlur(height / 56))
    ink = np.asarray(image, float) / 255
    return np.clip((ink - pen) * height / 14 + 0.5, 0, 1)


def place(ink, height, width, top, left):
    """On a canvas of that size, with the digit's upper left corner there; what sticks out is cut off."""
    canvas = np.zeros((height, width))
    h, w = min(ink.shape[0], height - top), min(ink.shape[1], width - left)
    canvas[top : top + h, left : left + w] = ink[:h, :w]
    return canvas


def smooth_noise(random, height, width, grain):
    """Between about -1 and 1, changing over about that many pixels."""
    small = random.standard_normal((2 + int(height / grain), 2 + int(width / grain))).astype(np.float32)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.BICUBIC), float)


def photo(ink, paper, pen, light, shadow, noise, random):
    """A photo of ink on paper: light falls off to a side, a soft shadow lies over a corner."""
    height, width = ink.shape
    y, x = np.mgrid[:height, :width] / max(height, width)
    lit = 1 - light * (0.7 * x + 0.3 * y) + 0.03 * smooth_noise(random, height, width, 60)
    lit *= 1 - shadow / (1 + np.exp(-30 * (x + 0.8 * y - 1)))
    colour = ink[..., None] * np.array(pen) + (1 - ink[..., None]) * np.array(paper)
    colour = colour * lit[..., None] + noise * random.standard_normal((height, width, 1))
    return Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))


def chalk(ink, random):
    """Light and grainy on a dark board with smears."""
    height, width = ink.shape
    grain = np.clip(0.75 + 0.35 * smooth_noise(random, height, width, 2), 0, 1)
    board = 38 + 8 * smooth_noise(random, height, width, 30) + 3 * random.standard_normal(ink.shape)
    return Image.fromarray(np.clip(board + ink * grain * 190, 0, 255).astype(np.uint8) // 8 * 8)


def drawing(ink, paper, pen):
    """Flat colours, as a drawing program makes them."""
    colour = ink[..., None] * np.array(pen) + (1 - ink[..., None]) * np.array(paper)
    return Image.fromarray(colour.astype(np.uint8))


def transparent(ink, pen):
    """The pen's colour everywhere, opaque where there is ink."""
    colour = np.concatenate([np.broadcast_to(pen, ink.shape + (3,)), 255 * ink[..., None]], axis=2)
    return Image.fromarray(colour.astype(np.uint8), "RGBA")


def make_all(digit, random):
    """The images by name; digit(n) is the handwriting."""
    return {
        # In a photo: paper, pen, how much light falls off, how dark the shadow is, noise.
        "0-ballpoint.jpg": photo(place(strokes(digit(0), 150, 0.62), 240, 320, 50, 120),
                                 (222, 219, 208), (45, 52, 120), 0.35, 0.25, 5, random),
        "1-pencil.jpg": photo(place(strokes(digit(1), 200, 0.55), 300, 220, 60, 5),
                              (205, 203, 198), (112, 112, 115), 0.25, 0, 4, random),
        "2-chalk.png": chalk(place(strokes(digit(2), 96, 0.45), 110, 150, 8, 40), random),
        "3-red.png": drawing(place(strokes(digit(3), 180, 0.5), 200, 400, 10, 210),
                             (255, 255, 255), (214, 40, 40)),
        "4-transparent.png": transparent(place(strokes(digit(4), 120, 0.55), 128, 128, 4, 4), (20, 20, 20)),
        "5-shadow.jpg": photo(place(strokes(digit(5), 170, 0.5), 260, 260, 55, 30),
                              (226, 221, 205), (30, 30, 34), 0.3, 0.5, 6, random),
        "6-felt.jpg": photo(place(strokes(digit(6), 90, 0.38), 180, 320, 70, 190),
                            (230, 228, 224), (20, 92, 58), 0.3, 0, 5, random),
        "7-yellow-note.png": drawing(place(strokes(digit(7), 60, 0.5), 64, 60, 3, 0),
                                     (255, 240, 130), (30, 60, 160)),
        "8-chalk.jpg": chalk(place(strokes(digit(8), 190, 0.5), 220, 300, 20, 60), random),
        "9-thin.png": drawing(place(strokes(digit(9), 260, 0.75), 280, 300, 10, 30),
                              (250, 250, 250), (60, 60, 60)),
    }


def main():
    folder = sys.argv[1]
    images = read_idx(os.path.join(folder, "t10k-images-idx3-ubyte"))
    labels = read_idx(os.path.join(folder, "t10k-labels-idx1-ubyte"))
    # The first of each class in the second half, which is by other people and harder to read.
    first = {n: 5000 + int(np.argmax(labels[5000:] == n)) for n in range(10)}
    print("MNIST test images:", first)
    here = os.path.dirname(os.path.abspath(__file__))
    for name, image in make_all(lambda n: images[first[n]], np.random.default_rng(1)).items():
        path = os.path.join(here, name)
        if name.endswith(".jpg"):
            image.save(path, quality=70, progressive=name.startswith(("5", "8")))
        else:
            image.save(path, optimize=True)
        print(f"{os.path.getsize(path):6d} bytes  {image.size[0]} x {image.size[1]}  {name}")


if __name__ == "__main__":
    main()
