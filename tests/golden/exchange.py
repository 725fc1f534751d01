#!/usr/bin/env python3
"""Writes tests/golden/nn/exchange/: files as PyTorch and NumPy make them, and in torch.txt what a network of them
gives. Run it from anywhere with PyTorch 2.13, NumPy and safetensors.
"""
import sys

import numpy
import torch
from safetensors.torch import save_file
from torch import nn

from common import FOLDER, File, exact, normal

sys.path.append(str(FOLDER / "../../docs"))
from export_optimizer import export_optimizer

OUT = FOLDER / "nn" / "exchange"
torch.manual_seed(16)


class Residual(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return self.body(x) + x


def short(module):
    """All parameters and statistics as few digits, so that each of the types holds them."""
    for t in list(module.parameters()) + list(module.buffers()):
        if t.is_floating_point():
            t.data = exact(t.data, 64)
            if t.min() > 0:
                t.data += exact(torch.rand(t.shape), 64)
    return module


def network():
    """Every kind of parameter whose layout differs: groups, depthwise, transposed, behind a flatten."""
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, groups=2), nn.BatchNorm2d(4), nn.ReLU(),  # (4, 5, 4)
        Residual(nn.Sequential(nn.Conv2d(4, 4, 3, padding=1, groups=4), nn.ReLU())),
        nn.ConvTranspose2d(4, 6, 2, stride=2, groups=2), nn.GroupNorm(3, 6), nn.MaxPool2d(2),  # (6, 5, 4)
        nn.Flatten(), nn.LayerNorm(120), nn.Linear(120, 3), nn.Tanh(), nn.Linear(3, 3))  # fmt: skip


model = short(network()).eval()
x = normal(2, 2, 7, 6)
file = File("nn/exchange/torch")
file.begin("network")
file.tensor("x0", x.permute(0, 2, 3, 1))
file.tensor("y", model(x).detach())
state = {name: t.float() if t.is_floating_point() else t for name, t in model.state_dict().items()}
save_file(state, OUT / "torch.safetensors", metadata={"format": "pt"})

for dtype, name in (torch.float64, "f64"), (torch.float16, "f16"), (torch.bfloat16, "bf16"):
    save_file({"weight": torch.tensor([[1, -0.5], [3, 2**-14], [0.25, -8]], dtype=dtype),
               "bias": torch.tensor([float("inf"), 0, -(2.0**-24)], dtype=dtype)}, OUT / f"{name}.safetensors")  # fmt: skip

# 1 to 6, or which of them are odd, as (2,3): of each type, in C's order and small end first, and in Fortran's and big
# end first.
arrays = {}
for kind in ("f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "b1"):
    values = numpy.arange(1, 7).reshape(2, 3)
    values = values % 2 if kind == "b1" else values
    arrays[f"{kind}_c"] = values.astype("<" + kind)
    arrays[f"{kind}_fortran"] = numpy.asfortranarray(values.astype(">" + kind))
arrays["scalar"] = numpy.array(2.5)
arrays["empty"] = numpy.zeros((0, 3), numpy.float32)
numpy.savez(OUT / "stored.npz", **arrays)
numpy.savez_compressed(OUT / "deflated.npz", long=numpy.zeros((100, 20), numpy.float32), **arrays)
numpy.save(OUT / "cube.npy", numpy.asfortranarray(numpy.arange(24, dtype=">f8").reshape(2, 3, 4)))

# A training that has taken three steps, and the losses of the next three.
x, target = normal(3, 1, 3, 3), normal(3, 2)
losses = File("nn/exchange/training")
for name, make in {"sgd": lambda p: torch.optim.SGD(p, 0.125, momentum=0.5, nesterov=True),
                   "adam": lambda p: torch.optim.Adam(p, 0.125, amsgrad=True),
                   "adamw": lambda p: torch.optim.AdamW(p, 0.125, weight_decay=0.5)}.items():  # fmt: skip
    model = short(nn.Sequential(nn.Conv2d(1, 2, 2), nn.Tanh(), nn.Flatten(), nn.Linear(8, 2)))
    optimizer = make(model.parameters())
    values = []
    for step in range(6):
        if step == 3:
            save_file(model.state_dict(), OUT / f"{name}_model.safetensors")
            export_optimizer(model, optimizer, OUT / f"{name}_state.safetensors")
        loss = ((model(x) - target) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        values.append(loss.item())
    losses.begin(name)
    losses.tensor("x0", x.permute(0, 2, 3, 1))
    losses.tensor("x1", target)
    losses.tensor("y", torch.tensor(values[3:]))
