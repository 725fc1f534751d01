"""Networks that stay a graph in Tarn: from PyTorch's exporter into Tarn, through a file of Tarn's, and back to ONNX. There
the checker accepts them, and the runtime gives what the first file gives, for batches of any size. And networks whose
ways part and meet as those of Tarn's modules: they become modules. All become a C file that gives what PyTorch does."""

import logging
import subprocess
import warnings

import numpy
import onnx
import onnxruntime
import torch
from torch import nn

from peers import MAIN, check, check_near, convert, done

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
torch.manual_seed(0)
torch.set_grad_enabled(False)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 3


class UNet(nn.Module):
    """Down and up again, with what was seen on the way put beside it."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.down = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.GELU(), nn.Conv2d(16, 16, 3, padding=1), nn.SiLU())
        self.bottom = nn.Conv2d(16, 8, (1, 3), padding=(0, 1))
        self.up = nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.enlarge = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
        self.last = nn.Conv2d(24, 2, 3, padding=1)

    def forward(self, x):
        first = self.first(x)
        down = self.down(nn.functional.max_pool2d(first, 2))
        bottom = self.bottom(nn.functional.avg_pool2d(down, 2))
        return self.last(torch.cat([first, self.up(down), self.enlarge(self.enlarge(bottom))], 1))


class SqueezeExcitation(nn.Module):
    """Channels that are weighed by what all of them say, and two orders of images that meet."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 12, 5, stride=2), nn.BatchNorm2d(12)
        self.squeeze, self.excite, self.last = nn.Linear(12, 4), nn.Linear(4, 12), nn.Linear(24, 10)
        self.scale, self.groups = nn.Parameter(torch.rand(12, 1, 1) + 0.5), nn.GroupNorm(3, 12)

    def forward(self, x):
        x = torch.relu(self.norm(self.conv(x)))
        gate = torch.sigmoid(self.excite(torch.relu(self.squeeze(x.mean((2, 3))))))
        y = x * gate[:, :, None, None] * self.scale
        return self.last(torch.cat([self.groups(y), y - x], 1).mean((2, 3)))


