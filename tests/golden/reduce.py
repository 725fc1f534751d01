#!/usr/bin/python3
"""Writes tests/golden/<op>.txt of variance, max, min, argmax and argmin, computed by PyTorch.

sum, mean and matmul are in ops.py. Run it from anywhere with PyTorch 2.13; it gives the
same files each time.
"""
import functools

import torch

from common import INF, NAN, File, distinct, normal, several_axes

torch.manual_seed(41)

SHAPES = ((7,), (3, 5), (2, 3, 5), (2, 1, 4, 3), (1, 1), (3, 70), (130, 2), (1,), (2,), ())


def var():
    f = File("var")

    def of_all(x, unbiased):  # torch.var() itself fails at the gradient of one element
        return torch.var(x.flatten(), 0, unbiased=unbiased)

    def both(label, function, x, kink=False, **numbers):
        for biased in (False, True):
            f.case(label + ("_biased" if biased else ""),
                   functools.partial(function, unbiased=not biased), [x], kink=kink,
                   biased=int(biased), **numbers)

    for shape in SHAPES:
        x = normal(*shape)
        both("all_" + "x".join(map(str, shape)), of_all, x, kink=x.numel() == 1)
    both("empty", of_all, normal(0, 3), kink=True)
    both("large_mean", of_all, 10000 + torch.round(torch.randn(5, 40) * 10) / 1024, kink=True)
    both("constant", of_all, torch.full((5,), 3.25))
    for special in ([1.0, NAN, 2.0], [1.0, INF], [-INF, -INF], [NAN]):
        both("special_" + "_".join(map(str, special)), of_all, torch.tensor(special), kink=True)
    several_axes(f, lambda x, dim, keepdim=False: torch.var(x, dim, unbiased=True, keepdim=keepdim))
    for axes in (0, 1):
        both(f"axis{axes}", lambda x, unbiased: torch.var(x, axes, unbiased=unbiased),
             normal(4, 3), axes=1, axis_0=axes)
    both("of_ones", lambda x, unbiased: torch.var(x, 1, unbiased=unbiased), normal(4, 1),
         kink=True, axes=1, axis_0=1)


def specials():
    """Matrices whose columns and rows hold equals, infinities and NaN."""
    yield "ties", torch.tensor([[1.0, 3.0, 3.0], [1.0, -2.0, 3.0], [0.0, -2.0, -2.0]])
    yield "zeros", torch.tensor([[0.0, -0.0], [-0.0, 0.0]])
    yield "nan", torch.tensor([[NAN, 1.0, NAN, 5.0], [2.0, NAN, NAN, 4.0], [INF, 3.0, 0.0, NAN]])
    yield "infinity", torch.tensor([[INF, -INF, 1.0], [INF, -INF, -INF], [0.0, -INF, INF]])


def extreme(name):
    """max or min, where the gradient goes to the first of equals, also over all elements."""
    f = File(name)

    def along(x, dim):
        return getattr(x, name)(dim).values

    def of_all(x):
        return along(x.flatten(), 0)

    for shape in SHAPES:
        label = "x".join(map(str, shape))
        f.case(f"all_{label}", of_all, [distinct(*shape)])
        for axis in range(-len(shape), len(shape)):
            f.case(f"axis{axis}_{label}", lambda x: along(x, axis), [distinct(*shape)], axis=axis)
    for label, x in specials():
        f.case(f"all_{label}", of_all, [x], kink=True)
        for axis in (0, 1):
            f.case(f"axis{axis}_{label}", lambda x: along(x, axis), [x], kink=True, axis=axis)
    f.case("empty", lambda x: along(x, 1), [normal(0, 3)], axis=1)
    f.case("empty_and_axis", lambda x: x.sum(0), [normal(0, 0)], axis=0)


def arg(name):
    f = File(name)

    def case(label, x, axis):
        f.case(label, lambda x: getattr(x, name)(axis).double(), [x], gradients=False, axis=axis)

    for shape in SHAPES[:-1]:
        for axis in range(-len(shape), len(shape)):
            case(f"axis{axis}_" + "x".join(map(str, shape)), normal(*shape), axis)
    for label, x in specials():
        for axis in (0, 1):
            case(f"axis{axis}_{label}", x, axis)
    case("empty", normal(0, 3), 1)


var()
extreme("max")
extreme("min")
arg("argmax")
arg("argmin")
