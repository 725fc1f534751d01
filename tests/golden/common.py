"""What the scripts that write tests/golden/<op>.txt share: inputs, and the file format.

Inputs are multiples of 1/64, so that they are the same numbers in float and in double. The format is
described in tests/support/golden.h. Images are written as NHWC, convolution weights as HWIO.
"""
import pathlib

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
FOLDER = pathlib.Path(__file__).parent
NAN, INF = float("nan"), float("inf")

# Numeric differences over more input elements than this take too long.
MOST_CHECKED = 260


def exact(t):
    """The nearest multiples of 1/64."""
    return torch.round(t * 64) / 64


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


def text(t):
    return " ".join(f"{v:.17g}" for v in t.flatten().tolist())


class File:
    def __init__(self, name):
        self.stream = open(FOLDER / f"{name}.txt", "w", encoding="ascii")

    def tensor(self, name, t):
        dims = "".join(f" {d}" for d in t.shape)
        self.stream.write(f"tensor {name}{dims}\n{text(t)}\n")

    def case(self, name, function, inputs, kink=False, constant=(), gradients=True, **numbers):
        """Inputs are as Tarn sees them; the function takes them in PyTorch's layout and gives the
        result in Tarn's."""
        inputs = [t.clone().requires_grad_(gradients and i not in constant)
                  for i, t in enumerate(inputs)]
        y = function(*inputs)
        self.stream.write(f"case {name}\n")
        if kink or sum(t.numel() for t in inputs) > MOST_CHECKED:
            numbers["kink"] = 1
        for key, value in numbers.items():
            self.stream.write(f"set {key} {value}\n")
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
