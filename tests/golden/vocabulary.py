#!/usr/bin/python3
"""Writes tests/golden/<op>.txt of operations that came later, with few and small cases: values and
gradients computed by PyTorch.

Run it from anywhere with PyTorch 2.13; it gives the same files each time.
"""
import functools

import torch
import torch.nn.functional as F

from common import INF, NAN, File, away_from_zero, axes_of, distinct, exact, normal, positive

torch.manual_seed(17)
REDUCTIONS = ("mean", "sum", "none")
SPECIAL = [NAN, INF, -INF, 0.0, 1.0, -1.0, 2.0**-10, -2.0**-10, 2.0**60, -2.0**60, 2.0**-60]


def unary(name, function, values=normal, special=SPECIAL, cases=({},)):
    """Cases: each a dictionary of numbers, as Tarn names them."""
    f = File(name)
    for numbers in cases:
        def run(x):
            return function(x, **numbers)

        for case, shape in {"matrix": (3, 5), "scalar": (), "empty": (0, 4)}.items():
            f.case(case, run, [values(*shape)], **numbers)
        f.case("special", run, [torch.tensor(special)], kink=True, **numbers)


def binary(name, function, values, second, special):
    f = File(name)
    for case, (a, b) in {"same": ((2, 3, 2), (2, 3, 2)), "scalar_right": ((3, 2), ()),
                         "row": ((3, 4), (4,)), "row_left": ((4,), (3, 4)),
                         "outer": ((3, 1), (1, 2)), "empty": ((0, 3), (3,))}.items():
        f.case(case, function, [values(*a), second(*b)])
    a, b = zip(*special)
    f.case("special", function, [torch.tensor(a), torch.tensor(b)], kink=True)


def between(*shape):
    """Never at a whole number, or half of one."""
    return 3 * normal(*shape) + 1 / 16


def without(*values):
    return [v for v in SPECIAL if v not in values]


def elementwise():
    unary("log1p", torch.log1p, lambda *s: positive(*s) - 0.875)
    unary("expm1", torch.expm1, special=[*without(2.0**60), 1.5, 0.875])
    unary("rsqrt", torch.rsqrt, positive, [NAN, INF, -INF, 0.0, 1.0, -1.0, 2.0**20, 2.0**-20])
    circle = [NAN, INF, -INF, 0.0, 1.0, -1.0, 2.0**-10, 3.125, 100.25, -1000.5, 2.0**18, -2.0**22]
    unary("sin", torch.sin, special=circle)
    unary("cos", torch.cos, special=circle)
    halves = [0.5, -0.5, 1.5, 2.5, -2.5]
    for name in ("sign", "floor", "ceil", "round"):  # of NaN PyTorch's sign is 0
        unary(name, getattr(torch, name), between, SPECIAL[name == "sign":] + halves)
    kinks = [3.0, -3.0, 6.0, 2.875, -2.875]
    unary("relu6", F.relu6, between, SPECIAL + kinks)
    # In double PyTorch's hardsigmoid has the sixth of float. Without NaN, where its slope is another;
    # and hardswish without -infinity, which PyTorch multiplies by 0.
    unary("hardsigmoid", lambda x: F.relu6(x + 3) / 6, between, SPECIAL[1:] + kinks)
    unary("hardswish", F.hardswish, between, [v for v in SPECIAL + kinks if v == v and v != -INF])
    unary("mish", F.mish, special=[v for v in SPECIAL if v != INF] + [19.0, 21.0, -30.0])
    unary("selu", F.selu, away_from_zero, SPECIAL[1:])
    unary("celu", lambda x, alpha=1.0: F.celu(x, alpha), away_from_zero, SPECIAL[1:],
          ({}, {"alpha": 0.5}))
    unary("softsign", F.softsign, away_from_zero, without(INF, -INF, 2.0**60, -2.0**60))
    unary("log_sigmoid", F.logsigmoid)
    binary("power", torch.pow, positive, normal,
           [(0.0, 0.0), (0.0, 2.0), (2.0, 0.0), (-2.0, 3.0), (-2.0, 0.5), (NAN, 1.0), (1.0, NAN),
            (INF, 2.0), (0.0, 1.0)])
    binary("prelu", lambda x, w: torch.where(x > 0, x, w * x), away_from_zero, normal,
           [(NAN, 0.25), (-INF, 0.25), (0.0, 0.25), (-1.0, 0.0), (2.0, 0.5)])


