#!/usr/bin/python3
"""Writes tests/golden/<op>.txt for operations on each element: values and gradients computed by PyTorch.

Run it from anywhere with PyTorch 2.13; it gives the same files each time.
"""
import torch
import torch.nn.functional as F

from common import INF, NAN, File, away_from_zero, binary, normal, positive, unary

torch.manual_seed(4)

# Powers of two are the same numbers in float, and so are the squares of these.
SPECIAL = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 2.0**-10, -2.0**-10, 2.0**60, -2.0**60, 2.0**-60, -2.0**-60]


def with_numbers(name, function, cases, values=away_from_zero, special=SPECIAL):
    """Cases: each a dictionary of numbers, as Tarn names them."""
    f = File(name)
    for numbers in cases:
        def run(x):
            return function(x, **numbers)

        label = "".join(f"_{key}_{value:g}" for key, value in numbers.items())
        for case, shape in {"matrix": (3, 7), "images": (2, 3, 3, 5), "scalar": (), "empty": (0, 4),
                            "no_columns": (3, 0), "vector": (67,),
                            "eight": (1, 2, 1, 2, 1, 2, 1, 3)}.items():
            f.case(case + label, run, [values(*shape)], **numbers)
        f.case("special" + label, run, [torch.tensor(special)], kink=True, **numbers)


def power():
    f = File("pow")
    # C's pow() of -0 and -infinity differs from the square root that PyTorch takes by 0.5 and 1.5.
    plain = [v for v in SPECIAL if v != -INF and str(v) != "-0.0"]
    for exponent in (0, 1, 2, 3, 4, 5, -1, -2, 0.5, 1.5, -0.5, 0.25, 2.75):
        def run(x):
            return torch.pow(x, exponent)

        def fits(v):
            """Whether the result and its gradient are numbers that float can hold too."""
            return not 0 < abs(v) < INF or max(abs(v) ** exponent, abs(v) ** (exponent - 1)) < 2.0**125

        whole = float(exponent).is_integer()
        special = [v for v in (SPECIAL if whole else plain) if fits(v)]
        values = away_from_zero if whole else positive
        for case, shape in {"matrix": (3, 7), "images": (2, 3, 3, 2), "scalar": (), "empty": (0, 4),
                            "no_columns": (3, 0)}.items():
            f.case(f"{case}_{exponent}", run, [values(*shape)], exponent=exponent)
        f.case(f"special_{exponent}", run, [torch.tensor(special)], kink=True, exponent=exponent)


def clamp():
    f = File("clamp")
    for low, high in ((-0.5, 0.75), (0.25, 0.25), (-INF, 0.5), (-0.5, INF), (-INF, INF), (0.0, 6.0)):
        def run(x):
            return torch.clamp(x, low, high)

        for case, shape in {"matrix": (3, 7), "scalar": (), "empty": (0, 4), "vector": (67,)}.items():
            # Between the multiples of 1/8, so that none is at a bound.
            f.case(f"{case}_{low}_{high}", run, [normal(*shape) + 1 / 16], low=low, high=high)
        bounds = [v for v in (low, high) if abs(v) < INF]
        f.case(f"special_{low}_{high}", run, [torch.tensor(SPECIAL + bounds)], kink=True, low=low,
               high=high)


def extremum(name, function):
    # The one has multiples of 1/8, the other numbers between them, so that no two are equal.
    f = binary(name, function, lambda *shape: normal(*shape) + 1 / 16)
    ties = torch.tensor([1.0, 0.0, -0.0, INF, -INF, 2.0, 3.0])
    f.case("ties", function, [ties, ties + torch.tensor([0.0, 0.0, 0.0, 0.0, 0.0, 1.0, -1.0])],
           kink=True)
    f.case("ties_repeated", function, [torch.ones(3, 2), torch.ones(2)], kink=True)
    f.case("nan", function, [torch.tensor([NAN, NAN, 1.0, INF, -INF]),
                             torch.tensor([1.0, NAN, NAN, NAN, NAN])], kink=True)


def where():
    f = File("where")

    def choice(*shape):
        return (torch.rand(shape) < 0.5).double()

    def run(c, a, b):
        return torch.where(c != 0, a, b)

    shapes = {
        "same": ((2, 3, 5), (2, 3, 5), (2, 3, 5)),
        "long": ((67,), (67,), (67,)),
        "scalars": ((), (), ()),
        "one": ((1,), (1,), (1,)),
        "scalar_condition": ((), (3, 4), (3, 4)),
        "scalar_left": ((3, 4), (), (3, 4)),
        "scalar_right": ((3, 4), (3, 4), ()),
        "condition_only": ((3, 4), (), ()),
        "row_condition": ((5,), (4, 5), (4, 5)),
        "column_condition": ((4, 1), (4, 5), (4, 5)),
        "rows": ((4, 1), (5,), (4, 5)),
        "row_and_column": ((4, 5), (1, 5), (4, 1)),
        "three_ways": ((2, 1, 1), (1, 3, 1), (1, 1, 4)),
        "middle": ((2, 1, 3), (2, 4, 3), (4, 1)),
        "alternating": ((2, 1, 3, 1), (1, 4, 1, 2), (3, 1)),
        "images": ((2, 3, 3, 1), (2, 3, 3, 4), (4,)),
        "images_right": ((2, 1, 1, 4), (1,), (2, 3, 3, 4)),
        "joined": ((2, 3, 4), (1, 1, 4), (2, 3, 4)),
        "six": ((1, 2, 1, 3, 1, 2), (2, 1, 2, 1, 2, 1), (3, 1, 1)),
        "eight": ((1, 2, 1, 1, 1, 1, 1, 3), (2, 1, 1, 2, 1, 1, 1, 1), (2, 1, 2, 1)),
        "empty": ((0, 3), (0, 3), (0, 3)),
        "empty_row": ((0, 3), (3,), ()),
        "empty_one": ((2, 1), (2, 0), (1, 1)),
    }
    for case, (c, a, b) in shapes.items():
        f.case(case, run, [choice(*c), normal(*a), normal(*b)], constant=(0,))
    f.case("left_constant", run, [choice(3, 4), normal(3, 4), normal(4)], constant=(0, 1))
    f.case("right_constant", run, [choice(3, 4), normal(4), normal(3, 4)], constant=(0, 2))
    condition = torch.tensor([NAN, 0.0, -0.0, INF, -INF, 0.5, -2.0, 2.0**-140])
    special = torch.tensor([1.0, NAN, INF, 3.0, NAN, -0.0, INF, -INF])
    f.case("special", run, [condition, special, special.flip(0)], kink=True, constant=(0,))


unary("neg", torch.neg, special=SPECIAL)
unary("abs", torch.abs, away_from_zero, special=SPECIAL)
power()
with_numbers("leaky_relu", lambda x, slope=0.01: F.leaky_relu(x, slope),
             ({}, {"slope": 0.25}, {"slope": 2.0}))
# Without NaN, where PyTorch's slope is 1.
with_numbers("elu", lambda x, alpha=1.0: F.elu(x, alpha), ({}, {"alpha": 0.5}, {"alpha": 3.0}),
             special=SPECIAL[1:])
with_numbers("silu", F.silu, ({},), normal)
with_numbers("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"), ({},), normal)
with_numbers("softplus", lambda x: F.softplus(x, threshold=40), ({},), normal)
clamp()
extremum("maximum", torch.maximum)
extremum("minimum", torch.minimum)
where()
