#!/usr/bin/python3
"""Writes tests/golden/<op>.txt for operations on images: transposed and grouped convolution, adaptive
pooling, upsampling. Values and gradients are computed by PyTorch.

Run it from anywhere with PyTorch 2.13; it gives the same files each time.
"""
import torch
import torch.nn.functional as F

from common import INF, NAN, File, normal

torch.manual_seed(4)


def to_nchw(x):
    return x.permute(0, 3, 1, 2)


def to_nhwc(x):
    return x.permute(0, 2, 3, 1)


def set_numbers(**numbers):
    """Those that are not the default."""
    return {key: value for key, value in numbers.items()
            if value != (0 if "padding" in key else 1)}


def label_of(name, numbers):
    """With the beginnings of the numbers' names: that of a case has 63 characters at most."""
    return name + "".join(f"_{key[:3]}{value}" for key, value in numbers.items())


def conv_transpose2d():
    f = File("conv_transpose2d")

    def case(name, n, h, w, c, o, kernel, bias=True, stride=1, padding=0, output_padding=0,
             dilation=1, groups=1, constant=(), values=None):
        kh, kw = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        inputs = [normal(n, h, w, c) if values is None else values,
                  normal(kh, kw, o // groups, c)] + ([normal(o)] if bias else [])

        def function(x, weight, bias=None):
            weight = weight.permute(3, 2, 0, 1).contiguous()
            return to_nhwc(F.conv_transpose2d(to_nchw(x).contiguous(), weight, bias, stride,
                                              padding, output_padding, groups, dilation))

        numbers = set_numbers(stride=stride, padding=padding, output_padding=output_padding,
                              dilation=dilation, groups=groups)
        f.case(label_of(f"{name}_{n}x{h}x{w}x{c}_{kh}x{kw}_to_{o}", numbers), function, inputs,
               constant=constant, kink=values is not None, **numbers)

    case("plain", 2, 3, 4, 3, 2, 3)
    case("no_bias", 1, 4, 3, 2, 3, 3, bias=False)
    case("one_pixel", 2, 1, 1, 3, 2, 3)
    case("one_number", 1, 1, 1, 1, 1, 1)
    for stride in (1, 2, 3):
        for padding in (0, 1, 2):
            case("kernel3", 2, 3, 4, 2, 3, 3, stride=stride, padding=padding)
        case("kernel2", 1, 4, 3, 3, 2, 2, stride=stride)
        case("kernel1", 1, 3, 4, 3, 5, 1, stride=stride)
        case("kernel4", 1, 3, 3, 1, 2, 4, stride=stride, padding=1, bias=False)
    case("output", 1, 3, 4, 2, 2, 3, stride=2, output_padding=1)
    case("output", 2, 3, 2, 2, 3, 3, stride=2, padding=1, output_padding=1)
    case("output", 1, 3, 2, 2, 2, 2, stride=3, output_padding=2, bias=False)
    case("output", 1, 3, 2, 2, 2, 1, stride=3, output_padding=2)
    case("output_of_dilation", 1, 3, 4, 2, 2, 3, dilation=3, output_padding=2)
    case("output_of_dilation", 1, 4, 3, 2, 2, 2, dilation=3, stride=2, output_padding=2)
    case("output_of_dilation", 1, 4, 3, 1, 2, 3, dilation=4, stride=2, padding=2, output_padding=3)
    case("dilated", 1, 4, 3, 2, 3, 3, dilation=2)
    case("dilated", 2, 3, 3, 2, 2, 2, dilation=3, padding=1)
    case("dilated", 1, 3, 4, 2, 2, 3, dilation=2, stride=2, padding=2)
    case("dilated", 1, 3, 4, 2, 2, 3, dilation=2, stride=3, padding=1, output_padding=1)
    case("grouped", 2, 3, 3, 4, 6, 3, groups=2)
    case("grouped", 1, 3, 4, 6, 3, 3, groups=3, stride=2, padding=1, output_padding=1, bias=False)
    case("grouped", 1, 3, 3, 4, 4, 3, groups=2, dilation=2, stride=2, padding=1)
    case("depthwise", 2, 3, 4, 5, 5, 3, groups=5)
    case("depthwise", 1, 4, 3, 5, 5, 3, groups=5, stride=2, padding=1, output_padding=1)
    case("depthwise", 1, 3, 3, 17, 17, 2, groups=17, dilation=2, bias=False)
    case("depthwise_twice", 1, 3, 4, 3, 6, 3, groups=3, stride=2, padding=1)
    case("depthwise_half", 1, 3, 4, 6, 3, 3, groups=3, stride=2, padding=1)
    case("oblong", 1, 3, 4, 2, 3, (1, 3), padding=0, stride=2)
    case("oblong", 1, 4, 3, 3, 2, (3, 2), padding=1)
    case("padding_beyond_kernel", 1, 7, 8, 2, 2, 2, padding=3)
    case("padding_beyond_kernel", 1, 5, 5, 2, 2, 1, padding=1, stride=2)
    case("stride_beyond_kernel", 1, 2, 3, 2, 2, 2, stride=5, padding=1, output_padding=4)
    case("no_image", 0, 3, 4, 2, 3, 3, stride=2)
    case("no_image", 0, 3, 4, 2, 3, 3, bias=False)
    case("many_images", 11, 2, 2, 1, 2, 2, stride=2)
    case("only_weight", 1, 3, 3, 2, 2, 3, stride=2, constant=(0, 2))
    case("only_input", 1, 3, 3, 2, 2, 3, stride=2, constant=(1, 2))
    case("only_bias", 1, 3, 3, 2, 2, 3, stride=2, constant=(0, 1))
    for channels in (6, 16, 17, 33):
        case("wide", 1, 3, 3, channels, 2, 2, stride=2)
        case("wide", 1, 3, 3, 2, channels, 2, padding=1)
    case("winograd", 1, 4, 5, 16, 17, 3, padding=1)
    case("winograd", 1, 3, 4, 18, 16, 3, bias=False)
    special = normal(1, 4, 5, 2)
    special[0, 0, 0, 0], special[0, 3, 4, 1], special[0, 2, 2, 0] = NAN, INF, -INF
    case("special", 1, 4, 5, 2, 3, 2, stride=2, values=special)


def conv2d_grouped():
    """Groups, dilation, stride and padding together, with and without bias."""
    f = File("conv2d_grouped")

    def case(name, n, h, w, c, o, kernel, groups, bias, stride, padding, dilation):
        kh, kw = kernel
        inputs = [normal(n, h, w, c), normal(kh, kw, c // groups, o)] + ([normal(o)] if bias else [])

        def function(x, weight, bias=None):
            return to_nhwc(F.conv2d(to_nchw(x), weight.permute(3, 2, 0, 1), bias, stride, padding,
                                    dilation, groups))

        numbers = set_numbers(stride=stride, padding=padding, dilation=dilation, groups=groups)
        f.case(label_of(f"{name}_{n}x{h}x{w}x{c}_{kh}x{kw}_to_{o}", numbers), function, inputs,
               **numbers)

    kinds = (("depthwise", 3, 3, 3), ("depthwise_twice", 3, 6, 3), ("grouped", 4, 2, 2),
             ("grouped", 4, 4, 2))
    turn = 0
    for name, c, o, groups in kinds:
        for stride in (1, 2, 3):
            for dilation in (1, 2, 3):
                turn += 1
                kernel = ((2, 2), (3, 2), (3, 3), (1, 3))[turn % 4]
                h, w = ((7, 8), (8, 7), (7, 9))[turn % 3]
                case(name, 1, h, w, c, o, kernel, groups, turn % 2, stride,
                     (turn // 2 + dilation) % 3, dilation)
    case("depthwise_wide", 1, 5, 7, 17, 17, (3, 3), 17, 1, 2, 2, 2)
    case("depthwise_wide_twice", 2, 5, 6, 9, 18, (3, 3), 9, 1, 2, 1, 2)
    case("grouped_wide", 1, 5, 6, 34, 36, (3, 3), 2, 0, 2, 2, 2)


SIZES = (((3, 4), (3, 4)), ((6, 4), (3, 2)), ((7, 5), (3, 2)), ((5, 7), (1, 1)), ((3, 2), (6, 4)),
         ((3, 2), (7, 5)), ((1, 1), (3, 4)), ((5, 3), (4, 7)), ((2, 9), (5, 4)), ((4, 1), (1, 3)),
         ((1, 6), (6, 1)), ((5, 5), (3, 8)), ((2, 3), (13, 11)))


def resampling(name, function):
    """Golden values of function(x, size), for all of SIZES, shapes and values that are special."""
    f = File(name)

    def case(label, x, size, constant=(), kink=False, **numbers):
        f.case(label, lambda x: to_nhwc(function(to_nchw(x), size, **numbers)), [x],
               constant=constant, kink=kink, height=size[0], width=size[1], **numbers)

    special = normal(1, 4, 5, 2)
    special[0, 0, 0, 0], special[0, 3, 4, 1], special[0, 0, 4, 0] = NAN, INF, -INF
    for numbers in ({}, {"align_corners": 1}) if name == "upsample_bilinear2d" else ({},):
        end = "_aligned" if numbers else ""
        for turn, (before, after) in enumerate(SIZES):
            n, c = ((1, 2), (2, 1), (2, 3))[turn % 3]
            case("%dx%d_to_%dx%d" % (*before, *after) + end, normal(n, *before, c), after, **numbers)
        case("wide" + end, normal(1, 3, 2, 67), (2, 3), **numbers)
        case("no_image" + end, normal(0, 3, 2, 4), (2, 5), **numbers)
    # At these sizes no weight is 0, by which PyTorch would multiply.
    case("special_down", special, (2, 2), kink=True)
    case("special_up", special, (8, 10), kink=True)


conv_transpose2d()
conv2d_grouped()
resampling("adaptive_avg_pool2d", F.adaptive_avg_pool2d)
resampling("upsample_nearest2d", lambda x, size: F.interpolate(x, size, mode="nearest"))
resampling("upsample_bilinear2d", lambda x, size, align_corners=0: F.interpolate(
    x, size, mode="bilinear", align_corners=bool(align_corners)))


def smooth(name, mode, kinds):
    """What interpolates with more pixels, in fewer sizes."""
    f = File(name)
    for turn, (before, after) in enumerate((((5, 4), (3, 2)), ((3, 2), (5, 4)), ((7, 1), (2, 3)), ((4, 5), (4, 5)))):
        for label, numbers in kinds.items():
            c = turn % 2 + 1
            f.case("%dx%d_to_%dx%d" % (*before, *after) + label, lambda x: to_nhwc(F.interpolate(
                to_nchw(x), after, mode=mode, **{k: bool(v) for k, v in numbers.items()})),
                   [normal(1, *before, c)], height=after[0], width=after[1], **numbers)


smooth("upsample_bicubic2d", "bicubic", {"": {}, "_aligned": {"align_corners": 1}, "_antialias": {"antialias": 1}})
smooth("upsample_bilinear2d_antialias", "bilinear", {"": {"antialias": 1}})
