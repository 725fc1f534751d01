"""Networks in PyTorch's layout, both ways: what one has trained gives the same logits in the other, and an epoch from
the same weights on the same batches the same losses. PyTorch trains in double, since two trainings in float drift apart
by their rounding, at rates at which one of Tarn's does not. The epoch is one of 1,000 digits: over 10,000 PyTorch in
float is itself 0.01 (Adam) to 0.08 (SGD with momentum) from PyTorch in double."""

import numpy
import torch
from safetensors.torch import load_file, save_file

from peers import BATCH, check, check_near, digits, done, network, networks

STEPS = 20
images, labels = digits(STEPS * BATCH)


def sgd(rate):
    return f"sgd:lr={rate},momentum=0.9", lambda model: torch.optim.SGD(model.parameters(), rate, 0.9), torch.float32


def adam(rate):
    return f"adam:lr={rate}", lambda model: torch.optim.Adam(model.parameters(), rate), torch.float64


trainings = {
    "lenet": [sgd(0.01), adam(0.001)],
    "cnn": [sgd(0.01), adam(0.001)],
    "mobile": [sgd(0.003), adam(0.001)],
    "resnet": [sgd(0.001), adam(0.0001)],
}


def steps_of(name):
    return STEPS // 2 if name == "cnn" else STEPS


def logits_of(model):
    model.eval()
    with torch.no_grad():
        return model(images.to(next(model.parameters()).dtype)).numpy()


def tarns_logits(name, weights):
    network("logits", name, weights, "images.f32", "logits.f32")
    return numpy.fromfile("logits.f32", numpy.float32).reshape(-1, 10)


def train(name, model, optimizer):
    """An epoch in PyTorch; the losses."""
    model.train(name != "cnn")
    losses = []
    for i in range(0, steps_of(name) * BATCH, BATCH):
        loss = torch.nn.functional.cross_entropy(model(images[i : i + BATCH].double()), labels[i : i + BATCH])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def load(name, weights):
    model = networks[name]()
    model.load_state_dict(load_file(weights))  # every name and shape, and no other
    return model


for name, ways in trainings.items():
    network("new", name, "start.safetensors")
    for optimizer, make, dtype in ways:
        which = f"{name}, {optimizer}"
        text = network("train", name, "start.safetensors", "images.f32", "labels.i32", optimizer, steps_of(name), "tarn.safetensors")
        ours = load(name, "tarn.safetensors")
        check_near(f"{which}: trained in Tarn, logits", logits_of(ours), tarns_logits(name, "tarn.safetensors"), 1e-4)
        theirs = load(name, "start.safetensors").double()
        losses = train(name, theirs, make(theirs))
        check_near(f"{which}: losses of an epoch", [float(line) for line in text.split()], losses, 1e-3)
        check(f"{which}: learned, {losses[0]:.3f} to {losses[-1]:.3f}", losses[-1] < losses[0])
        save_file(theirs.to(dtype).state_dict(), "torch.safetensors")
        check_near(f"{which}: trained in PyTorch, logits", tarns_logits(name, "torch.safetensors"), logits_of(theirs), 1e-4)
done()
