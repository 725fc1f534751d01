#!/usr/bin/python3
"""Writes tests/golden/<op>.txt: values and gradients of operations, computed by PyTorch.

Run it from anywhere with PyTorch 2.13; it gives the same files each time.
"""
import torch
import torch.nn.functional as F

from common import (INF, MOST_CHECKED, NAN, File, away_from_zero, binary, distinct, draw_clear, exact,
                    normal, positive, several_axes, unary)

torch.manual_seed(1)


def scale():
    f = File("scale")
    for factor in (0.5, -3.25, 1.0, 0.0, 1024.0):
        f.case(f"by_{factor}", lambda x: x * factor, [normal(3, 5)], factor=factor)
    f.case("empty", lambda x: x * 2, [normal(0, 5)], factor=2)
    f.case("scalar", lambda x: x * 2, [normal()], factor=2)
    f.case("special", lambda x: x * 2, [torch.tensor([NAN, INF, -INF])], kink=True, factor=2)


def reduction(name, function):
    f = File(name)
    shapes = ((7,), (3, 5), (2, 3, 5), (2, 1, 4, 3), (1, 1), (3, 130), (130, 2), (1,))
    for shape in shapes:
        label = "x".join(map(str, shape))
        f.case(f"all_{label}", function, [normal(*shape)])
        for axis in range(-len(shape), len(shape)):
            f.case(f"axis{axis}_{label}", lambda x: function(x, dim=axis), [normal(*shape)],
                   axis=axis)
    f.case("scalar", function, [normal()])
    f.case("empty", function, [normal(0, 3)], kink=name == "mean")
    f.case("empty_axis0", lambda x: function(x, dim=0), [normal(0, 3)], axis=0, kink=True)
    f.case("empty_axis1", lambda x: function(x, dim=1), [normal(0, 3)], axis=1)
    f.case("infinity", function, [torch.tensor([1.0, INF])], kink=True)
    with torch.random.fork_rng():
        torch.manual_seed(4)
        several_axes(f, function)


def matmul_stacks(f):
    for a, b in (((2, 3, 4), (2, 4, 5)), ((2, 3, 4), (4, 5)), ((3, 4), (2, 4, 5)),
                 ((3, 1, 2, 3), (1, 2, 3, 2)), ((2, 1, 3, 2), (3, 2, 3)), ((2, 3, 2), (1, 2, 3)),
                 ((1, 3, 4), (5, 4, 2)), ((1, 3, 4), (1, 1, 4, 2)), ((2, 3, 2, 4), (1, 1, 4, 3)),
                 ((3, 2), (2, 1, 2, 3)), ((2, 3, 1, 5), (2, 3, 5, 1)), ((7, 1, 1), (7, 1, 1)),
                 ((2, 1, 3, 1, 2, 2), (1, 2, 1, 2, 2, 3)), ((2, 2, 1, 3), (2, 1, 3, 17)),
                 ((1, 2, 1, 1, 1, 2, 2, 3), (2, 1, 1, 2, 1, 1, 3, 1)), ((3, 5, 33), (3, 33, 2)),
                 ((0, 2, 3), (0, 3, 4)), ((0, 2, 3), (3, 4)), ((0, 2, 3), (1, 3, 4)),
                 ((1, 2, 3), (0, 3, 4)), ((2, 3, 0), (2, 0, 4)), ((2, 3, 0), (0, 4)),
                 ((2, 0, 3), (2, 3, 4)), ((2, 0, 3), (3, 4)), ((2, 2, 3), (2, 3, 0)),
                 ((2, 3), (2, 3, 0)), ((1, 2, 0), (3, 0, 2))):
        label = "_by_".join("x".join(map(str, shape)) for shape in (a, b))
        f.case(label, torch.matmul, [normal(*a), normal(*b)])
    for which, name in enumerate(("left", "right")):
        for a, b in (((2, 3, 4), (2, 4, 2)), ((2, 3, 4), (4, 2)), ((3, 4), (2, 4, 2))):
            f.case(f"{name}_constant_{len(a)}_by_{len(b)}", torch.matmul, [normal(*a), normal(*b)],
                   constant=(which,))
    x = normal(2, 2, 3)
    x[1, 0, 1] = NAN
    f.case("nan_in_a_stack", torch.matmul, [x, normal(1, 3, 2)], kink=True)


