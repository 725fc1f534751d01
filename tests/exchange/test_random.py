"""Random networks in ONNX, of the operators that Tarn reads: what Tarn makes of each gives what the runtime does, and so
does what it writes of that, as ONNX, as it is and folded, which is read again, and as C. Refusals are counted, and must
name the file."""

import collections
import os
import random
import re
import subprocess
import sys

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from peers import check, done

COUNT, WITH_C, MOST_NODES, MOST_NUMBERS, SAMPLES = 250, 40, 9, 20000, 3
seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1  # another one, to look further
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 4
counts = collections.Counter()


class Graph:
    """Nodes so far, and the shapes of their values, of which the batch, the first size, is left out."""

    def __init__(self, seed):
        self.random, self.numbers = random.Random(seed), numpy.random.default_rng(seed)
        self.nodes, self.constants, self.shapes = [], [], {}
        self.output = "x"
        pick = self.pick
        self.shapes["x"] = pick([pick([1, 2, 3, 4]), pick(range(3, 10)), pick(range(3, 10))], [pick(range(2, 9))])

    def pick(self, *choices):
        return self.random.choice(choices[0] if len(choices) == 1 else choices)

    def constant(self, values, kind=numpy.float32):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(numpy.asarray(values, kind), name))
        return name

    def weights(self, *shape):
        return self.constant(self.numbers.uniform(-1, 1, shape))

    def model(self):
        ends = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", *self.shapes["x"]]),
                helper.make_tensor_value_info(self.output, TensorProto.FLOAT, None)]  # fmt: skip
        graph = helper.make_graph(self.nodes, "g", ends[:1], ends[1:], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)

    def add(self, operator, inputs, **attributes):
        """A node, if it fits and gives a batch of so many numbers."""
        before, name = self.output, f"v{len(self.nodes)}"
        self.output = name
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        try:
            value = onnx.shape_inference.infer_shapes(self.model(), strict_mode=True, data_prop=True).graph.output[0]
        except onnx.shape_inference.InferenceError:
            value = None
        sizes = value.type.tensor_type.shape.dim if value else []
        shape = [size.dim_value for size in sizes][1:]
        if len(sizes) > 1 and sizes[0].dim_param == "N" and len(sizes) < 7 and 0 < numpy.prod(shape) < MOST_NUMBERS:
            self.shapes[name] = shape
        else:
            self.nodes.pop()
            self.output = before


def windows(g, padded=True):
    """Attributes of a window, and its sides."""
    sides = [g.pick(range(1, 5)), g.pick(range(1, 5))]
    most = [2, 2] if padded else [side - 1 for side in sides]
    pads = [g.pick(range(min(2, n) + 1)) for n in most + most]
    return {"kernel_shape": sides, "strides": [g.pick(1, 2, 3), g.pick(1, 2)], "pads": g.pick(pads, pads[:2] * 2)}, sides


