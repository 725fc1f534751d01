"""Networks in ONNX become Tarn's: of both of PyTorch's exporters, of scikit-learn's and Keras' where they can be had, and
the models of the onnx package's own tests of each operator. They give the same numbers, and train on as in PyTorch."""

import collections
import importlib.util
import logging
import os
import re
import subprocess
import warnings

import numpy
import onnx
import torch
from onnx import numpy_helper
from onnx.backend.test import loader
from torch import nn

from peers import BATCH, check, check_near, digits, done, networks, tarn

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
torch.manual_seed(0)
STEPS = 20
images, labels = digits(STEPS * BATCH)


class TransformerBlock(nn.Module):
    """Attention, by hand, over the rows of an image, and GELU."""

    def __init__(self, width=28, heads=4):
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.mix = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        x = x.squeeze(1)
        n, rows, width = x.shape
        q, k, v = self.qkv(self.before(x)).view(n, rows, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        a = torch.softmax(q @ k.transpose(2, 3) / (width // self.heads) ** 0.5, -1)
        x = x + self.mix((a @ v).transpose(1, 2).reshape(n, rows, width))
        x = x + self.narrow(nn.functional.gelu(self.wide(self.between(x))))
        return self.head(x.mean(1))


class Branches(nn.Module):
    """Values that several nodes read: put together, multiplied, enlarged."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.left, self.right = nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(8, 4, (1, 3), padding=(0, 1))
        self.squeeze, self.excite = nn.Linear(12, 4), nn.Linear(4, 12)
        self.up = nn.ConvTranspose2d(12, 6, 3, stride=2, padding=1, output_padding=1)
        self.last = nn.Linear(6 * 14 * 14, 10)

    def forward(self, x):
        x = nn.functional.relu6(self.down(x))
        x = torch.cat((nn.functional.hardswish(self.left(x)), nn.functional.silu(self.right(x))), 1)
        gate = torch.sigmoid(self.excite(torch.relu(self.squeeze(x.mean((2, 3))))))
        x = self.up(x * gate[:, :, None, None])
        y = nn.functional.interpolate(nn.functional.avg_pool2d(x, 3, 2, 1, count_include_pad=False), scale_factor=2)
        x = nn.functional.max_pool2d(nn.functional.pad(x + y, (0, 1, 1, 0)), 3, 2, ceil_mode=True)
        return self.last(x[:, :, :14, :14].reshape(x.size(0), -1))


def imported(*arguments):
    """What Tarn says; its sentence if it refuses."""
    command = [os.path.join(os.environ["TARN_BUILD"], "tests/exchange/imported"), *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True)
    return result.stdout.strip() if result.returncode == 0 else None, result.stderr.strip()


def run(path, x, channels_last=False):
    """What the network gives for x, as ONNX has it, or the sentence."""
    x = numpy.moveaxis(x, 1, -1) if x.ndim == 4 and not channels_last else x
    numpy.ascontiguousarray(x, numpy.float32).tofile("x.f32")
    shape, sentence = imported("run", path, x.shape[0], ",".join(map(str, x.shape[1:])) or "-", "x.f32", "y.f32")
    if shape is None:
        return sentence
    y = numpy.fromfile("y.f32", numpy.float32).reshape([int(n) for n in re.findall(r"\d+", shape)])
    return numpy.moveaxis(y, -1, 1) if y.ndim == 4 else y


def near(what, found, expected, tolerance=1e-4):
    if isinstance(found, str):
        check(f"{what}: {found}", False)
    else:
        check_near(what, found, expected, tolerance)


def export(model, path, dynamo):
    if dynamo:
        torch.onnx.export(model, (images[:2],), path, dynamo=True, external_data=False, verbose=False,
                          dynamic_shapes=({0: "n"},))  # fmt: skip
    else:
        torch.onnx.export(model, (images[:1],), path, dynamo=False)


def logits_of(model):
    model.eval()
    with torch.no_grad():
        return model(images.to(next(model.parameters()).dtype)).numpy()


# ---- PyTorch

networks |= {"branches": Branches, "transformer": TransformerBlock}
for name, make in networks.items():
    for dynamo in (False, True) if importlib.util.find_spec("onnxscript") else (False,):
        model = make()
        which = f"{name}, {'dynamo' if dynamo else 'old'} exporter"
        export(model.eval(), "torch.onnx", dynamo)
        near(f"{which}: logits", run("torch.onnx", images.numpy()), logits_of(model))
        kind = imported("type", "torch.onnx")[0] or ""
        expected = "Sequential" if name in ("lenet", "cnn", "resnet", "mobile") else "Graph"
        check(f"{which}: is a {kind.split(' ')[0]}", kind.startswith(expected))
        if name in ("cnn", "resnet", "mobile"):
            continue
        # By Adam, but where gradients are nothing but rounding, as of the keys' bias, or the largest of a window is 0
        # but for rounding, so that ReLU lets it through in one of both (LeNet): Adam's first steps are as large for these.
        sgd = name in ("transformer", "lenet")
        lines, sentence = imported("train", "torch.onnx", BATCH, "28,28,1", "images.f32", "labels.i32",
                                   "sgd:lr=0.01,momentum=0.9" if sgd else "adam:lr=0.001", STEPS, "y.f32")  # fmt: skip
        model = model.double().train()
        parameters = list(model.parameters())
        optimizer = torch.optim.SGD(parameters, 0.01, 0.9) if sgd else torch.optim.Adam(parameters, 0.001)
        losses = []
        for i in range(0, len(images), BATCH):
            loss = torch.nn.functional.cross_entropy(model(images[i : i + BATCH].double()), labels[i : i + BATCH])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        if lines is None:
            check(f"{which}: {sentence}", False)
        else:
            check_near(f"{which}: losses of an epoch", [float(line) for line in lines.split()], losses, 1e-3)

# In training mode batch normalization stays a layer.
for name in ("resnet", "mobile"):
    model = networks[name]()
    torch.onnx.export(model, (images[:2],), "torch.onnx", dynamo=False, training=torch.onnx.TrainingMode.TRAINING,
                      do_constant_folding=False)  # fmt: skip
    near(f"{name}, in training mode: logits", run("torch.onnx", images.numpy()), logits_of(model))
    check(f"{name}, in training mode: is a Sequential", (imported("type", "torch.onnx")[0] or "").startswith("Sequential"))

# ---- Others

if importlib.util.find_spec("skl2onnx") and importlib.util.find_spec("sklearn"):
    import skl2onnx
    from sklearn.neural_network import MLPRegressor

    x = images.numpy().reshape(len(images), -1)
    regressor = MLPRegressor(hidden_layer_sizes=(16, 8), max_iter=3).fit(x, labels.numpy())
    with open("sklearn.onnx", "wb") as file:
        file.write(skl2onnx.to_onnx(regressor, x[:1]).SerializeToString())
    near("scikit-learn: predictions", run("sklearn.onnx", x).reshape(-1), regressor.predict(x), 1e-4)
else:
    print("left out: scikit-learn's converter is not there")

if importlib.util.find_spec("keras"):
    os.environ["KERAS_BACKEND"] = "torch"
    import keras

    layers = keras.layers
    model = keras.Sequential([
        layers.Input((28, 28, 1)), layers.Conv2D(8, 3, padding="same", activation="relu"), layers.MaxPooling2D(2),
        layers.BatchNormalization(), layers.Conv2D(8, 3, strides=2, activation="elu"), layers.Flatten(),
        layers.Dense(10, activation="softmax")])  # fmt: skip
    x = images[:100].permute(0, 2, 3, 1).contiguous()
    model(x)
    model.export("keras.onnx", format="onnx", verbose=False)
    near("Keras: predictions", run("keras.onnx", x.numpy(), channels_last=True), model.predict(x, verbose=0), 1e-4)
else:
    print("left out: Keras is not there")

# ---- The models of onnx.backend.test

with open(os.path.join(os.path.dirname(__file__), "../../nn/exchange/import_operators.c"), encoding="ascii") as file:
    claimed = set(re.findall(r'(?:ONE\(|TWO\(|\{)"(\w+)"', file.read()))
counts = collections.Counter()
for case in loader.load_model_tests(kind="node"):
    nodes = case.model.graph.node
    if not {node.op_type for node in nodes} <= claimed or any(node.domain not in ("", "ai.onnx") for node in nodes):
        continue
    inputs, outputs = case.data_sets[0]
    arrays = [*inputs, outputs[0]]
    if not inputs or not all(isinstance(a, (numpy.ndarray, numpy.generic)) for a in arrays):
        counts["of no tensors"] += 1
        continue
    expected = numpy.asarray(outputs[0])
    if expected.dtype.kind != "f" or numpy.ndim(inputs[0]) == 0:
        counts["of no floats"] += 1
        continue
    # One input is what comes in, the others, such as weights, become initializers; of Gather the table does.
    kept = 1 if nodes[0].op_type == "Gather" else 0
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    names = [value.name for value in model.graph.input]
    for i, name in enumerate(names[: len(inputs)]):
        if i != kept:
            model.graph.initializer.append(numpy_helper.from_array(numpy.asarray(inputs[i]), name))
    port = [value for value in model.graph.input if value.name == names[kept]]
    del model.graph.input[:], model.graph.output[1:]
    model.graph.input.extend(port)
    onnx.save(model, "node.onnx")
    found = run("node.onnx", numpy.asarray(inputs[kept]))
    if isinstance(found, str):
        counts["refused"] += 1
        # By who reads it; or, the maximum of an axis of size 0, by who runs it.
        check(f"{case.name}: {found}", "node.onnx: " in found or "is empty: the max or min of nothing" in found)
    elif case.name.startswith(("test_training_dropout", "test_batchnorm")) and "training" in case.name:
        counts["of training"] += 1
    else:
        right = found.shape == expected.shape and numpy.allclose(found, expected, 1e-3, 1e-5, equal_nan=True)
        counts["right" if right else "wrong"] += 1
        check(case.name, right)
print("onnx.backend.test:", ", ".join(f"{count} {what}" for what, count in counts.items()))
check("onnx.backend.test: none wrong", counts["wrong"] == 0 and counts["right"] >= 300)
done()
