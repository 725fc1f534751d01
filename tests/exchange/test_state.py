"""A training that PyTorch began goes on in Tarn, with what the optimizer remembers, as it goes on in PyTorch; and one that
Tarn began goes on in PyTorch as in Tarn."""

import os
import sys

import torch
from safetensors.torch import load_file, save_file

from peers import BATCH, check, check_near, digits, done, network, networks

sys.path.append(os.path.join(os.environ["TARN_SAMPLES"], "../../docs"))
from export_optimizer import export_optimizer
from import_optimizer import import_optimizer

STEPS = 20
images, labels = digits(2 * STEPS * BATCH)
BEGIN, REST = ("images.f32", "labels.i32"), ("rest.f32", "rest.i32")
images[STEPS * BATCH :].permute(0, 2, 3, 1).contiguous().numpy().tofile(REST[0])
labels[STEPS * BATCH :].int().numpy().tofile(REST[1])
optimizers = {
    "sgd:lr=0.003,momentum=0.9,nesterov=true": lambda p: torch.optim.SGD(p, 0.003, momentum=0.9, nesterov=True),
    "sgd:lr=0.03,momentum=0.9,ema=true": lambda p: torch.optim.SGD(p, 0.03, momentum=0.9, dampening=0.9),
    "adam:lr=0.001": lambda p: torch.optim.Adam(p, 0.001),
    "adamw:lr=0.001,amsgrad=true": lambda p: torch.optim.AdamW(p, 0.001, amsgrad=True),
}


def train(model, optimizer, begin):
    losses = []
    for i in range(begin, begin + STEPS * BATCH, BATCH):
        loss = torch.nn.functional.cross_entropy(model(images[i : i + BATCH].double()), labels[i : i + BATCH])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def losses_of(*arguments):
    return [float(line) for line in network(*arguments).split()]


for name in "lenet", "mobile":
    for optimizer, make in optimizers.items():
        network("new", name, "start.safetensors")
        model = networks[name]()
        model.load_state_dict(load_file("start.safetensors"))
        theirs = make(model.double().parameters())
        train(model, theirs, 0)
        save_file(model.state_dict(), "middle.safetensors")
        export_optimizer(model, theirs, "state.safetensors")
        expected = train(model, theirs, STEPS * BATCH)
        rest = [name, "middle.safetensors", *REST, optimizer, STEPS, "end.safetensors"]
        found = losses_of("go-on", *rest, "state.safetensors")
        check_near(f"{name}, {optimizer}: losses with the state", found, expected, 1e-3)
        without = max(abs(a - b) for a, b in zip(losses_of("train", *rest), expected))
        check(f"{name}, {optimizer}: without it they differ by {without:.1e}", without > 1e-3)

        # The other way round: Tarn begins, and both go on.
        network("begin", name, "start.safetensors", *BEGIN, optimizer, STEPS, "middle.safetensors", "state.safetensors")
        expected = losses_of("go-on", *rest, "state.safetensors")
        model = networks[name]()
        model.load_state_dict(load_file("middle.safetensors"))
        theirs = make(model.double().parameters())
        import_optimizer(model, theirs, "state.safetensors")
        found = train(model, theirs, STEPS * BATCH)
        check_near(f"{name}, {optimizer}: losses in PyTorch with Tarn's state", found, expected, 1e-3)
done()
