#!/usr/bin/python3
"""Writes tests/golden/<loss>.txt: values and gradients of losses, computed by PyTorch.

Run it from anywhere with PyTorch 2.13; it gives the same files each time.
"""
import itertools

import torch
import torch.nn.functional as F

from common import INF, NAN, File, away_from_zero, exact, normal, positive

torch.manual_seed(4)
REDUCTIONS = ("mean", "sum", "none")

LARGE = [[1e4, -1e4, 0.0], [1e4, 1e4, 9999.0], [-1e4, -1e4, -9998.0], [0.0, 700.0, -800.0]]
EXTREME = [[1e30, -1e30, 0.0], [88.0, -88.0, 0.0], [1e30, 1e30, 88.0], [-1e30, -88.0, -1e30]]
INFINITE = [[0.0, -INF, 1.0], [-INF, 2.0, -INF]]
WEIGHTS = [0.5, 2.0, 0.0, 1.25, 3.0, 0.25, 1.0, 0.75, 4.0, 0.125]


def of_labels(name, function, prepare):
    """function(x, labels, smoothing or 0, **what PyTorch's losses with labels take)."""
    f = File(name)

    def case(label, x, labels, reduction="mean", smoothing=0.0, weights=None, ignore=-100,
             kink=False):
        weights = None if weights is None else torch.tensor(weights[:x.shape[1]])

        def run(x):
            return function(x, torch.tensor(labels, dtype=torch.long), smoothing, weight=weights,
                            ignore_index=ignore, reduction=reduction)

        numbers = {f"label{i}": label for i, label in enumerate(labels)}
        if smoothing:
            numbers["smoothing"] = smoothing
        if ignore != -100:
            numbers["ignore"] = ignore
        f.case("_".join([label, reduction] + ["weighted"] * (weights is not None) +
                        [f"smoothed{smoothing}"] * (smoothing > 0)),
               run, [x], kink=kink, reduction=REDUCTIONS.index(reduction), **numbers)
        if weights is not None:
            f.tensor("weights", weights)

    smoothings = (0.0, 0.125, 1.0) if name == "cross_entropy" else (0.0,)
    for reduction, smoothing, weights in itertools.product(REDUCTIONS, smoothings, (None, WEIGHTS)):
        options = (reduction, smoothing, weights)
        case("five", prepare(normal(4, 5)), [0, 4, 2, 2], *options)
        case("some_ignored", prepare(normal(5, 4)), [-100, 3, 1, -100, 2], *options)
        case("seven_ignored", prepare(normal(4, 4)), [1, 7, 7, 0], *options, ignore=7)
        case("one_ignored", prepare(normal(4, 4)), [1, 0, 3, 1], *options, ignore=1)
        case("minus_one_ignored", prepare(normal(2, 3)), [-1, 0], *options, ignore=-1)
        case("all_ignored", prepare(normal(2, 3)), [-100, -100], *options, kink=True)
        case("no_rows", prepare(normal(0, 3)), [], *options, kink=True)
        case("large", prepare(torch.tensor(LARGE)), [1, 0, 2, 1], *options, kink=True)
        case("extreme", prepare(torch.tensor(EXTREME)), [1, 1, 0, 2], *options, kink=True)
        case("extreme_right", prepare(torch.tensor(EXTREME)), [0, 0, 1, 1], *options, kink=True)
        case("weightless", prepare(normal(2, 4)), [2, 2], *options, kink=True)
    for reduction in REDUCTIONS:
        case("infinite", prepare(torch.tensor(INFINITE)), [2, 1], reduction, kink=True)
    case("at_infinity", prepare(torch.tensor(INFINITE)), [1, 1], "none", weights=[1.0, 2.0, 1.0],
         kink=True)
    case("weightless_infinity", prepare(torch.tensor(INFINITE)), [1, 1], "none",
         weights=[1.0, 0.0, 1.0], kink=True)
    case("plus_infinite", prepare(torch.tensor([[INF, 1.0], [INF, INF], [INF, -INF]])), [0, 1, 1],
         "none", kink=True)
    case("one_row", prepare(normal(1, 10)), [9])
    case("one_class", prepare(normal(3, 1)), [0, 0, 0])
    case("ten", prepare(normal(8, 10)), [3, 1, 4, 1, 5, 9, 2, 6])
    case("ten", prepare(normal(8, 10)), [3, 1, 4, 1, -100, 9, 2, 6], weights=WEIGHTS)
    case("nan", prepare(torch.tensor([[0.0, NAN], [1.0, 2.0]])), [0, 1], "none", kink=True)


def cross_entropy(x, labels, smoothing, **options):
    return F.cross_entropy(x, labels, label_smoothing=smoothing, **options)


def nll(x, labels, _, **options):
    return F.nll_loss(x, labels, **options)


def of_pairs(name, function, draw, special, **numbers):
    """draw(shape) gives both inputs; special is a list of pairs."""
    f = File(name)

    def case(label, inputs, reduction="mean", **options):
        f.case(f"{label}_{reduction}", lambda a, b: function(a, b, reduction=reduction), inputs,
               reduction=REDUCTIONS.index(reduction), **numbers, **options)

    for reduction in REDUCTIONS:
        for shape in ((3, 5), (1,), (), (2, 3, 4), (7, 1), (1, 2, 1, 2, 1, 3, 1, 2)):
            case("x" + "x".join(map(str, shape)), draw(shape), reduction)
        case("empty", draw((0, 3)), reduction, kink=True)
        case("left_constant", draw((3,)), reduction, constant=(0,))
        case("right_constant", draw((3,)), reduction, constant=(1,))
    if name == "mse":  # a loop that all share
        draw((5, 206)), normal()  # so that what follows stays
        case("several_chunks", draw((5, 206)), "none")
    else:
        draw((5, 206)), normal()  # so that what follows stays
    a, b = zip(*special)
    case("special", [torch.tensor(a), torch.tensor(b)], "none", kink=True)
    return f


