#!/usr/bin/env python3
"""Writes tests/golden/nn/*.txt: outputs and gradients of layers, computed by PyTorch in float64.

Run with /usr/bin/python3 tests/golden/nn.py (Debian's python3-torch, 1.13). The format is described
in tests/support/golden.h. Images go from PyTorch's NCHW to NHWC, convolution weights from OIHW to
HWIO, linear weights from (out, in) to (in, out).
"""
import pathlib

import torch
from torch import nn

FOLDER = pathlib.Path(__file__).parent / "nn"


class Nhwc(nn.Module):
    """Before a flatten: its order of elements is that of the images' layout."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1)


def ours(name, t):
    """A tensor of PyTorch's, in our layout."""
    if t.ndim == 4:
        return t.permute(2, 3, 1, 0) if name.endswith("weight") else t.permute(0, 2, 3, 1)
    return t.t() if name.endswith("weight") and t.ndim == 2 else t


def write_tensor(out, name, t):
    print("tensor", name, *t.shape, file=out)
    for value in t.detach().contiguous().view(-1).tolist():
        print("%.17g" % value, file=out)


def write_case(out, case, module, x, numbers={}, rename={}):
    module = module.double()
    x = x.double().requires_grad_()
    y = module(x)
    dy = torch.randn_like(y)
    y.backward(dy)
    print("case", case, file=out)
    for name, number in numbers.items():
        print("set", name, number, file=out)
    for name, t in [("x0", x), ("y", y), ("dy", dy)]:
        write_tensor(out, name, ours(name, t))
    write_tensor(out, "dx0", ours("x0", x.grad))
    for name, t in module.named_parameters():
        name = rename.get(name, name)
        write_tensor(out, name, ours(name, t))
        write_tensor(out, "d" + name, ours(name, t.grad))


def linear(out):
    write_case(out, "bias", nn.Linear(7, 4), torch.randn(5, 7))
    write_case(out, "no_bias", nn.Linear(3, 2, bias=False), torch.randn(4, 3), {"no_bias": 1})


def conv2d(out):
    def case(name, cin, cout, kernel, height, width, bias=True, **numbers):
        layer = nn.Conv2d(cin, cout, kernel, bias=bias, **numbers)
        given = dict(numbers, kernel=kernel, no_bias=int(not bias), **{"in": cin, "out": cout})
        write_case(out, name, layer, torch.randn(2, cin, height, width), given)

    case("plain", 3, 4, 3, 6, 5)
    case("no_bias", 2, 3, 2, 5, 4, bias=False)
    case("stride_padding", 2, 3, 3, 7, 6, stride=2, padding=1)
    case("dilation", 1, 2, 3, 7, 7, dilation=2)
    case("groups", 4, 6, 3, 5, 5, padding=1, groups=2)


def network(out):
    module = nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.MaxPool2d(2), Nhwc(), nn.Flatten(),
                           nn.Linear(36, 5))
    # Nhwc has no counterpart, so the modules behind it have one number less.
    write_case(out, "cnn", module, torch.randn(3, 2, 8, 8),
               rename={"5.weight": "4.weight", "5.bias": "4.bias"})


for make in [linear, conv2d, network]:
    torch.manual_seed(1)
    with open(FOLDER / (make.__name__ + ".txt"), "w") as file:
        make(file)
