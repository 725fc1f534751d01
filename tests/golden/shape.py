#!/usr/bin/python3
"""Writes tests/golden/<op>.txt of the shape operations: permute, transpose, concat, stack, slice, pad,
gather_rows.

Run it from anywhere with PyTorch 2.13; it gives the same files each time.
"""
import itertools

import torch
import torch.nn.functional as F

from common import INF, NAN, File, normal

torch.manual_seed(4)
SPECIAL = torch.tensor([[NAN, INF, -INF], [0.0, -0.0, 1e30]])


def label(shape):
    return "x".join(map(str, shape)) or "scalar"


def permute():
    f = File("permute")

    def case(shape, axes, name="", x=None, **options):
        f.case(f"{label(shape)}_by_{label(axes)}{name}", lambda x: x.permute(axes),
               [normal(*shape) if x is None else x],
               **{f"axis{i}": a for i, a in enumerate(axes)}, **options)

    for axes in itertools.permutations(range(3)):
        case((2, 3, 4), axes)
    case((), ())
    case((7,), (0,))
    case((1,), (-1,))
    case((3, 5), (-1, 0))
    case((3, 5), (-1, -2))
    for shape in ((5, 4), (4, 4), (1, 6), (6, 1), (31, 33), (65, 3), (3, 65), (2, 67), (17, 40)):
        case(shape, (1, 0))
    for axes in ((0, 3, 1, 2), (0, 2, 3, 1), (2, 3, 1, 0), (3, 2, 0, 1), (1, 0, 3, 2), (2, 1, 0, 3),
                 (0, 2, 1, 3), (3, 0, 1, 2), (-1, -2, -3, -4)):
        case((2, 3, 5, 4), axes)
    case((2, 5, 7, 3), (0, 3, 1, 2))
    case((2, 37, 3, 3), (0, 2, 3, 1))
    case((2, 1, 3, 1, 2), (4, 1, 2, 3, 0))
    case((1, 1, 1), (2, 0, 1))
    case((2, 2, 2, 2, 2, 2), (5, 3, 1, 0, 2, 4))
    case((2, 1, 3, 1, 2, 1, 2, 3), (7, 5, 3, 1, 0, 2, 4, 6))
    case((2, 2, 2, 1, 2, 2, 2, 2), (6, 7, 0, 1, 2, 3, 4, 5))
    case((0, 3), (1, 0))
    case((3, 0, 2), (2, 0, 1))
    case((2, 3), (1, 0), "_special", SPECIAL, kink=True)


def transpose():
    f = File("transpose")
    for shape, a, b in (((3, 4), 0, 1), ((3, 4), -1, 0), ((3, 4), 1, 1), ((2, 3, 4), 0, 2),
                        ((2, 3, 4), 0, 1), ((2, 3, 4), -1, -2), ((2, 3, 4, 5), 1, 3), ((5,), 0, -1),
                        ((0, 4), 0, 1), ((40, 9), 0, 1), ((1, 2, 1, 3, 1, 2, 1, 3), 1, 7)):
        f.case(f"{label(shape)}_{a}_{b}", lambda x: x.transpose(a, b), [normal(*shape)], a=a, b=b)


def concat():
    f = File("concat")

    def case(axis, *shapes, name="", **options):
        f.case(f"axis{axis}_" + "_".join(map(label, shapes)) + name,
               lambda *x: torch.cat(x, axis), [normal(*s) for s in shapes], axis=axis, count=len(shapes), **options)

    case(0, (2, 3), (4, 3))
    for axis in range(-3, 3):
        case(axis, (2, 3, 4), (2, 3, 4))
    case(1, (2, 3, 4), (2, 1, 4), (2, 2, 4))
    case(-1, (3, 1), (3, 5), (3, 2), (3, 1), (3, 7))
    case(0, (5,))
    case(1, (2, 3))
    case(0, (1,), (1,))
    case(1, (2, 0), (2, 3))
    case(0, (0, 3), (2, 3), (0, 3))
    case(1, (2, 0), (2, 0))
    case(1, (0, 2), (0, 3))
    case(2, (2, 0, 3), (2, 0, 1))
    case(3, (1, 2, 1, 2, 1, 2, 1, 2), (1, 2, 1, 1, 1, 2, 1, 2))
    case(1, (2, 3), (2, 4), name="_left_constant", constant=(0,))
    case(0, (2, 3), (2, 3), name="_right_constant", constant=(1,))
    f.case("special", lambda *x: torch.cat(x, 1), [SPECIAL, normal(2, 1)], kink=True, axis=1, count=2)


def stack():
    f = File("stack")

    def case(axis, count, shape, **options):
        f.case(f"axis{axis}_{count}_of_{label(shape)}", lambda *x: torch.stack(x, axis),
               [normal(*shape) for _ in range(count)], axis=axis, count=count, **options)

    for axis in range(-3, 3):
        case(axis, 3, (2, 3))
    case(0, 2, ())
    case(-1, 5, ())
    case(0, 1, (4,))
    case(1, 1, (4,))
    case(1, 2, (0, 3))
    case(2, 2, (3, 0))
    case(4, 2, (1, 2, 1, 2, 1, 2, 1))
    case(-8, 2, (1, 2, 1, 2, 1, 2, 1))
    case(1, 2, (3, 2), constant=(1,))
    f.case("special", lambda *x: torch.stack(x, 1), [SPECIAL, normal(2, 3)], kink=True, axis=1, count=2)