def reshape():
    f = File("reshape")
    for before, after in (((2, 3), (3, 2)), ((2, 3, 4), (24,)), ((6,), (1, 6, 1)), ((1,), ()),
                          ((), (1, 1)), ((0, 3), (3, 0)), ((2, 2, 2), (2, 2, 2))):
        dims = {f"dim{i}": d for i, d in enumerate(after)}
        label = "x".join(map(str, before)) + "_to_" + "x".join(map(str, after))
        f.case(label, lambda x: x.reshape(after), [normal(*before)], ndim=len(after), **dims)
    for shape in ((2, 3, 4, 5), (3,), (4, 5), (1, 2, 1), (0, 2, 3)):
        label = "flatten_" + "x".join(map(str, shape))
        size = 1
        for d in shape[1:]:
            size *= d
        f.case(label, lambda x: x.reshape(shape[0], size), [normal(*shape)], flatten=1)


def matmul():
    f = File("matmul")
    for m, k, n in ((1, 1, 1), (2, 3, 4), (5, 7, 1), (1, 9, 6), (7, 1, 5), (13, 6, 17), (3, 5, 33),
                    (6, 4, 16), (25, 3, 2), (2, 17, 64), (4, 3, 65), (8, 2, 70), (3, 0, 2),
                    (0, 4, 3), (4, 3, 0), (2, 600, 3)):
        f.case(f"{m}x{k}x{n}", torch.matmul, [normal(m, k), normal(k, n)])
    f.case("left_constant", torch.matmul, [normal(3, 4), normal(4, 2)], constant=(0,))
    f.case("right_constant", torch.matmul, [normal(3, 4), normal(4, 2)], constant=(1,))
    f.case("nan", torch.matmul, [torch.tensor([[1.0, NAN], [2.0, 3.0]]), normal(2, 3)], kink=True)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        matmul_stacks(f)


def linear():
    f = File("linear")

    def case(n, inputs, out, bias=True, relu=False, name="", **options):
        def sums(x, weight, b=None):
            return x @ weight if b is None else x @ weight + b

        def function(*tensors):
            return torch.relu(sums(*tensors)) if relu else sums(*tensors)

        def draw():
            return [normal(n, inputs), normal(inputs, out)] + ([normal(out)] if bias else [])

        tensors = draw_clear(draw, sums) if relu and inputs > 0 else draw()
        label = f"{n}x{inputs}x{out}" + ("" if bias else "_no_bias") + ("_relu" if relu else "")
        f.case(label + name, function, tensors, **options, **({"relu": 1} if relu else {}))

    for n, inputs, out in ((1, 1, 1), (2, 3, 4), (5, 7, 1), (1, 9, 6), (7, 1, 5), (13, 6, 17),
                           (3, 2, 65), (25, 3, 2), (3, 0, 2), (0, 4, 3), (4, 3, 0), (2, 530, 3)):
        for bias in (True, False):
            for relu in (True, False):
                case(n, inputs, out, bias, relu)
    for which, name in enumerate(("input", "weight", "bias")):
        case(3, 4, 2, relu=True, name=f"_{name}_constant", constant=(which,))
    for relu in (True, False):
        function = torch.nn.ReLU() if relu else torch.nn.Identity()
        f.case("nan_relu" if relu else "nan", lambda x, w, b: function(x @ w + b),
               [torch.tensor([[1.0, NAN], [2.0, 3.0], [0.0, INF]]), normal(2, 3), normal(3)],
               kink=True, **({"relu": 1} if relu else {}))


