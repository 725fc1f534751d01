#!/usr/bin/env python3
"""Writes tests/golden/nn/exchange/: files as PyTorch and NumPy make them, and in torch.txt what a network of them
gives. Run it from anywhere with PyTorch 2.13, NumPy and safetensors.
"""
import torch
from safetensors.torch import save_file
from torch import nn

from common import FOLDER, File, exact, normal

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