def apart(shape):
    """Neither equal nor about 1 apart."""
    a, gap = normal(*shape), away_from_zero(*shape)
    return [a, a + torch.where((gap.abs() - 1).abs() < 1 / 16, gap * 1.25, gap)]


def logits_and_targets(shape):
    return [normal(*shape), exact(0.125 + 0.75 * torch.rand(shape))]


PAIRS = [(NAN, 1.0), (INF, 0.0), (-INF, 0.0), (INF, INF), (1.0, NAN), (1.0, 1.0), (1e18, -1e18),
         (-1e18, 1.0), (0.0, -0.0), (1e-18, 0.0), (88.0, -88.0)]
# Without an infinite logit where PyTorch gives NaN and Tarn the limit.
LOGITS = [(INF, 0.0), (NAN, 0.0), (0.0, NAN), (NAN, 0.5), (1e30, 0.0), (1e30, 1.0), (1e30, 0.5),
          (-1e30, 0.0), (-1e30, 1.0), (-1e30, 0.25), (88.0, 1.0), (88.0, 0.0), (-88.0, 0.0),
          (-88.0, 1.0), (0.0, 0.0), (0.0, 1.0), (-0.0, 0.5), (20.0, 1.0), (-20.0, 0.0),
          (INF, 0.5)]


def kl_div():
    f = File("kl_div")

    def case(label, log_q, p, reduction="mean", **options):
        def run(log_q, p):
            if reduction == "none":
                return F.kl_div(log_q, p, reduction="none").sum(-1)
            return F.kl_div(log_q, p, reduction="batchmean" if reduction == "mean" else "sum")

        f.case(f"{label}_{reduction}", run, [log_q, p], reduction=REDUCTIONS.index(reduction),
               **options)

    for reduction in REDUCTIONS:
        for shape in ((3, 5), (1, 1), (7, 2), (2, 17)):
            case("x".join(map(str, shape)), normal(*shape), positive(*shape) / 4, reduction)
        case("distributions", torch.log_softmax(normal(4, 3), -1), torch.softmax(normal(4, 3), -1),
             reduction)
        case("no_rows", normal(0, 3), normal(0, 3), reduction, kink=True)
        case("log_q_constant", normal(2, 3), positive(2, 3), reduction, constant=(0,))
        case("p_constant", normal(2, 3), positive(2, 3), reduction, constant=(1,))
        # The gradient for p is not defined at 0 in PyTorch.
        case("zeros", torch.tensor([[-1.0, 0.0, -1e30], [-2.0, -3.0, -88.0]]),
             torch.tensor([[0.5, 0.0, 0.0], [1.0, 0.0, 0.0]]), reduction, kink=True, constant=(1,))
    case("no_classes", normal(3, 0), normal(3, 0), "none")
    case("extreme", torch.tensor([[-1e30, -88.0], [-1e-30, -1e30], [88.0, 1e30]]),
         torch.tensor([[0.5, 0.5], [1.0, 1e-30], [1e-37, 1.0]]), "none", kink=True)
    case("special", torch.tensor([[-INF, 0.0], [NAN, 0.0], [0.0, -1.0]]),
         torch.tensor([[0.5, 0.5], [0.5, 0.5], [NAN, 1.0]]), "none", kink=True)


def cross_entropy_soft():
    """PyTorch's cross_entropy with probabilities, which has their gradient too."""
    f = File("cross_entropy_soft")

    def case(label, logits, p, reduction="mean", **options):
        f.case(f"{label}_{reduction}", lambda z, q: F.cross_entropy(z, q, reduction=reduction),
               [logits, p], reduction=REDUCTIONS.index(reduction), **options)

    for reduction in REDUCTIONS:
        for shape in ((3, 5), (1, 1), (7, 2), (2, 17)):
            case("x".join(map(str, shape)), normal(*shape), positive(*shape) / 4, reduction)
        case("distributions", normal(4, 3), torch.softmax(normal(4, 3), -1), reduction)
        case("no_rows", normal(0, 3), normal(0, 3), reduction, kink=True)
        case("logits_constant", normal(2, 3), positive(2, 3), reduction, constant=(0,))
        case("p_constant", normal(2, 3), positive(2, 3), reduction, constant=(1,))
    case("large", torch.tensor(LARGE), torch.tensor([[0.5, 0.5, 0.0]] * 4), "none", kink=True)
    case("nan", torch.tensor([[0.0, NAN], [1.0, 2.0]]), torch.tensor([[0.5, 0.5], [NAN, 1.0]]), "none",
         kink=True)


of_labels("cross_entropy", cross_entropy, lambda x: x)
of_labels("nll", nll, lambda x: torch.log_softmax(x, -1))
of_pairs("mse", F.mse_loss, apart, PAIRS)
of_pairs("l1", F.l1_loss, apart, PAIRS)
huber = of_pairs("huber", F.huber_loss, apart, PAIRS)
for delta in (0.3, 2.7):  # not multiples of 1/8, as all differences are
    huber.case(f"delta{delta}", lambda a, b: F.huber_loss(a, b, delta=delta), apart((4, 5)),
               delta=delta)
huber.case("extreme_delta", lambda a, b: F.huber_loss(a, b, reduction="none", delta=1e10),
           [torch.tensor([1e18, 1.0, -1e18, NAN]), torch.zeros(4)], kink=True, delta=1e10,
           reduction=2)
of_pairs("binary_cross_entropy", F.binary_cross_entropy_with_logits, logits_and_targets, LOGITS)
kl_div()
cross_entropy_soft()