def cut():
    f = File("slice")

    def case(shape, axis, begin, end, x=None, **options):
        size = shape[axis]
        positive = slice(begin + size if begin < 0 else begin, end + size if end < 0 else end)
        index = [slice(None)] * len(shape)
        index[axis] = positive
        f.case(f"{label(shape)}_axis{axis}_{begin}_to_{end}", lambda x: x[tuple(index)],
               [normal(*shape) if x is None else x], axis=axis, begin=begin, end=end, **options)

    case((5, 3), 0, 1, 4)
    for axis in range(-3, 3):
        case((3, 4, 5), axis, 1, 3)
        case((3, 4, 5), axis, -2, -1)
        case((3, 4, 5), axis, 1, 1)
        case((3, 4, 5), axis, 0, (3, 4, 5)[axis])
    case((7,), 0, 0, 3)
    case((7,), 0, 7, 7)
    case((7,), -1, -7, 6)
    case((1, 3), 0, 0, 1)
    case((0, 3), 0, 0, 0)
    case((0, 3), 1, 1, 2)
    case((3, 0), 0, 1, 3)
    case((3, 0), 1, 0, 0)
    case((1, 2, 1, 3, 1, 2, 1, 3), 3, 1, 3)
    case((1, 2, 1, 3, 1, 2, 1, 3), 7, -1, 3)
    case((2, 3), 0, 0, 1, x=SPECIAL, kink=True)
    case((2, 3), 1, 1, 3, x=SPECIAL, kink=True)


def pad():
    f = File("pad")

    def empty(x, pairs, value):
        """Which F.pad() refuses."""
        shape = [n + pairs[-2 * i - 2] + pairs[-2 * i - 1] for i, n in enumerate(x.shape)]
        return torch.full(shape, value) + x.sum()

    def case(shape, before, after, value=0.0, name="", x=None, **options):
        """F.pad() takes pairs from the last axis to the first."""
        pairs = [n for i in reversed(range(len(shape))) for n in (before[i], after[i])]
        numbers = {f"{end}{i}": n for end, counts in (("before", before), ("after", after))
                   for i, n in enumerate(counts) if n}
        f.case(f"{label(shape)}_by_{label(before)}_{label(after)}{name}",
               lambda x: F.pad(x, pairs, value=value) if x.numel() else empty(x, pairs, value),
               [normal(*shape) if x is None else x],
               **numbers, **({"value": value} if value else {}), **options)

    case((2, 3), (1, 2), (2, 1))
    case((2, 3), (1, 2), (2, 1), 7.5, "_value")
    case((2, 3), (1, 0), (0, 1), -INF, "_infinity", kink=True)
    case((2, 3), (1, 0), (0, 1), NAN, "_nan", kink=True)
    case((5,), (3,), (0,))
    case((5,), (0,), (4,))
    case((5,), (0,), (0,), 3.0)
    case((2, 3, 4, 2), (0, 1, 1, 0), (0, 1, 1, 0))
    case((2, 3, 4, 2), (0, 2, 0, 0), (0, 0, 1, 0), 1.0)
    case((2, 3, 4), (1, 0, 0), (1, 0, 0))
    case((2, 3, 4), (0, 0, 1), (0, 0, 2))
    case((2, 3, 4), (1, 2, 3), (3, 2, 1))
    case((1, 1), (1, 1), (1, 1))
    case((0, 3), (1, 0), (1, 0), 2.0)
    case((0, 3), (0, 1), (0, 1))
    case((2, 0), (0, 1), (0, 2), 2.0)
    case((2, 0), (1, 0), (0, 0))
    case((1, 2, 1, 2, 1, 2, 1, 2), (0, 1, 0, 0, 1, 0, 0, 1), (1, 0, 0, 0, 1, 0, 0, 0))
    case((2, 3), (1, 1), (0, 0), name="_special", x=SPECIAL, kink=True)


def gather_rows():
    f = File("gather_rows")

    def case(shape, ids, name="", x=None, **options):
        f.case(f"{label(shape)}_{len(ids)}{name}", lambda x: x[torch.tensor(ids, dtype=torch.long)],
               [normal(*shape) if x is None else x], count=len(ids),
               **{f"id{i}": n for i, n in enumerate(ids)}, **options)

    case((5, 3), [4, 0, 2])
    case((5, 3), [1, 1, 3, 1, 1, 3, 0], "_repeated")
    case((4,), [3, 2, 1, 0, 0])
    case((3, 2, 2), [2, 0, 2])
    case((1, 1), [0] * 13)
    case((5, 3), [])
    case((0, 3), [])
    case((3, 0), [1, 1])
    case((2, 1, 2, 1, 2, 1, 2, 1), [1, 0, 1])
    case((2, 3), [0, 1, 0], "_special", SPECIAL, kink=True)


permute()
transpose()
concat()
stack()
cut()
pad()
gather_rows()