class Concatenated(nn.Module):
    """A residual connection, values beside each other, and parts of them."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = (nn.Conv2d(i, 6, 3, padding=1) for i in (1, 6, 12))
        self.norm, self.last = nn.BatchNorm2d(6), nn.Linear(6 * 15 * 16, 10)

    def forward(self, x):
        a = torch.relu(self.a(x))
        c = self.c(torch.cat([a, a + self.norm(self.b(a))], 1))
        left, right = nn.functional.max_pool2d(c, 2).chunk(2, 1)
        y = torch.cat([left.clamp(-1, 2), nn.functional.leaky_relu(right, 0.1)], 1)
        y = nn.functional.pad(y, (1, 1, 0, 1))
        return torch.log_softmax(self.last(y.flatten(1)), -1)


class Attention(nn.Module):
    """Over the rows of an image: shapes that hold the batch beside sizes that are open."""

    def __init__(self, width=28, heads=4):
        super().__init__()
        self.heads, self.norm = heads, nn.LayerNorm(width)
        self.qkv, self.mix, self.head = nn.Linear(width, 3 * width), nn.Linear(width, width), nn.Linear(width, 10)

    def forward(self, x):
        x = x.squeeze(1)
        n, rows, width = x.shape
        q, k, v = self.qkv(self.norm(x)).view(n, rows, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        a = torch.softmax(q @ k.transpose(2, 3) / 7**0.5, -1)
        return self.head((x + self.mix((a @ v).transpose(1, 2).reshape(n, rows, width))).mean(1))


class Permuted(nn.Module):
    """Channels shuffled, and an image that is enlarged by no whole factor."""

    def __init__(self):
        super().__init__()
        self.conv, self.last = nn.Conv2d(1, 6, 3, stride=3), nn.Conv2d(6, 3, 1)

    def forward(self, x):
        n = x.shape[0]
        x = self.conv(x).reshape(n, 2, 3, 9, 9).transpose(1, 2).reshape(n, 6, 9, 9)
        x = nn.functional.interpolate(x, (13, 11), mode="bilinear", align_corners=True)
        return self.last(x) - x.sum((1, 2), keepdim=True).abs().sqrt() / 9


class Windows(nn.Module):
    """Windows of unequal sides, with gaps, at the ends of images, beside each other and weighed by each other."""

    def __init__(self):
        super().__init__()
        self.wide, self.same = nn.Conv2d(1, 4, (2, 5), (1, 2), (1, 0), (3, 2)), nn.Conv2d(4, 4, (3, 2), padding="same")
        self.gaps, self.up = nn.Conv2d(4, 6, 3, dilation=(2, 1), groups=2), nn.ConvTranspose2d(
            6, 4, (3, 2), (3, 2), (1, 0), (1, 1), 2, dilation=(2, 1))  # fmt: skip
        self.norms = nn.ModuleList(nn.BatchNorm2d(n) for n in (4, 6, 4))

    def forward(self, x):
        x = self.same(self.norms[0](self.wide(x)))
        x = x * torch.sigmoid(nn.functional.max_pool2d(x, (3, 1), 1, (1, 0)))
        y = nn.functional.max_pool2d(x, (2, 3), (2, 1), (1, 1), (3, 2), ceil_mode=True)
        y = self.norms[2](self.up(torch.tanh(self.norms[1](self.gaps(y)))))
        y = y * nn.functional.avg_pool2d(y, (3, 5), 1, (1, 2))
        z = nn.functional.avg_pool2d(y, (3, 2), (2, 3), (1, 0), ceil_mode=True, count_include_pad=False)
        return z * nn.functional.max_pool2d(y, (2, 1), (2, 3), 0, (3, 1), ceil_mode=True)[:, :, : z.shape[2]].mean()


class Inception(nn.Module):
    """Four views of the same pixels, and a residual connection whose body is two of them."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3, stride=2)
        self.one, self.before, self.three = nn.Conv2d(4, 3, 1), nn.Conv2d(4, 2, 1), nn.Conv2d(2, 5, 3, padding=1)
        self.pooled, self.left, self.right = nn.Conv2d(4, 2, 1), nn.Conv2d(14, 7, 3, padding=1), nn.Conv2d(14, 7, 1)
        self.last = nn.Linear(14, 10)

    def forward(self, x):
        x = torch.relu(self.stem(x))
        views = [self.one(x), self.three(torch.relu(self.before(x))), x]
        x = torch.cat([self.pooled(nn.functional.max_pool2d(x, 3, 1, 1)), *views], 1)
        x = x + torch.cat([self.left(x), self.right(x)], 1)
        return self.last(torch.relu(x).mean((2, 3)))


class Dense(nn.Module):
    """Each layer hands on what came to it, before or behind its own channels."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(n, 3, 3, padding=1) for n in (1, 4, 7))
        self.norms = nn.ModuleList(nn.BatchNorm2d(n) for n in (1, 4, 7))
        self.last = nn.Linear(10, 10)

    def forward(self, x):
        for i, (norm, layer) in enumerate(zip(self.norms, self.layers)):
            more = layer(torch.relu(norm(x)))
            x = torch.cat([x, more] if i % 2 else [more, x], 1)
        return self.last(nn.functional.adaptive_avg_pool2d(x, 1).flatten(1))


class Nested(nn.Module):
    """A U-Net: a level inside the other."""

    def __init__(self):
        super().__init__()
        self.downs = nn.ModuleList(nn.Conv2d(i, o, 3, padding=1) for i, o in ((1, 4), (4, 6), (6, 8)))
        self.ups = nn.ModuleList(nn.ConvTranspose2d(i, o, 2, stride=2) for i, o in ((8, 6), (6, 4)))
        self.mixes = nn.ModuleList(nn.Conv2d(i, o, 3, padding=1) for i, o in ((12, 6), (8, 4)))
        self.last = nn.Conv2d(4, 10, 28)

    def forward(self, x):
        top = torch.relu(self.downs[0](x))
        middle = torch.relu(self.downs[1](nn.functional.max_pool2d(top, 2)))
        bottom = torch.relu(self.downs[2](nn.functional.max_pool2d(middle, 2)))
        middle = torch.relu(self.mixes[0](torch.cat([middle, self.ups[0](bottom)], 1)))
        top = torch.relu(self.mixes[1](torch.cat([self.ups[1](middle), top], 1)))
        return self.last(top).flatten(1)


def examine(what, first, path):
    """The file that Tarn has written gives what the first one does."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    one, other = (onnxruntime.InferenceSession(name, options) for name in (first, path))
    for count in (1, 4):
        x = numpy.random.default_rng(count).random((count, 1, 28, 28), dtype=numpy.float32)
        expected = one.run(None, {one.get_inputs()[0].name: x})[0]
        check_near(f"{what}: {len(model.graph.node)} nodes, of {count}", other.run(None, {"input": x})[0], expected, 1e-4)