def conv2d():
    f = File("conv2d")

    def case(n, h, w, c, o, kernel, bias=True, stride=1, padding=0, dilation=1, groups=1, name=None,
             constant=()):
        kh, kw = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        inputs = [normal(n, h, w, c), normal(kh, kw, c // groups, o)]
        if bias:
            inputs.append(normal(o))

        def function(x, weight, bias=None):
            y = F.conv2d(x.permute(0, 3, 1, 2), weight.permute(3, 2, 0, 1), bias, stride, padding,
                         dilation, groups)
            return y.permute(0, 2, 3, 1)

        numbers = {key: value for key, value in
                   {"stride": stride, "padding": padding, "dilation": dilation,
                    "groups": groups}.items() if value != (0 if key == "padding" else 1)}
        label = name or f"{n}x{h}x{w}x{c}_{kh}x{kw}_to_{o}"
        for key, value in numbers.items():
            label += f"_{key}{value}"
        f.case(label, function, inputs, constant=constant, **numbers)

    case(1, 3, 3, 1, 1, 3)
    case(2, 5, 4, 3, 2, 3, bias=False)
    case(2, 4, 5, 2, 3, 3, padding=1)
    case(2, 6, 7, 2, 3, 3, stride=2)
    case(1, 7, 6, 2, 2, 3, stride=2, padding=1)
    case(1, 8, 9, 1, 2, 3, stride=3, padding=2)
    case(1, 7, 8, 2, 2, 3, dilation=2)
    case(1, 9, 7, 2, 3, 3, dilation=3, padding=3)
    case(1, 9, 8, 2, 2, 2, dilation=2, stride=2, padding=1)
    case(2, 4, 4, 4, 6, 3, padding=1, groups=2)
    case(1, 5, 5, 6, 3, 3, groups=3, stride=2, padding=1, bias=False)
    case(2, 5, 4, 5, 5, 3, padding=1, groups=5, name="depthwise")
    case(1, 5, 5, 3, 6, 3, groups=3, dilation=2, padding=2, name="depthwise_twice")
    case(1, 5, 6, 17, 17, 3, padding=1, groups=17, stride=2, name="depthwise_wide")
    case(3, 4, 3, 5, 4, 1, name="pointwise")
    case(2, 5, 4, 4, 6, 1, stride=2, name="pointwise")
    case(1, 3, 3, 4, 4, 1, padding=1, groups=2, name="pointwise")
    case(1, 7, 7, 1, 6, 5, padding=2)
    case(1, 6, 6, 2, 3, 5)
    case(1, 5, 5, 2, 3, 2)
    case(1, 6, 5, 2, 2, 4, padding=2, stride=2)
    case(1, 6, 5, 2, 3, (1, 3), padding=1)
    case(1, 5, 6, 3, 2, (3, 1), stride=2)
    case(1, 4, 6, 2, 3, (2, 3), dilation=2, padding=2)
    case(1, 2, 2, 2, 3, 3, padding=4, name="padding_beyond_kernel")
    case(1, 1, 1, 3, 2, 3, padding=1, name="one_pixel")
    case(1, 3, 3, 2, 2, 3, stride=5, padding=1, name="stride_beyond_image")
    case(11, 3, 3, 1, 2, 2, name="many_images")
    case(1, 4, 4, 2, 2, 3, name="only_weight", constant=(0, 2))
    case(1, 4, 4, 2, 2, 3, name="only_input", constant=(1, 2))
    case(1, 4, 4, 2, 2, 3, name="only_bias", constant=(0, 1))
    for o in (6, 16, 17, 33, 64, 70):
        case(1, 4, 3, 2, o, 2)
        case(1, 3, 3, o, 2, 2, padding=1)
    case(1, 3, 13, 16, 17, 3, padding=1, bias=False)
    case(1, 2, 3, 33, 33, 2)
    case(1, 3, 3, 64, 6, 3, padding=1)
    case(1, 3, 3, 66, 34, 2, padding=1, groups=2)
    case(1, 2, 29, 3, 18, (1, 3), padding=1)


def conv2d_fused():
    f = File("conv2d_fused")

    def is_clear(sums, relu, pool):
        """Whether small changes of the sums move no maximum and make none dead or alive."""
        if relu and sums.abs().min() < 1 / 32:
            return False
        if pool == 1:
            return True
        windows = F.unfold(sums.reshape(-1, 1, *sums.shape[2:]), pool, stride=pool)
        first, second = (windows.relu() if relu else windows).topk(2, 1).values.unbind(1)
        return not ((first - second < 1 / 32) & ((first != 0) | (not relu))).any()

    def case(name, n, h, w, c, o, kernel, relu=False, max_pool=1, bias=True, constant=(),
             kink=False, **shape):
        numbers = {**shape, **({"relu": 1} if relu else {}),
                   **({"max_pool": max_pool} if max_pool > 1 else {})}

        def sums(x, weight, bias=None):
            return F.conv2d(x.permute(0, 3, 1, 2), weight.permute(3, 2, 0, 1), bias, **shape)

        def function(*inputs):
            y = sums(*inputs)
            y = torch.relu(y) if relu else y
            return F.max_pool2d(y, max_pool).permute(0, 2, 3, 1)

        def draw():
            return [normal(n, h, w, c), normal(*kernel, c // shape.get("groups", 1), o)] + \
                ([normal(o)] if bias else [])

        inputs = draw()
        checked = not kink and n > 0 and sum(t.numel() for t in inputs) <= MOST_CHECKED
        while checked and not is_clear(sums(*inputs), relu, max_pool):
            inputs = draw()
        while not kink and relu and (sums(*inputs) == 0).any():
            inputs = draw()  # which one rounding makes dead and another alive
        label = "".join(f"_{key}{value}" for key, value in numbers.items())
        f.case(name + label, function, inputs, kink, constant, **numbers)

    for relu, max_pool in ((True, 1), (False, 2), (True, 2), (False, 3), (True, 3)):
        def both(*arguments, **options):
            case(*arguments, relu=relu, max_pool=max_pool, **options)

        both("one_window", 1, max_pool + 1, max_pool + 1, 1, 1, (2, 2))
        both("one_image", 1, 6, 7, 2, 2, (2, 2))
        both("odd", 1, 7, 6, 1, 2, (2, 3))
        both("no_bias", 2, 5, 5, 2, 2, (3, 3), bias=False)
        both("padded", 1, 5, 4, 2, 2, (3, 3), padding=1)
        both("strided", 1, 7, 8, 1, 2, (2, 2), stride=2, padding=1)
        both("dilated", 1, 7, 7, 1, 2, (2, 2), dilation=2, padding=1)
        both("grouped", 1, 4, 5, 4, 4, (2, 2), groups=2)
        both("pointwise", 1, 4, 5, 3, 2, (1, 1))
        both("padding_beyond_kernel", 1, 2, 2, 1, 1, (2, 2), padding=3, kink=True)
        both("many_images", 11, 4, 4, 1, 3, (2, 2))
        both("only_weight", 1, 5, 5, 1, 2, (2, 2), constant=(0, 2))
        both("only_input", 1, 5, 5, 1, 2, (2, 2), constant=(1, 2))
        both("only_bias", 1, 5, 5, 1, 2, (2, 2), constant=(0, 1))
        both("wide", 1, 5, 6, 16, 17, (3, 3), padding=1)
        both("channels", 1, 5, 8, 3, 35, (3, 2))
        both("large_kernel", 1, 9, 12, 5, 4, (7, 5), padding=1)
    case("largest_pool", 1, 16, 15, 1, 1, (2, 1), relu=True, max_pool=15)


def pooling(name, function, padded):
    f = File(name)

    def case(label, x, kink=False, kernel=2, stride=0, padding=0):
        def run(x):
            y = function(x.permute(0, 3, 1, 2), kernel, stride or kernel, padding)
            return y.permute(0, 2, 3, 1)

        f.case(label, run, [x], kink=kink, kernel=kernel, stride=stride, padding=padding)

    case("two", distinct(2, 4, 6, 3))
    case("odd", distinct(1, 5, 7, 2))
    case("one_channel", distinct(2, 4, 4, 1))
    case("overlap", distinct(1, 6, 5, 2), kernel=3, stride=2)
    case("overlap_by_one", distinct(1, 5, 5, 3), kernel=3, stride=1)
    case("padding", distinct(2, 5, 4, 2), kernel=3, stride=2, padding=1)
    case("padding_even", distinct(1, 4, 5, 2), kernel=2, stride=2, padding=1)
    case("padding_wide", distinct(1, 6, 6, 1), kernel=5, stride=3, padding=2)
    case("gaps", distinct(1, 7, 8, 2), kernel=2, stride=3)
    case("whole", distinct(2, 3, 3, 4), kernel=3)
    case("single", distinct(1, 3, 2, 2), kernel=1)
    case("single_stride", distinct(1, 5, 4, 2), kernel=1, stride=2)
    case("one_pixel", distinct(1, 1, 1, 3), kernel=1)
    case("smaller_than_kernel", distinct(1, 2, 2, 3), kernel=4, padding=1, stride=1)
    case("channels", distinct(1, 3, 2, 35))
    case("no_image", normal(0, 4, 4, 2))
    case("no_gain", -positive(1, 4, 4, 2) - 1, kink=True, kernel=3, stride=1, padding=1)
    if name == "max_pool2d":
        case("ties", torch.zeros(1, 4, 4, 2), kink=True, kernel=3, stride=1, padding=padded)
        special = normal(1, 4, 4, 2)
        special[0, 1, 2, 0] = NAN
        special[0, 2, 1, 1] = INF
        special[0, 0, 0, 0] = -INF
        case("special", special, kink=True, kernel=3, stride=1, padding=padded)
        case("infinite", torch.full((1, 3, 3, 1), -INF), kink=True, kernel=2, stride=1)


def add_relu():
    f = File("add_relu")

    def run(a, b):
        return torch.relu(a + b)

    for shape in ((3, 7), (2, 3, 3, 5), (1,), (), (0, 4), (67,)):
        b = normal(*shape)
        f.case("x".join(map(str, shape)) or "scalar", run, [away_from_zero(*shape) - b, b])
    for which, name in enumerate(("left", "right")):
        b = normal(3, 2)
        f.case(f"{name}_constant", run, [away_from_zero(3, 2) - b, b], constant=(which,))
    f.case("special", run, [torch.tensor([NAN, INF, -INF, 1.0, 0.0]),
                            torch.tensor([1.0, 2.0, 4.0, -1.0, -0.0])], kink=True)


def global_avg_pool2d():
    f = File("global_avg_pool2d")
    for shape in ((2, 3, 4, 5), (1, 1, 1, 1), (3, 2, 2, 1), (1, 5, 3, 70), (0, 2, 2, 3), (2, 2, 2, 0)):
        f.case("x".join(map(str, shape)), lambda x: x.mean(dim=(1, 2)), [normal(*shape)])
    f.case("no_pixels", lambda x: x.mean(dim=(1, 2)), [normal(2, 0, 3, 2)], kink=True)
    f.case("special", lambda x: x.mean(dim=(1, 2)),
           [torch.tensor([NAN, INF, -INF, 0.0]).reshape(1, 2, 1, 2)], kink=True)


def batch_norm2d():
    f = File("batch_norm2d")

    def case(label, shape, training, relu=False, mean=0.0, kink=False, constant=(), **numbers):
        c = shape[-1]
        def draw():
            return [normal(*shape) + mean, away_from_zero(c), normal(c), normal(c), positive(c)]

        def normalize(x, gamma, beta, *running):
            return F.batch_norm(x.reshape(-1, c), *running, gamma, beta, training,
                                numbers.get("momentum", 0.1), numbers.get("eps", 1e-5)).reshape(shape)

        inputs = draw_clear(draw, lambda *x: normalize(*[t.clone() for t in x])) if relu else draw()
        running = [t.clone() for t in inputs[3:]]

        def run(x, gamma, beta, *unused):
            y = normalize(x, gamma, beta, *running)
            return torch.relu(y) if relu else y

        f.case(label + ("_training" if training else "") + ("_relu" if relu else ""), run, inputs,
               kink, (3, 4, *constant), training=int(training), relu=int(relu), **numbers)
        f.tensor("running_mean", running[0])
        f.tensor("running_var", running[1])

    for training in (False, True):
        for relu in (False, True):
            shapes = [(2, 3, 4, 5), (3, 2), (9, 1, 1, 16), (1, 5, 5, 8)]
            for shape in shapes if relu else shapes + [(2, 2, 2, 1), (7, 3, 2), (2, 5, 6, 3), (4, 2, 3, 10)]:
                case("x".join(map(str, shape)), shape, training, relu)
            case("wide", (3, 70), training, relu)
            case("one_channel", (2, 11, 13, 1), training, relu)
        case("large_mean", (4, 5, 4, 3), training, mean=4096.0, kink=True)
        case("momentum", (4, 3), training, momentum=0.75)
        case("cumulated", (4, 3), training, momentum=1.0)
        case("eps", (4, 3), training, eps=0.5)
        case("only_x", (3, 2, 2, 4), training, constant=(1, 2))
        case("only_gamma", (3, 2, 2, 4), training, constant=(0, 2))
        case("only_beta", (3, 2, 2, 4), training, constant=(0, 1))
    case("one_value", (1, 1, 1, 3), False)
    case("no_image", (0, 4, 4, 3), False)


LARGE = [[1e4, -1e4, 0.0], [1e4, 1e4, 9999.0], [-1e4, -1e4, -9998.0], [0.0, 700.0, -800.0]]
INFINITE = [[0.0, -INF, 1.0], [-INF, 2.0, -INF]]


def last_dimension(name, function):
    f = File(name)
    for shape in ((3, 5), (7,), (2, 3, 4), (4, 1), (1, 33), (2, 0), (0, 5), (2, 1, 2, 3)):
        f.case("x".join(map(str, shape)), function, [normal(*shape)])
    f.case("large", function, [torch.tensor(LARGE)], kink=True)
    f.case("infinite", function, [torch.tensor(INFINITE)], kink=True)
    f.case("nan", function, [torch.tensor([[1.0, NAN], [0.0, 1.0]])], kink=True)
    f.case("all_infinite", function, [torch.tensor([[-INF, -INF], [INF, 1.0]])], kink=True)


binary("add", torch.add)
binary("sub", torch.sub)
binary("mul", torch.mul)
binary("div", torch.div, away_from_zero)
TAILS = [NAN, INF, -INF, 0.0, -0.0, 20.0, -20.0, 1000.0, -1000.0, 1e-3, -1e-3]
FINITE_TAILS = [NAN, 0.0, -0.0, 12.0, -12.0, -5.5, 1e-3, 30.0]
unary("relu", torch.relu, away_from_zero, TAILS)
unary("sigmoid", torch.sigmoid, special=TAILS)
unary("tanh", torch.tanh, special=TAILS)
unary("gelu", F.gelu, special=FINITE_TAILS)
unary("exp", torch.exp, special=[NAN, INF, -INF, 0.0, -80.0, 20.0])
unary("log", torch.log, positive, [NAN, INF, 0.0, -1.0, 1e-30, 1e30])
unary("sqrt", torch.sqrt, positive, [NAN, INF, 0.0, -1.0, 1e-20, 1e30])
unary("square", torch.square, special=[NAN, INF, -INF, 0.0, 1e10])
scale()
reduction("sum", torch.sum)
reduction("mean", torch.mean)
reshape()
matmul()
conv2d()
pooling("max_pool2d", F.max_pool2d, padded=1)
pooling("avg_pool2d", F.avg_pool2d, padded=1)
last_dimension("softmax", lambda x: torch.softmax(x, -1))
last_dimension("log_softmax", lambda x: torch.log_softmax(x, -1))
with torch.random.fork_rng():  # so that the order of these calls does not matter
    torch.manual_seed(2)
    linear()
with torch.random.fork_rng():
    torch.manual_seed(3)
    conv2d_fused()
add_relu()
global_avg_pool2d()
batch_norm2d()
