#!/usr/bin/python3
"""Writes the files of tests/golden/nn/ for layers on images, as nn.py does for the others.

A weight of ConvTranspose2d is (in, out/groups, KH, KW) in PyTorch and (KH, KW, out/groups, in) here:
the axes turn as those of a convolution's weight do.
"""
import torch
from torch import nn

from common import normal
from nn import write_case, write_files


def conv_transpose2d(out):
    def case(name, cin, cout, kernel, height, width, bias=True, **numbers):
        layer = nn.ConvTranspose2d(cin, cout, kernel, bias=bias, **numbers)
        given = dict(numbers, kernel=kernel, no_bias=int(not bias), **{"in": cin, "out": cout})
        write_case(out, name, layer, normal(2, cin, height, width), given)

    case("plain", 3, 4, 3, 4, 3)
    case("no_bias", 2, 3, 2, 3, 4, bias=False)
    case("stride_padding", 2, 3, 3, 4, 3, stride=2, padding=1)
    case("output_padding", 2, 3, 3, 3, 4, stride=2, padding=1, output_padding=1)
    case("dilation", 1, 2, 3, 3, 3, dilation=2)
    case("groups", 4, 6, 3, 3, 3, padding=1, groups=2)


def adaptive_avg_pool2d(out):
    for before, after in (((7, 5), (3, 2)), ((2, 3), (5, 4)), ((4, 6), (1, 1))):
        write_case(out, "%dx%d_to_%dx%d" % (*before, *after), nn.AdaptiveAvgPool2d(after),
                   normal(2, 3, *before), {"height": after[0], "width": after[1]})


def upsample2d(out):
    for scale in (1, 2, 3):
        write_case(out, "nearest%d" % scale, nn.Upsample(scale_factor=scale),
                   normal(2, 3, 3, 4), {"scale": scale})
        for aligned in (False, True) if scale < 3 else ():
            write_case(out, "bilinear%d" % scale + aligned * "_aligned",
                       nn.Upsample(scale_factor=scale, mode="bilinear", align_corners=aligned),
                       normal(2, 3, 3, 4),
                       {"scale": scale, "bilinear": 1, "align_corners": int(aligned)})


write_files([conv_transpose2d, adaptive_avg_pool2d, upsample2d])
