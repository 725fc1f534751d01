"""What the scripts that write tests/golden/<op>.txt share: inputs, and the file format.

Inputs are multiples of 1/8, so that they are the same numbers in float and in double, and short. The
format is described in tests/support/golden.h. Images are written as NHWC, convolution weights as HWIO.
"""
import atexit
import math
import pathlib

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
FOLDER = pathlib.Path(__file__).parent
NAN, INF = float("nan"), float("inf")

# Numeric differences over more input elements than this take too long.
MOST_CHECKED = 260


def exact(t, unit=8):
    """The nearest multiples of 1 / unit."""
    return torch.round(t * unit) / unit


def normal(*shape):
    return exact(torch.randn(shape))


def away_from_zero(*shape):
    """Of both signs, at least 1/8."""
    x = normal(*shape)
    return x + torch.where(x < 0, -0.125, 0.125)


def positive(*shape):
    """From 1/4 to 3."""
    return exact(0.25 + 2.75 * torch.rand(shape))


def distinct(*shape):
    """No two alike, so that every maximum is clear."""
    x = normal(*shape)
    return (torch.randperm(x.numel()).reshape(shape) - x.numel() // 2) / 32


def draw_clear(draw, sums):
    """Inputs for which no sum that relu gets is about 0, where numeric differences go wrong."""
    inputs = draw()
    if 0 < sum(t.numel() for t in inputs) <= MOST_CHECKED:
        while (sums(*inputs).abs() < 1 / 128).any():
            inputs = draw()
    return inputs


def text(t):
    """The dimensions and the values: whole numbers of 1 / unit where that is exact, 14 digits where not."""
    values = t.double().flatten().tolist()
    dims = ",".join(map(str, t.shape))
    for unit in (2.0**k for k in range(20)):
        scaled = [v * unit for v in values]
        if all(v.is_integer() and abs(v) < 2**53 for v in scaled if math.isfinite(v)):
            return " ".join([f"[{dims}]/{unit:.0f}"] + [f"{v:.0f}" for v in scaled])
    return " ".join([f"[{dims}]"] + [f"{v:.14g}" for v in values])


class File:
    """tests/golden/<name>.txt, one case a line. The last line is written when the script ends."""

    def __init__(self, name):
        self.stream = open(FOLDER / f"{name}.txt", "w", encoding="ascii")
        self.cases = 0
        atexit.register(self.end)

    def end(self):
        self.stream.write(f"\nend {self.cases}\n")
        self.stream.close()

    def begin(self, case, **numbers):
        """The tensors of the case follow."""
        self.stream.write("\n" * (self.cases > 0) + case)
        self.cases += 1
        for name, value in numbers.items():
            self.stream.write(f" {name}={value}")

    def tensor(self, name, t):
        self.stream.write(f" {name}{text(t)}")

    def case(self, name, function, inputs, kink=False, constant=(), gradients=True, **numbers):
        """Inputs are as Tarn sees them; the function takes them in PyTorch's layout and gives the
        result in Tarn's."""
        inputs = [t.clone().requires_grad_(gradients and i not in constant)
                  for i, t in enumerate(inputs)]
        y = function(*inputs)
        if kink or sum(t.numel() for t in inputs) > MOST_CHECKED:
            numbers["kink"] = 1
        self.begin(name, **numbers)
        for i, t in enumerate(inputs):
            self.tensor(f"x{i}", t)
        self.tensor("y", y)
        if not gradients:
            return
        dy = normal(*y.shape)
        self.tensor("dy", dy)
        y.backward(dy)
        for i, t in enumerate(inputs):
            if i not in constant:
                self.tensor(f"dx{i}", t.grad)


def binary(name, function, second=normal):
    f = File(name)
    shapes = {
        "same": ((2, 3, 5), (2, 3, 5)),
        "one": ((1,), (1,)),
        "scalars": ((), ()),
        "scalar_right": ((3, 4), ()),
        "scalar_left": ((), (7,)),
        "row": ((4, 5), (5,)),
        "row_left": ((5,), (4, 5)),
        "column": ((4, 5), (4, 1)),
        "outer": ((6, 1), (1, 7)),
        "middle": ((2, 1, 3), (2, 4, 3)),
        "middle_left": ((2, 4, 3), (2, 1, 3)),
        "bias_of_images": ((2, 3, 3, 5), (5,)),
        "images": ((2, 1, 1, 5), (2, 3, 3, 5)),
        "alternating": ((2, 1, 3, 1), (1, 4, 1, 2)),
        "joined": ((2, 3, 4), (1, 1, 4)),
        "ones": ((1, 1, 1), (1,)),
        "six": ((1, 2, 1, 3, 1, 2), (2, 1, 2, 1, 2, 1)),
        "eight": ((1, 2, 1, 1, 1, 1, 1, 3), (2, 1, 1, 2, 1, 1, 1, 1)),
        "empty": ((0, 3), (0, 3)),
        "empty_row": ((0, 3), (3,)),
        "empty_one": ((2, 0), (2, 1)),
    }
    for case, (a, b) in shapes.items():
        f.case(case, function, [normal(*a), second(*b)])
    f.case("left_constant", function, [normal(3, 2), second(2)], constant=(0,))
    f.case("right_constant", function, [normal(3, 2), second(2)], constant=(1,))
    special = torch.tensor([NAN, INF, -INF, 0.0, 2.0])
    f.case("special", function, [special, torch.tensor([1.0, 2.0, 4.0, 1.0, INF])], kink=True)
    if name == "div":
        f.case("by_zero", function, [torch.tensor([1.0, -1.0, 0.0]), torch.zeros(3)], kink=True)
    return f


def unary(name, function, values=normal, special=None, **numbers):
    f = File(name)
    for case, shape in {"matrix": (3, 7), "images": (2, 3, 3, 5), "one": (1,), "scalar": (),
                        "ones": (1, 1, 1), "empty": (0, 4), "vector": (67,),
                        "eight": (1, 2, 1, 2, 1, 2, 1, 3)}.items():
        f.case(case, function, [values(*shape)], **numbers)
    if special is not None:
        f.case("special", function, [torch.tensor(special)], kink=True, **numbers)


def several_axes(f, function):
    """function(x, dim=axes, keepdim=...) over several axes, which every second case keeps."""
    keep = True
    lists = {(2, 3, 4, 5): ((0, 2), (2, 0), (1, 3), (0, -1), (-3,), (1, 2), (1, 2, 3), (3, 1, 0),
                            (0, 1, 2, 3), (-1, -2)),
             (1, 3, 1, 4): ((0, 2), (1, 2), (3, 0), (0, 3, 1)),
             (3, 2): ((0,), (-1, 0)),
             (7,): ((0,),),
             (1, 2, 3, 1, 2, 1, 2, 3): ((0, 2, 4, 6), (1, 3, 5, 7), (6, 4, 1)),
             (3, 40, 2): ((0, 2), (1, 2), (0, 1)),
             (1, 3, 67): ((0, 1), (0, 2))}
    for shape, of_shape in lists.items():
        for axes in of_shape:
            keep = not keep
            label = "x".join(map(str, shape)) + "_axes_" + "_".join(map(str, axes))
            x = normal(*shape)
            f.case(label + ("_kept" if keep else ""),
                   lambda x: function(x, dim=axes, keepdim=keep), [x],
                   kink=function(x, dim=axes).isnan().any(), keepdims=int(keep), **axes_of(axes))
    for axes in ((0, 2), (1,), (0, 1, 2)):
        f.case("empty_axes_" + "_".join(map(str, axes)), lambda x: function(x, dim=axes),
               [normal(0, 3, 2)], kink=True, **axes_of(axes))
    x = normal(2, 3, 2)
    x[0, 1, 1], x[1, 2, 0] = NAN, INF
    f.case("special_axes", lambda x: function(x, dim=(0, 2)), [x], kink=True, **axes_of((0, 2)))


def axes_of(axes):
    return {"axes": len(axes), **{f"axis_{i}": a for i, a in enumerate(axes)}}
