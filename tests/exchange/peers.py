"""What the scripts beside this one share: Tarn's programs, the same networks in PyTorch, and a way to compare."""

import os
import subprocess
import sys

import numpy
import torch
from torch import nn

BATCH = 50
torch.set_num_threads(1)
# A program around a C file of a network: images in, scores out.
MAIN = """
#include <stdio.h>
void predict(const float *image, float *scores);
int main(void)
{
    static float image[784], scores[10];
    while (fread(image, sizeof image, 1, stdin) == 1) {
        predict(image, scores);
        fwrite(scores, sizeof scores, 1, stdout);
    }
    return 0;
}
"""
failures = 0


def check(what, holds):
    """Prints a line; a check that fails makes done() fail."""
    global failures
    print(f"{'ok  ' if holds else 'FAIL'}  {what}", flush=True)
    failures += not holds


def check_near(what, found, expected, tolerance):
    found, expected = (numpy.asarray(x, dtype=numpy.float64) for x in (found, expected))
    difference = abs(found - expected).max() if found.shape == expected.shape else numpy.inf
    check(f"{what}: largest difference {difference:.1e}, at most {tolerance:.0e}", difference <= tolerance)


def done():
    sys.exit(failures > 0)


def tarn(program, *arguments):
    """Runs a program of the build folder; what it prints, or ends with what it says if it fails."""
    command = [os.path.join(os.environ["TARN_BUILD"], program), *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"exit status {result.returncode}: {' '.join(command)}\n{result.stdout}{result.stderr}")
    return result.stdout


def network(*arguments):
    return tarn("tests/exchange/network", *arguments)


def convert(*arguments):
    return tarn("examples/lab/convert", *arguments)


def digits(count):
    """The first digits of the sample, as PyTorch has them, and their classes; Tarn's are in images.f32, labels.i32."""
    network("digits", count, "images.f32", "labels.i32")
    images = numpy.fromfile("images.f32", numpy.float32).reshape(count, 28, 28, 1)
    labels = numpy.fromfile("labels.i32", numpy.int32)
    return torch.from_numpy(images.transpose(0, 3, 1, 2).copy()), torch.from_numpy(labels).long()


class Residual(nn.Module):
    def __init__(self, body, projection=None, relu=False):
        super().__init__()
        self.body = body
        if projection is not None:
            self.projection = projection
        self.relu = relu

    def forward(self, x):
        y = self.body(x) + (self.projection(x) if hasattr(self, "projection") else x)
        return torch.relu(y) if self.relu else y


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))  # fmt: skip


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25),
        nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))  # fmt: skip


def convolution(inputs, outputs, kernel, stride):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False), nn.BatchNorm2d(outputs))


def block(inputs, outputs, stride):
    body = nn.Sequential(convolution(inputs, outputs, 3, stride), nn.ReLU(), convolution(outputs, outputs, 3, 1))
    return Residual(body, None if stride == 1 else convolution(inputs, outputs, 1, stride), relu=True)


class GlobalAvgPool2d(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


def resnet():
    return nn.Sequential(
        convolution(1, 16, 3, 1), nn.ReLU(), block(16, 16, 1), block(16, 16, 1), block(16, 32, 2), block(32, 32, 1),
        block(32, 64, 2), block(64, 64, 1), GlobalAvgPool2d(), nn.Linear(64, 10))  # fmt: skip


def depthwise(inputs, outputs, stride):
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, stride=stride, padding=1, groups=inputs, bias=False), nn.BatchNorm2d(inputs),
        nn.ReLU(), nn.Conv2d(inputs, outputs, 1, bias=False), nn.GroupNorm(4, outputs), nn.ReLU())  # fmt: skip


def mobile():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU(), depthwise(8, 16, 2), depthwise(16, 24, 2),
        nn.ConvTranspose2d(24, 12, 3, stride=2, groups=3), nn.Flatten(), nn.LayerNorm(972),
        nn.Linear(972, 10))  # fmt: skip


networks = {"lenet": lenet, "cnn": cnn, "resnet": resnet, "mobile": mobile}
