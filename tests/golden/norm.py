#!/usr/bin/python3
"""Writes tests/golden/layer_norm.txt and group_norm.txt, computed by PyTorch in float64.

Run it from anywhere with PyTorch 2.13; it gives the same files each time.
"""
import torch
import torch.nn.functional as F

from common import INF, NAN, File, away_from_zero, normal

torch.manual_seed(5)


def label(shape):
    return "x".join(map(str, shape))


def layer_norm():
    f = File("layer_norm")

    def case(name, x, last=None, kink=False, constant=(), **numbers):
        last = tuple(x.shape[-1:] if last is None else last)

        def run(x, gamma, beta):
            return F.layer_norm(x, last, gamma, beta, numbers.get("eps", 1e-5))

        f.case(name, run, [x, away_from_zero(*last), normal(*last)], kink, constant, **numbers)

    for shape in ((3, 5), (7,), (2, 3, 4), (4, 2), (1, 33), (5, 16), (2, 1, 2, 3), (2, 70), (0, 5)):
        case(label(shape), normal(*shape))
    for shape, last in (((2, 3, 4), 2), ((2, 3, 4), 3), ((3, 2, 3, 5), 3),
                        ((1, 2, 1, 2, 1, 2, 1, 3), 4), ((0, 2, 3), 2)):
        case(f"{label(shape)}_last{last}", normal(*shape), shape[-last:])
    case("one_column", normal(4, 1), eps=0.25)
    case("one_value", normal(1), eps=0.25)
    case("many_columns", normal(1, 1100))
    case("many_rows", normal(70, 3))
    case("eps", normal(4, 3), eps=0.5)
    case("alike", torch.full((2, 4), 3.0), eps=0.25)
    case("alike_default", torch.full((2, 4), 3.0), kink=True)
    case("large_mean", normal(6, 37) + 4096, kink=True)
    case("large", normal(3, 5) * 1e15, kink=True)
    case("small", normal(3, 4) * 2.0**-40, kink=True)
    case("special", torch.tensor([[1.0, NAN, 2.0], [3.0, 1.0, -1.0], [INF, 0.0, 1.0],
                                  [0.0, -INF, 1.0]]), kink=True)
    case("only_x", normal(3, 4), constant=(1, 2))
    case("only_gamma", normal(3, 4), constant=(0, 2))
    case("only_beta", normal(3, 4), constant=(0, 1))


def group_norm():
    f = File("group_norm")

    def case(name, x, groups, kink=False, constant=(), exactly=False, **numbers):
        channels = x.shape[-1]

        def run(x, gamma, beta):
            y = F.group_norm(x.movedim(-1, 1), groups, gamma, beta, numbers.get("eps", 1e-5))
            return y.movedim(1, -1)

        def run_exactly(x, gamma, beta):
            """PyTorch's group_norm loses digits where the mean is large, 7e-10 in double, and 2.13
            crashes where x needs no gradient."""
            sets = x.reshape(x.shape[0], -1, groups, channels // groups)
            d = sets - sets.mean((1, 3), keepdim=True)
            variance = d.square().mean((1, 3), keepdim=True)
            return (d / (variance + 1e-5).sqrt()).reshape(x.shape) * gamma + beta

        f.case(name, run_exactly if exactly or 0 in constant else run,
               [x, away_from_zero(channels), normal(channels)], kink, constant, groups=groups,
               **numbers)

    for shape, groups in (((2, 3, 4, 6), (1, 2, 3, 6)), ((3, 4), (1, 2)), ((2, 5, 3), (1, 3)),
                          ((2, 3, 3, 1), (1,)), ((1, 4, 4, 8), (4, 8)), ((3, 2, 1, 2, 2, 4), (2,)),
                          ((17, 1, 1, 2), (1,)), ((0, 3, 3, 4), (2,))):
        for g in groups:
            case(f"{label(shape)}_groups{g}", normal(*shape), g)
    case("many_pixels", normal(1, 9, 13, 6), 3)
    case("many_channels", normal(2, 1, 3, 70), 14)
    case("one_value", normal(2, 3), 3, eps=0.25)
    case("eps", normal(2, 3, 3, 4), 2, eps=0.5)
    case("alike", torch.full((2, 2, 2, 4), 3.0), 2, eps=0.25)
    case("apart", normal(2, 4, 9, 4) + torch.tensor([0.0, 64.0, -1024.0, 1024.0]), 2, kink=True)
    case("large_mean", normal(2, 5, 6, 4) + 4096, 2, kink=True, exactly=True)
    case("large", normal(2, 2, 2, 4) * 1e15, 2, kink=True)
    special = normal(3, 2, 2, 4)
    special[0, 1, 0, 0] = NAN
    special[1, 0, 1, 3] = INF
    case("special", special, 2, kink=True)
    case("only_x", normal(3, 2, 2, 4), 2, constant=(1, 2))
    case("only_gamma", normal(3, 2, 2, 4), 2, constant=(0, 2))
    case("only_beta", normal(3, 2, 2, 4), 2, constant=(0, 1))


layer_norm()
group_norm()
