"""The other side of bench-transforms.

    peer_transforms.py NAME HEIGHT WIDTH CHANNELS

Prints the microseconds of processor time that albumentations (OpenCV) and Pillow take for a picture of
bytes, on one thread, the shortest of many rounds; nan where one has nothing alike.
"""
import os
import random
import sys
import time

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

import albumentations as A
import cv2
import numpy as np
from PIL import Image, ImageEnhance, ImageOps

cv2.setNumThreads(1)
name, height, width, channels = sys.argv[1], *map(int, sys.argv[2:])
unit = width / 28
picture = (np.arange(height * width * channels, dtype=np.uint32) * 2654435761 % 65536 // 256).astype(np.uint8)
picture = picture.reshape(height, width, channels)
pil = Image.fromarray(picture[:, :, 0] if channels == 1 else picture)


def affine(**options):
    return A.Affine(interpolation=cv2.INTER_LINEAR, p=1, **options)


def shift():
    return random.uniform(-2 * unit, 2 * unit)


pixels = int(2 * unit)
moved = dict(rotate=(-15, 15), translate_px=(-pixels, pixels), scale=(0.9, 1.1), shear=(-5, 5))
ELASTIC = A.ElasticTransform(alpha=34 * unit, sigma=4 * unit, p=1)
CUTOUT = A.CoarseDropout(num_holes_range=(1, 1), hole_height_range=(width // 4, width // 4),
                         hole_width_range=(width // 4, width // 4), p=1)
ALBUMENTATIONS = {
    "shift": affine(translate_px=(-pixels, pixels)),
    "rotate": affine(rotate=(-15, 15)),
    "affine": affine(**moved),
    "resized_crop": A.RandomResizedCrop(size=(height, width), scale=(0.3, 1), p=1),
    "crop": A.Compose([A.Pad(padding=4, p=1), A.RandomCrop(height, width, p=1)]),
    "flip": A.HorizontalFlip(p=1),
    "flip_vertical": A.VerticalFlip(p=1),
    "elastic": ELASTIC,
    "cutout": CUTOUT,
    "brightness": A.RandomBrightnessContrast(0.3, 0, p=1),
    "contrast": A.RandomBrightnessContrast(0, 0.3, p=1),
    "all": A.Compose([affine(**moved), A.HorizontalFlip(p=0.5), ELASTIC, A.RandomBrightnessContrast(0.3, 0.3, p=1),
                      CUTOUT]),
}
PILLOW = {
    "shift": lambda: pil.transform(pil.size, Image.AFFINE, (1, 0, shift(), 0, 1, shift()), Image.BILINEAR),
    "rotate": lambda: pil.rotate(random.uniform(-15, 15), Image.BILINEAR),
    "affine": lambda: pil.transform(pil.size, Image.AFFINE, (0.98, 0.2, shift(), -0.17, 0.98, shift()),
                                    Image.BILINEAR),
    "resized_crop": lambda: pil.resize(pil.size, Image.BILINEAR,
                                       (width * 0.1, height * 0.1, width * 0.8, height * 0.8)),
    "crop": lambda: ImageOps.expand(pil, 4).crop((3, 5, 3 + width, 5 + height)),
    "flip": lambda: pil.transpose(Image.FLIP_LEFT_RIGHT),
    "flip_vertical": lambda: pil.transpose(Image.FLIP_TOP_BOTTOM),
    "brightness": lambda: ImageEnhance.Brightness(pil).enhance(random.uniform(0.7, 1.3)),
    "contrast": lambda: ImageEnhance.Contrast(pil).enhance(random.uniform(0.7, 1.3)),
}


def microseconds(function):
    best = float("inf")
    for _ in range(30):
        count, start = 0, time.process_time()
        while time.process_time() - start < 0.005:
            function()
            count += 1
        best = min(best, (time.process_time() - start) / count)
    return best * 1e6


theirs = ALBUMENTATIONS[name]
print(microseconds(lambda: theirs(image=picture)), microseconds(PILLOW[name]) if name in PILLOW else float("nan"))