def glu():
    f = File("glu")
    for shape in ((3, 4), (2,), (2, 3, 6), (0, 2), (2, 0)):
        f.case("x".join(map(str, shape)), F.glu, [normal(*shape)])


def reductions():
    f = File("std")
    g = File("norm")
    for shape, axes in (((3, 4), None), ((2,), None), ((3, 1, 4), (0, 2)), ((2, 3, 2), (1,)),
                        ((2, 3, 2), (-1, 0))):
        for keep in (0, 1) if axes else (0,):
            numbers = axes_of(axes) if axes else {}
            label = "x".join(map(str, shape)) + (f"_{axes[0]}_{keep}" if axes else "")
            for biased in (0, 1):
                f.case(f"{label}_{biased}",
                       lambda x: torch.std(x, axes, correction=1 - biased, keepdim=bool(keep)),
                       [normal(*shape)], biased=biased, keepdims=keep, **numbers)
            g.case(label, lambda x: torch.linalg.vector_norm(x, dim=axes, keepdim=bool(keep)),
                   [normal(*shape)], keepdims=keep, **numbers)
    f.case("constant", lambda x: torch.std(x, 1), [torch.ones(2, 3)], kink=True, **axes_of((1,)))
    f.case("special", lambda x: torch.std(x, 1), [torch.tensor([[NAN, 1.0], [2.0, 4.0]])],
           kink=True, **axes_of((1,)))
    g.case("zero", lambda x: torch.linalg.vector_norm(x, dim=1), [torch.tensor([[0.0, 0], [3, 4]])],
           kink=True, **axes_of((1,)))
    g.case("empty", torch.linalg.vector_norm, [normal(0, 3)], kink=True)
    g.case("nan", torch.linalg.vector_norm, [torch.tensor([NAN, 1.0])], kink=True)

    f = File("prod")
    g = File("cumsum")
    for shape, axis in (((3, 4), None), ((), None), ((5,), 0), ((2, 3, 2), 1), ((3, 2), -1),
                        ((0, 3), None), ((0, 3), 0), ((3, 0), 0)):
        numbers = {} if axis is None else {"axis": axis}
        label = "x".join(map(str, shape)) + f"_{axis}"
        f.case(label, torch.prod if axis is None else lambda x: torch.prod(x, axis),
               [away_from_zero(*shape)], **numbers)
        if axis is not None:
            g.case(label, lambda x: torch.cumsum(x, axis), [normal(*shape)], **numbers)
    f.case("zeros", lambda x: torch.prod(x, 1),
           [torch.tensor([[2.0, 0.0, 3.0], [0.0, 1.0, 0.0], [2.0, 3.0, 4.0]])],
           kink=True, axis=1)
    g.case("special", lambda x: torch.cumsum(x, 0), [torch.tensor([1.0, INF, 2.0, NAN, 1.0])],
           kink=True, axis=0)

    f = File("logsumexp")
    for shape in ((3, 4), (5,), (2, 3, 2), (0, 3), (3, 1)):
        f.case("x".join(map(str, shape)), lambda x: torch.logsumexp(x, -1), [normal(*shape)])
    f.case("special", lambda x: torch.logsumexp(x, -1),
           [torch.tensor([[1e4, 1e4, -1e4], [-INF, 0.0, 1.0], [NAN, 0.0, 1.0], [-1e30, -1e30, 0]])],
           kink=True)


