#!/usr/bin/env python3
"""Writes tests/golden/nn/exchange/*.onnx: networks as both of PyTorch's exporters write them, and in onnx.txt what they
give. Run it from anywhere with PyTorch 2.13, onnx and onnxscript.
"""
import onnx
import torch
from torch import nn

from common import FOLDER, File, exact, normal

OUT = FOLDER / "nn" / "exchange"
torch.manual_seed(17)


class Branches(nn.Module):
    """What no chain of layers is: values that are read several times, put together and multiplied."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3, stride=2, padding=1)
        self.norm = nn.GroupNorm(2, 4)
        self.wide = nn.Conv2d(4, 4, 3, padding=1, groups=2)
        self.gate = nn.Linear(4, 4)
        self.head = nn.Sequential(nn.Conv2d(8, 3, 1), nn.BatchNorm2d(3))
        self.last = nn.Linear(48, 3)

    def forward(self, x):
        x = nn.functional.silu(self.norm(self.stem(x)))
        y = self.wide(x)
        y = y * torch.sigmoid(self.gate(x.mean((2, 3))))[:, :, None, None]
        y = self.head(torch.cat((x, y), 1)).relu()
        return self.last(y.view(y.shape[0], -1))


class Pieces(nn.Module):
    """Much of what happens to elements, axes and shapes in networks, once."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 6, 3, padding=1)
        self.slopes = nn.PReLU(3)
        self.up = nn.ConvTranspose2d(3, 2, 2, stride=2)
        self.images = nn.InstanceNorm2d(2, affine=True)
        self.rows = nn.LayerNorm(4)
        self.last = nn.Linear(8, 3)

    def elements(self, a, b):
        f = nn.functional
        a = f.elu(a, 0.5) + f.selu(b) - f.celu(a * b) + f.softplus(a) * f.softsign(b)
        b = f.leaky_relu(b) + f.hardswish(a) * f.hardsigmoid(b) + f.mish(a) + f.gelu(b)
        c = torch.maximum(a, b) - torch.minimum(a, -b).clamp(-1, 0.75)
        d = torch.sqrt(a * a + 1) / (b.abs() + 2) + torch.log(b * b + 1.5) - torch.exp(-a.abs()) + torch.erf(b)
        return c, d + (a * a + 3).reciprocal().pow(2)

    def forward(self, x):
        a, b = torch.tanh(self.stem(x)).split(3, 1)
        a, b = self.elements(self.slopes(a), b)
        y = torch.cat((a[:, :, 1:5], b[:, :, 4:]), 3)[:, :, :, 2:14]
        y = nn.functional.pad(y, (1, 1, 0, 2))
        y = nn.functional.avg_pool2d(y, 2) + nn.functional.max_pool2d(y, 3, 2, 1)
        y = self.images(self.up(y))
        y = nn.functional.interpolate(y, scale_factor=2) - nn.functional.interpolate(y, size=(12, 28), mode="bilinear")
        y = torch.softmax(y, 1) * y.sum(3, keepdim=True) + torch.log_softmax(y, 1).mean((2, 3), keepdim=True)
        z = self.rows(y.transpose(2, 3).reshape(y.shape[0], 2, -1, 4))
        z = z.mean(2).unsqueeze(2)
        z = torch.cat((z, z * z[:, 0:1]), 2)
        return self.last(z[:, :, 1].flatten(1) - z[:, 0].squeeze(1).sum(1)[:, 0:1])


def short(module):
    for t in list(module.parameters()) + list(module.buffers()):
        if t.is_floating_point():
            t.data = exact(t.data, 64)
            if t.min() > 0:
                t.data += exact(torch.rand(t.shape), 64)
    return module.eval()


def strip(path):
    """Leaves out what is said for people alone: where in the sources of whoever ran this each node comes from."""
    model = onnx.load(path)
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.initializer, *model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    del model.graph.value_info[:], model.graph.metadata_props[:], model.metadata_props[:]
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


chain = short(nn.Sequential(
    nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(18, 4), nn.Tanh(), nn.Linear(4, 3)))  # fmt: skip
branches = short(Branches())
x = normal(2, 1, 8, 8)
file = File("nn/exchange/onnx")
for name, model in ("chain", chain), ("branches", branches), ("pieces", short(Pieces())):
    file.begin(name)
    file.tensor("x0", x.permute(0, 2, 3, 1))
    file.tensor("y", model(x).detach())
    model.float()
    open_batch = {"input_names": ["x"], "dynamic_axes": {"x": {0: "n"}}} if name == "pieces" else {}
    torch.set_default_dtype(torch.float32)  # of the numbers that the exporter adds
    torch.onnx.export(model, (x[:1].float(),), OUT / f"{name}_old.onnx", dynamo=False, **open_batch)
    torch.set_default_dtype(torch.float64)
    strip(OUT / f"{name}_old.onnx")
    if name == "pieces":  # squeeze() is not for a batch of any size there
        continue
    torch.onnx.export(model, (x.float(),), OUT / f"{name}_dynamo.onnx", dynamo=True, external_data=False, verbose=False,
                      dynamic_shapes=({0: "n"},))  # fmt: skip
    strip(OUT / f"{name}_dynamo.onnx")
