"""PyTorch's side of the benchmark. Reads lines "WORKLOAD THREADS SECONDS" from stdin, runs steps of that
workload for about so long, and answers each with the median milliseconds of a step."""
import os
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10))


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25),
        nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))


def mlp():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


WORKLOADS = {  # model, batch, whether to train
    'lenet': (lenet, 64, True), 'cnn': (cnn, 64, True), 'mlp': (mlp, 128, True),
    'infer-1': (lenet, 1, False), 'infer-256': (lenet, 256, False)}


class Running:
    def __init__(self, name):
        make, batch, self.training = WORKLOADS[name]
        torch.manual_seed(1)
        layout = torch.channels_last if os.environ.get('BENCH_LAYOUT') == 'nhwc' else torch.contiguous_format
        self.model = make().to(memory_format=layout)
        self.model.train(self.training)
        self.images = torch.randn(batch, 1, 28, 28).contiguous(memory_format=layout)
        self.labels = torch.arange(batch) * 7 % 10
        self.optimizer = torch.optim.Adam(self.model.parameters())

    def step(self):
        if not self.training:
            with torch.no_grad():
                self.model(self.images)
            return
        loss = F.cross_entropy(self.model(self.images), self.labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()


running = {}
for line in sys.stdin:
    name, threads, seconds = line.split()
    torch.set_num_threads(int(threads))
    if name not in running:
        running[name] = Running(name)
        for _ in range(5):
            running[name].step()
    times, end = [], time.perf_counter() + float(seconds)
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        running[name].step()
        times.append(time.perf_counter() - start)
    print(1e3 * sorted(times)[len(times) // 2], flush=True)