def rms_norm():
    f = File("rms_norm")
    for shape, last, eps in (((3, 4), 1, 1e-5), ((2, 3, 2), 2, 1e-5), ((1, 1), 1, 0.125),
                             ((0, 3), 1, 1e-5), ((5,), 1, 0.25), ((19, 2), 1, 2.0**-23)):
        of = shape[-last:]
        f.case("x".join(map(str, shape)), lambda x, w: F.rms_norm(x, of, w, eps),
               [normal(*shape), normal(*of)], eps=eps)
    f.case("special", lambda x, w: F.rms_norm(x, (2,), w, 1e-5),
           [torch.tensor([[0.0, 0.0], [NAN, 1.0], [1e3, -1e3]]), normal(2)], kink=True, eps=1e-5)


def ids_of(ids):
    return {f"id{i}": v for i, v in enumerate(ids)} | {"ids": len(ids)}


def places():
    f = File("select")
    shapes = {(5,): (0,), (3, 4): (0, 1), (2, 3, 2): (1, -1)}
    for shape, axes in shapes.items():
        for axis in axes:
            size = shape[axis]

            def case(which, function, **numbers):
                f.case(f"{which}_{len(shape)}_{axis}", function, [normal(*shape)], axis=axis,
                       which=which, **numbers)

            ids = [(3 * i + 1) % size for i in range(size + 1)]
            case(0, lambda x: torch.index_select(x, axis, torch.tensor(ids)), **ids_of(ids))
            case(1, lambda x: torch.index_select(x, axis, torch.arange(1, size, 2)), begin=1,
                 end=size, step=2)
            case(2, lambda x: torch.flip(x, (axis,)))
            case(3, lambda x: torch.roll(x, 2, axis), by=2)
            case(3, lambda x: torch.roll(x, -4, axis), by=-4)
            case(4, lambda x: torch.cat([x, x, x], axis), times=3)
    f.case("flip_empty", lambda x: torch.flip(x, (0,)), [normal(0, 3)], axis=0, which=2)
    f.case("roll_empty", lambda x: torch.roll(x, 1, 1), [normal(2, 0)], axis=1, which=3, by=1)

    f = File("gather")
    g = File("scatter_add")
    for shape, axis, count in (((4,), 0, 6), ((3, 4), 1, 1), ((3, 4), 0, 2), ((2, 3, 2), 1, 3),
                               ((2, 3, 2), -1, 2), ((0, 3), 1, 2)):
        places = list(shape)
        places[axis] = count
        ids = torch.randint(0, shape[axis], places)
        label = "x".join(map(str, shape)) + f"_{axis}"
        numbers = ids_of(ids.flatten().tolist())
        if ids.numel():
            f.case(label, lambda x: torch.gather(x, axis, ids), [normal(*shape)], axis=axis,
                   **numbers)
        g.case(label, lambda x, s: torch.scatter_add(x, axis, ids, s),
               [normal(*shape), normal(*places)], axis=axis, **numbers)

    f = File("triangle")
    for shape in ((3, 4), (2, 4, 2), (1, 1), (0, 3), (3, 0)):
        for diagonal in (0, 1, -2):
            for upper in (0, 1):
                f.case("x".join(map(str, shape)) + f"_{diagonal}_{upper}",
                       functools.partial(torch.triu if upper else torch.tril, diagonal=diagonal),
                       [normal(*shape)], diagonal=diagonal, upper=upper)


