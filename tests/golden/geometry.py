#!/usr/bin/env python3
"""Writes tests/golden/<op>.txt for what convolutions and pools of unequal sides, and images of other
sizes, are made of. Made with PyTorch 2.13."""
import torch
import torch.nn.functional as F

from common import INF, NAN, File, distinct, normal

torch.manual_seed(17)


def to_nchw(x):
    return x.permute(0, 3, 1, 2)


def to_nhwc(y):
    return y.permute(0, 2, 3, 1)


def sides(**pairs):
    """The numbers of a case: stride=(2, 3) is stride 2, stride_w 3."""
    numbers = {}
    for name, (height, width) in pairs.items():
        numbers[name] = height
        numbers[f"{name}_w"] = width
    return numbers


def conv2d():
    f = File("conv2d_geometry")

    def case(label, x, weight, groups=1, bias=True, same=False, stride=(1, 1), padding=(0, 0),
             dilation=(1, 1)):
        inputs = [normal(*x), normal(weight[0], weight[1], x[3] // groups, weight[2])]
        inputs += [normal(weight[2])] if bias else []

        def run(x, weight, bias=None):
            return to_nhwc(F.conv2d(to_nchw(x), weight.permute(3, 2, 0, 1), bias, stride,
                                    "same" if same else padding, dilation, groups))

        f.case(label, run, inputs, groups=groups, same=int(same),
               **sides(stride=stride, padding=padding, dilation=dilation))

    case("stride", (1, 7, 9, 2), (3, 3, 3), stride=(2, 3))
    case("padding", (2, 4, 5, 2), (3, 5, 2), padding=(1, 2))
    case("padding_of_height", (1, 4, 5, 2), (5, 1, 2), padding=(2, 0))
    case("dilation", (1, 7, 8, 2), (3, 2, 2), dilation=(2, 3), bias=False)
    case("all", (1, 8, 9, 2), (2, 3, 3), stride=(3, 2), padding=(1, 3), dilation=(3, 2))
    case("grouped", (1, 6, 7, 4), (3, 2, 6), groups=2, stride=(1, 2), padding=(2, 1))
    case("depthwise", (1, 5, 7, 3), (3, 3, 3), groups=3, stride=(2, 1), padding=(1, 0))
    case("wide", (1, 3, 4, 16), (3, 3, 17), padding=(0, 1), bias=False)
    case("one_row", (1, 1, 9, 2), (1, 4, 3), stride=(1, 2), padding=(0, 1))
    case("same", (1, 4, 5, 2), (3, 3, 2), same=True)
    case("same_even", (1, 4, 5, 2), (2, 4, 3), same=True)
    case("same_even_dilated", (1, 5, 6, 2), (2, 3, 2), same=True, dilation=(3, 2))
    case("same_beyond_image", (1, 2, 1, 2), (4, 6, 2), same=True)
    case("same_depthwise", (1, 4, 3, 3), (2, 2, 3), same=True, groups=3)
    case("same_winograd", (1, 3, 4, 16), (3, 3, 16), same=True)


def conv_transpose2d():
    f = File("conv_transpose2d_geometry")

    def case(label, x, weight, groups=1, stride=(1, 1), padding=(0, 0), dilation=(1, 1),
             output_padding=(0, 0)):
        inputs = [normal(*x), normal(weight[0], weight[1], weight[2] // groups, x[3]),
                  normal(weight[2])]

        def run(x, weight, bias):
            return to_nhwc(F.conv_transpose2d(to_nchw(x).contiguous(),
                                              weight.permute(3, 2, 0, 1).contiguous(), bias, stride,
                                              padding, output_padding, groups, dilation))

        f.case(label, run, inputs, groups=groups,
               **sides(stride=stride, padding=padding, dilation=dilation,
                       output_padding=output_padding))

    case("stride", (1, 3, 2, 2), (3, 2, 3), stride=(2, 3))
    case("output_padding", (1, 2, 3, 2), (2, 3, 2), stride=(2, 3), output_padding=(1, 2))
    case("all", (1, 3, 4, 2), (3, 3, 2), stride=(3, 1), padding=(2, 1), dilation=(1, 2),
         output_padding=(0, 1))
    case("grouped", (1, 3, 3, 4), (1, 3, 2), groups=2, stride=(1, 2), padding=(0, 1))


def max_pool2d():
    f = File("max_pool2d_geometry")

    def case(label, x, kernel, stride, padding=(0, 0), dilation=(1, 1), ceil_mode=False, kink=False):
        def run(x):
            return to_nhwc(F.max_pool2d(to_nchw(x), kernel, stride, padding, dilation, ceil_mode))

        f.case(label, run, [x], kink=kink, ceil_mode=int(ceil_mode),
               **sides(kernel=kernel, stride=stride, padding=padding, dilation=dilation))

    case("kernel", distinct(2, 5, 6, 2), (2, 3), (2, 3))
    case("stride", distinct(1, 5, 7, 3), (3, 2), (1, 3))
    case("padding", distinct(1, 4, 6, 2), (3, 4), (2, 1), padding=(1, 2))
    case("dilation", distinct(1, 7, 8, 2), (3, 2), (1, 2), dilation=(2, 3))
    case("dilation_padded", distinct(1, 6, 6, 2), (3, 2), (2, 1), padding=(1, 1), dilation=(2, 2))
    case("ceil", distinct(2, 6, 5, 2), (3, 2), (2, 2), ceil_mode=True)
    case("ceil_padded", distinct(1, 5, 6, 2), (3, 2), (2, 3), padding=(1, 1), ceil_mode=True)
    case("ceil_left_out", distinct(1, 4, 4, 1), (2, 2), (3, 3), padding=(1, 1), ceil_mode=True)
    case("ceil_beyond_image", distinct(1, 2, 5, 2), (3, 3), (2, 2), ceil_mode=True)
    case("ceil_dilated", distinct(1, 7, 6, 2), (2, 3), (3, 2), dilation=(2, 2), ceil_mode=True)
    special = normal(1, 4, 5, 2)
    special[0, 1, 2, 0], special[0, 2, 1, 1], special[0, 3, 4, 0] = NAN, INF, -INF
    case("special", special, (2, 3), (1, 2), padding=(1, 0), ceil_mode=True, kink=True)


def avg_pool2d():
    f = File("avg_pool2d_geometry")

    def case(label, x, kernel, stride, padding=(0, 0), ceil_mode=False, count=True):
        def run(x):
            return to_nhwc(F.avg_pool2d(to_nchw(x), kernel, stride, padding, ceil_mode, count))

        f.case(label, run, [normal(*x)], ceil_mode=int(ceil_mode), count_include_pad=int(count),
               **sides(kernel=kernel, stride=stride, padding=padding))

    case("kernel", (2, 5, 6, 2), (2, 3), (2, 3))
    case("padding", (1, 4, 6, 2), (3, 4), (2, 1), padding=(1, 2))
    case("not_counted", (1, 4, 6, 2), (3, 4), (2, 1), padding=(1, 2), count=False)
    case("ceil", (2, 6, 5, 2), (3, 2), (2, 2), ceil_mode=True)
    case("ceil_padded", (1, 5, 6, 2), (3, 2), (3, 3), padding=(1, 1), ceil_mode=True)
    case("ceil_not_counted", (1, 6, 5, 2), (3, 4), (2, 3), padding=(1, 2), ceil_mode=True,
         count=False)
    case("ceil_left_out", (1, 4, 4, 1), (2, 2), (3, 3), padding=(1, 1), ceil_mode=True)
    case("ceil_beyond_image", (1, 2, 5, 2), (3, 3), (2, 2), ceil_mode=True)


def adaptive_max_pool2d():
    f = File("adaptive_max_pool2d")
    for x, size in (((2, 5, 7, 3), (2, 3)), ((1, 4, 6, 2), (2, 3)), ((1, 3, 2, 2), (5, 4)),
                    ((2, 3, 4, 2), (1, 1)), ((1, 1, 1, 3), (2, 1)), ((0, 3, 3, 2), (2, 2))):
        label = "x".join(map(str, x)) + "_to_" + "x".join(map(str, size))
        f.case(label, lambda x: to_nhwc(F.adaptive_max_pool2d(to_nchw(x), size)), [distinct(*x)],
               height=size[0], width=size[1])


def pad_modes():
    f = File("pad_modes")
    for mode, name in enumerate(("reflect", "replicate", "circular"), 1):
        for x, before, after in (((2, 4, 5, 2), (1, 2), (2, 1)), ((1, 3, 2, 3), (2, 1), (2, 1)),
                                 ((1, 5, 3, 1), (0, 2), (1, 0)), ((1, 3, 1, 2), (2, 0), (0, 0)),
                                 ((0, 3, 3, 2), (1, 2), (1, 1))):
            def run(x):
                pads = before[1], after[1], before[0], after[0]
                return to_nhwc(F.pad(to_nchw(x), pads, name))

            label = f"{name}_" + "x".join(map(str, x)) + "_by" + "_".join(map(str, before + after))
            f.case(label, run, [normal(*x)], mode=mode, before1=before[0], before2=before[1],
                   after1=after[0], after2=after[1])
    for x, before, after in (((2, 2, 1, 1), (5, 7), (3, 9)),):
        f.case("replicate_far", lambda x: to_nhwc(F.pad(
            to_nchw(x), (before[1], after[1], before[0], after[0]), "replicate")), [normal(*x)],
            mode=2, before1=before[0], before2=before[1], after1=after[0], after2=after[1])
    special = normal(1, 3, 3, 1)
    special[0, 1, 1, 0], special[0, 0, 2, 0] = NAN, INF
    f.case("special", lambda x: to_nhwc(F.pad(to_nchw(x), (2, 2, 2, 2), "reflect")), [special],
           kink=True, mode=1, before1=2, before2=2, after1=2, after2=2)


def pixel_shuffle():
    f = File("pixel_shuffle")
    for x, factor in (((2, 3, 2, 8), 2), ((1, 2, 3, 9), 3), ((1, 1, 1, 4), 2), ((2, 2, 3, 2), 1)):
        label = "x".join(map(str, x)) + f"_{factor}"
        f.case(label, lambda x: to_nhwc(F.pixel_shuffle(to_nchw(x), factor)), [normal(*x)],
               factor=factor)
        y = x[0], x[1] * factor, x[2] * factor, x[3] // factor**2
        f.case(label + "_back", lambda x: to_nhwc(F.pixel_unshuffle(to_nchw(x), factor)),
               [normal(*y)], factor=factor, unshuffle=1)


conv2d()
conv_transpose2d()
max_pool2d()
avg_pool2d()
adaptive_max_pool2d()
pad_modes()
pixel_shuffle()