def convolution(g, x, c):
    attributes, sides = windows(g)
    groups = g.pick([n for n in range(1, c + 1) if c % n == 0])
    outputs = groups * g.pick(1, 2)
    bias = g.pick([], [g.weights(outputs)])
    attributes["dilations"] = [g.pick(1, 1, 2), g.pick(1, 1, 2)]
    g.add("Conv", [x, g.weights(outputs, c // groups, *sides), *bias], group=groups, **attributes)


def transposed_convolution(g, x, c):
    attributes, sides = windows(g)
    attributes["output_padding"] = [g.pick(range(stride)) for stride in attributes["strides"]]
    g.add("ConvTranspose", [x, g.weights(c, 2, *sides)], group=g.pick([n for n in range(1, c + 1) if c % n == 0]), **attributes)


def norm(g, x, c):
    kind = g.pick("BatchNormalization", "InstanceNormalization", "GroupNormalization", "LRN")
    if kind == "LRN":
        g.add(kind, [x], size=g.pick(1, 3, 5), alpha=0.5, beta=0.6, bias=1.5)
    elif kind == "BatchNormalization":
        positive = g.constant(g.numbers.uniform(0.5, 2, c))
        g.add(kind, [x, g.weights(c), g.weights(c), g.weights(c), positive], epsilon=1e-3)
    else:
        groups = {"num_groups": g.pick([n for n in range(1, c + 1) if c % n == 0])} if kind[0] == "G" else {}
        g.add(kind, [x, g.weights(c), g.weights(c)], epsilon=1e-2, **groups)


def resize(g, x, c):
    mode, nearest = g.pick(("linear", {}), ("nearest", {"nearest_mode": "floor"}))
    where = "asymmetric" if nearest else g.pick("half_pixel", "align_corners")
    factor = g.pick(2, 3)
    g.add("Resize", [x, "", g.constant([1, 1, factor, factor])], mode=mode, coordinate_transformation_mode=where, **nearest)


def excite(g, x, c):
    g.add("GlobalAveragePool", [x])
    g.add("Conv", [g.output, g.weights(c, c, 1, 1)])
    g.add("Sigmoid", [g.output])
    g.add("Mul", [x, g.output])


IMAGES = [
    convolution, convolution, convolution, transposed_convolution, norm, norm, resize, excite,
    lambda g, x, c: g.add("MaxPool", [x], ceil_mode=g.pick(0, 1), **windows(g, False)[0]),
    lambda g, x, c: g.add("AveragePool", [x], ceil_mode=g.pick(0, 1), count_include_pad=g.pick(0, 1), **windows(g, False)[0]),
    lambda g, x, c: g.add(g.pick("GlobalAveragePool", "GlobalMaxPool"), [x]),
    lambda g, x, c: g.add("DepthToSpace", [x], blocksize=2, mode=g.pick("DCR", "CRD")),
    lambda g, x, c: g.add("SpaceToDepth", [x], blocksize=2),
    lambda g, x, c: g.add("Pad", [x, g.constant([0, 0, g.pick(0, 1), 2, 0, 0, 1, 0], "i8")], mode=g.pick("reflect", "edge")),
]  # fmt: skip


def broadcast(g, x, shape):
    part = [g.pick(size, 1) for size in shape[g.pick(range(len(shape) + 1)) :]]
    inputs = [x, g.constant(g.numbers.uniform(1, 2, part))]
    g.add(g.pick("Add", "Sub", "Mul", "Div", "Max", "Min"), g.pick(inputs, inputs[::-1]))


def axes(g, shape):
    return g.constant(sorted(g.random.sample(range(1, len(shape) + 1), g.pick(range(1, len(shape) + 1)))), "i8")


def axis(g, shape):
    return g.pick(range(1, len(shape) + 1))


def cut(g, x, shape):
    at = axis(g, shape)
    begin = g.pick(range(shape[at - 1]))
    end = g.pick(range(begin + 1, shape[at - 1] + 1), [1 << 40])
    g.add("Slice", [x, g.constant([begin], "i8"), g.constant([g.pick(end)], "i8"), g.constant([at], "i8")])


def reshape(g, x, shape):
    left, sizes = int(numpy.prod(shape)), []
    for _ in range(g.pick(0, 1, 2)):
        sizes.append(g.pick([n for n in range(1, left + 1) if left % n == 0]))
        left //= sizes[-1]
    sizes.append(left)
    g.random.shuffle(sizes)
    g.add("Reshape", [x, g.constant([g.pick(-1, 0), *sizes], "i8")])


def multiply(g, x, shape):
    right = [x, g.weights(shape[-1], g.pick(1, 3))]
    g.add("MatMul", g.pick(right, [g.weights(2, shape[-2]), x]) if len(shape) > 1 else right)
    if g.pick(True, False):
        g.add("Add", [g.output, g.weights(g.shapes[g.output][-1])])


UNARY = "Relu Sigmoid Tanh Abs Neg Softplus Softsign Elu Selu Celu LeakyRelu HardSigmoid HardSwish Mish Erf Exp Gelu Identity Dropout"
ANY = [
    broadcast, broadcast, cut, reshape, multiply,
    *[lambda g, x, shape: g.add(g.pick(UNARY.split()), [x])] * 3,
    *[lambda g, x, shape: g.add(g.pick("Add", "Sub", "Mul", "Max", "Min"), [x, g.pick(list(g.shapes))])] * 3,
    lambda g, x, shape: g.add(g.pick("Softmax", "LogSoftmax"), [x], axis=axis(g, shape)),
    lambda g, x, shape: g.add("Clip", [x, g.constant(-0.5), g.constant(0.75)]),
    lambda g, x, shape: g.add("Pow", [x, g.constant(g.pick(1, 2, 3))]),
    lambda g, x, shape: g.add("PRelu", [x, g.weights(shape[0], *[1] * (len(shape) - 1))]),
    lambda g, x, shape: g.add(g.pick("ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum"), [x, axes(g, shape)], keepdims=g.pick(0, 1)),
    lambda g, x, shape: g.add("Transpose", [x], perm=[0, *g.random.sample(range(1, len(shape) + 1), len(shape))]),
    lambda g, x, shape: g.add("Flatten", [x]),
    lambda g, x, shape: g.add("Gemm", [x, g.weights(3, shape[-1]), g.weights(3)], transB=1, alpha=g.pick(1.0, 0.5)),
    lambda g, x, shape: g.add("Concat", [g.pick(list(g.shapes)), x], axis=axis(g, shape)),
    lambda g, x, shape: g.add("Unsqueeze", [x, g.constant([axis(g, shape)], "i8")]),
    lambda g, x, shape: g.add("Squeeze", [x, g.constant([axis(g, shape)], "i8")]),
    lambda g, x, shape: g.add("Gather", [x, g.constant(0, "i8")], axis=axis(g, shape)),
    lambda g, x, shape: g.add("Pad", [x, g.constant([0, *[1] * len(shape), 0, *[2] * len(shape)], "i8"), g.constant(0.5)]),
    lambda g, x, shape: g.add("LayerNormalization", [x, g.weights(shape[-1]), g.weights(shape[-1])], epsilon=1e-2),
]  # fmt: skip


def draw(seed):
    g = Graph(seed)
    for _ in range(g.pick(range(1, MOST_NODES))):
        x = g.output if g.random.random() < 0.85 else g.pick(list(g.shapes))
        shape = g.shapes[x]
        if len(shape) == 3 and g.random.random() < 0.5:
            g.pick(IMAGES)(g, x, shape[0])
        else:
            g.pick(ANY)(g, x, shape)
    return g


def is_as_keras(g):
    """Images of such files have another order, see import.h."""
    ways = {str(helper.get_attribute_value(n.attribute[0])) for n in g.nodes
            if n.op_type == "Transpose" and (n.input[0] == "x" or n.output[0] == g.output)}  # fmt: skip
    return bool(ways & {"[0, 3, 1, 2]", "[0, 2, 3, 1]"})


# ---- What becomes of it


def run(program, *arguments):
    """What one of Tarn's programs prints; None where it refuses the file, with a sentence."""
    result = subprocess.run([os.path.join(os.environ["TARN_BUILD"], program), *arguments], capture_output=True, text=True)
    if result.returncode == 0:
        return result.stdout
    if not re.search(r": [ab]\.onnx: |nn_export_(c|onnx): ", result.stderr):
        check(f"{result.stderr.strip()}: exit status {result.returncode}", False)
    return None


def in_tarns_order(x):
    return numpy.ascontiguousarray(numpy.moveaxis(x, 1, -1) if x.ndim == 4 else x)


def by_tarn(path, x):
    in_tarns_order(x).tofile("x.f32")
    sample = ",".join(map(str, in_tarns_order(x).shape[1:]))
    shape = run("tests/exchange/imported", "run", path, str(len(x)), sample, "x.f32", "y.f32")
    if shape is None:
        return None
    y = numpy.fromfile("y.f32", numpy.float32).reshape([int(n) for n in re.findall(r"\d+", shape)])
    return numpy.moveaxis(y, -1, 1) if y.ndim == 4 else y


def by_runtime(path, x):
    session = onnxruntime.InferenceSession(path, options)
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def by_c(x, expected):
    """Compiled with all warnings and sanitizers."""
    ends = f"static float image[{x[0].size}], scores[{expected[0].size}];"
    with open("main.c", "w") as file:
        file.write("#include <stdio.h>\nvoid predict(const float *image, float *scores);\nint main(void)\n{\n" + ends)
        file.write("while (fread(image, sizeof image, 1, stdin) == 1) {\npredict(image, scores);\n")
        file.write("fwrite(scores, sizeof scores, 1, stdout);\n}\nreturn 0;\n}\n")
    strict = "-std=c99 -Wall -Wextra -Wpedantic -Werror -fsanitize=address,undefined -fno-sanitize-recover=all".split()
    subprocess.run(["cc", *strict, "-o", "program", "network.c", "main.c", "-lm"], check=True)
    found = subprocess.run("./program", input=in_tarns_order(x).tobytes(), capture_output=True, check=True).stdout
    y = numpy.frombuffer(found, numpy.float32).reshape(in_tarns_order(expected).shape)
    return numpy.moveaxis(y, -1, 1) if y.ndim == 4 else y


def compare(what, found, expected, tolerance):
    if found is None:
        counts[f"{what}: refused"] += 1
        return False
    near = found.shape == expected.shape and (abs(found - expected) <= tolerance * (1 + abs(expected))).all()
    counts[what] += 1
    if not near:
        check(f"{what}: network {number}, {[node.op_type for node in onnx.load('a.onnx').graph.node]}", False)
    return near


def examine(g, x):
    onnx.save(g.model(), "a.onnx")
    try:
        expected = by_runtime("a.onnx", x)
    except Exception:  # such as SpaceToDepth of odd sides, which shape inference lets through
        counts["refused by the runtime"] += 1
        return
    # What rounding of the input alone makes of it: norms of nearly constant values, powers.
    moved = abs(by_runtime("a.onnx", x * numpy.float32(1 + 1e-6)) - expected) / (1 + abs(expected))
    tolerance = max(1e-4, 20 * moved.max())
    if not (numpy.isfinite(expected).all() and abs(expected).max() < 1e4 and tolerance < 1e-2):
        counts["too large, or too sensitive"] += 1
        return
    if not compare("read", by_tarn("a.onnx", x), expected, tolerance):
        return
    for how in [], ["--fold"]:
        if run("examples/lab/convert", "a.onnx", "b.onnx", *how) is None:
            counts["written: refused"] += 1
            continue
        onnx.checker.check_model(onnx.load("b.onnx"), full_check=True)
        compare(" ".join(["written", *how]), by_runtime("b.onnx", x), expected, tolerance)
        compare(" ".join(["written", *how, "and read"]), by_tarn("b.onnx", x), expected, tolerance)
    if number % (COUNT // WITH_C) == 0 and run("examples/lab/convert", "a.onnx", "network.c") is not None:
        compare("as C", by_c(x, expected), expected, tolerance)


for number in range(seed * COUNT, (seed + 1) * COUNT):
    network = draw(number)
    if network.nodes and not is_as_keras(network):
        shape = [SAMPLES, *network.shapes["x"]]
        examine(network, numpy.random.default_rng(number).uniform(-1, 1, shape).astype(numpy.float32))
for what, count in counts.items():
    check(f"{what}: {count}", True)
check("most networks are read", counts["read"] > 0.8 * COUNT)
done()