def examine_c(what, path, model):
    """The C file gives what PyTorch gives."""
    convert(path, "network.c", "--input", "28,28,1")
    subprocess.run(["cc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O2", "-o", "program", "network.c", "main.c", "-lm"], check=True)  # fmt: skip
    x = torch.rand(20, 1, 28, 28)
    expected = model(x)
    if expected.dim() == 4:
        return  # more than the ten numbers that the program reads
    found = subprocess.run("./program", input=x.numpy().tobytes(), capture_output=True, check=True).stdout
    check_near(f"{what}: as C", numpy.frombuffer(found, numpy.float32).reshape(-1, 10), expected.numpy(), 1e-4)


def norms_in(path):
    return sum(node.op_type == "BatchNormalization" for node in onnx.load(path).graph.node)


def export(kind, **options):
    model = kind().eval()
    for buffer in model.buffers():
        if buffer.dtype.is_floating_point:
            buffer.copy_(torch.rand_like(buffer) + 0.5)
    torch.onnx.export(model, (torch.rand(2, 1, 28, 28),), "first.onnx", dynamo=False, input_names=["x"],
                      dynamic_axes={"x": {0: "n"}}, **options)  # fmt: skip
    return model


with open("main.c", "w") as main:
    main.write(MAIN)
for kind in (Inception, Dense, Nested):
    model = export(kind)
    convert("first.onnx", "modules.safetensors")
    check(f"{kind.__name__}: becomes modules", b"Graph" not in open("modules.safetensors", "rb").read())
    convert("modules.safetensors", "second.onnx", "--input", "28,28,1")
    examine(f"{kind.__name__}, from its file", "first.onnx", "second.onnx")
    examine_c(kind.__name__, "modules.safetensors", model)

for kind in (UNet, SqueezeExcitation, Concatenated, Attention, Permuted, Windows):
    model = export(kind)
    convert("first.onnx", "graph.safetensors")
    check(f"{kind.__name__}: stays a graph", b"Graph" in open("graph.safetensors", "rb").read())
    convert("graph.safetensors", "second.onnx")
    examine(f"{kind.__name__}, from its file", "first.onnx", "second.onnx")
    examine_c(kind.__name__, "graph.safetensors", model)
    convert("second.onnx", "third.onnx")
    examine(f"{kind.__name__}, once more", "first.onnx", "third.onnx")

# PyTorch's exporter folds normalization itself unless it is told not to.
for kind, norms in ((SqueezeExcitation, 1), (Windows, 3)):
    export(kind, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
    convert("first.onnx", "graph.safetensors")
    for option, expected in ((), norms), (("--fold",), 0):
        convert("graph.safetensors", "second.onnx", *option)
        examine(f"{kind.__name__}, {option}", "first.onnx", "second.onnx")
        check(f"{kind.__name__}, {option}: {expected} norms", norms_in("second.onnx") == expected)
done()