def losses():
    f = File("bernoulli_nll")

    def probabilities(shape):
        return exact(0.125 + 0.75 * torch.rand(shape))

    for reduction in REDUCTIONS:
        numbers = {"reduction": REDUCTIONS.index(reduction)}
        for shape in ((3, 4), (), (0, 2)):
            f.case("x".join(map(str, shape)) + "_" + reduction,
                   lambda p, t: F.binary_cross_entropy(p, t, reduction=reduction),
                   [probabilities(shape), probabilities(shape)], kink=0 in shape, **numbers)
    p = torch.tensor([0.0, 1.0, 0.0, 1.0, 2.0**-120, 0.5])
    t = torch.tensor([0.0, 1.0, 1.0, 0.0, 0.5, 1.0])
    f.case("special", lambda p, t: F.binary_cross_entropy(p, t, reduction="none"), [p, t],
           kink=True, reduction=2, gradients=False)  # which use 1e-12 as a float

    f = File("binary_cross_entropy_weighted")
    for reduction in REDUCTIONS:
        for label, weight, pos in (("both", (3, 4), (4,)), ("weight", (3, 1), None),
                                   ("pos_weight", None, (3, 4))):
            w = weight and positive(*weight)
            q = pos and positive(*pos)
            f.case(f"{label}_{reduction}", lambda z, t: F.binary_cross_entropy_with_logits(
                z, t, weight=w, pos_weight=q, reduction=reduction),
                [normal(3, 4), probabilities((3, 4))], reduction=REDUCTIONS.index(reduction),
                constant=(1,))
            if weight:
                f.tensor("weight", w)
            if pos:
                f.tensor("pos_weight", q)
    f = File("cross_entropy_soft_weighted")
    for reduction in REDUCTIONS:
        for smoothing in (0.0, 0.25, 1.0):
            weights = positive(3) - 0.25
            f.case(f"{smoothing}_{reduction}", lambda z, p: F.cross_entropy(
                z, p, weights, label_smoothing=smoothing, reduction=reduction),
                [normal(2, 3), positive(2, 3) / 4], smoothing=smoothing,
                reduction=REDUCTIONS.index(reduction))
            f.tensor("weights", weights)


def compositions():
    """The lines of docs/operations.md, each by its name; labels and axes are in the test."""
    f = File("compositions")
    a, b, c = normal(3, 4), normal(3, 4), normal(3, 4)
    labels = torch.tensor([2, 0, 3])
    signs = torch.tensor([1.0, -1.0, -1.0])
    count, variance = torch.round(positive(3, 4)), positive(3, 4)
    f.case("smooth_l1", lambda a, b: F.smooth_l1_loss(a, b, beta=0.5), [a, b + 1 / 16])
    f.case("hinge", lambda a: F.multi_margin_loss(a, labels), [distinct(3, 4)])

    def focal(a):
        losses = F.cross_entropy(a, labels, reduction="none")
        return (losses * (1 - torch.exp(-losses)) ** 2).mean()

    f.case("focal", focal, [a])
    f.case("cosine_embedding",
           lambda a, b: F.cosine_embedding_loss(a, b, signs, margin=0.25, reduction="none"), [a, b])
    f.tensor("signs", signs)
    f.case("triplet", lambda a, b, c: F.triplet_margin_loss(a, b, c, eps=0), [a, b, c])
    f.case("gaussian_nll", F.gaussian_nll_loss, [a, b, variance])
    f.case("poisson_nll", F.poisson_nll_loss, [a, count], constant=(1,))
    f.case("kl_div", lambda q, p: F.kl_div(q, p, reduction="none"), [a, positive(3, 4) / 4])
    f.case("softplus", lambda a: F.softplus(a, beta=2, threshold=80), [a])
    f.case("masked_fill", lambda a: a.masked_fill(a > 0.5, -2.0), [a + 1 / 16])
    f.case("norm_1", lambda a: torch.linalg.vector_norm(a, 1, dim=1), [away_from_zero(3, 4)])
    f.case("log_cosh", lambda a, b: (torch.log(torch.cosh(a - b))).mean(), [a, b])
    f.case("standardize", lambda a: (a - a.mean(1, True)) / a.std(1, keepdim=True), [a])
    f.case("logsumexp_first", lambda a: torch.logsumexp(a, 0), [a])


elementwise()
glu()
reductions()
rms_norm()
places()
losses()
compositions()
