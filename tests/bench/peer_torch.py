"""PyTorch's side of the benchmark.

    peer_torch.py tuned | plain

Says which libraries it has loaded. Then reads lines "LAYOUT THREADS SETTLE SECONDS REQUEST" from stdin, runs
steps of what is asked for for SETTLE seconds, then for SECONDS, and answers each with the median milliseconds of a step.

REQUEST is a workload, as workload.c has them, or "conv2d PASS BATCH EXTENT IN OUT KERNEL STRIDE PADDING GROUPS".
"""
import ctypes
import re
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

TUNED = sys.argv[1] == 'tuned'
LAYOUTS = {'NCHW': torch.contiguous_format, 'NHWC': torch.channels_last}


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


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))
        self.projection = nn.Identity() if stride == 1 else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return F.relu(self.body(x).add_(self.projection(x)), inplace=True)


def resnet():
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True), Block(16, 16, 1),
        Block(16, 16, 1), Block(16, 32, 2), Block(32, 32, 1), Block(32, 64, 2), Block(64, 64, 1),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def adam(parameters):
    return torch.optim.Adam(parameters)


def momentum(parameters):
    return torch.optim.SGD(parameters, lr=0.1, momentum=0.9)


WORKLOADS = {  # model, batch, image, optimizer
    'lenet': (lenet, 64, (1, 28, 28), adam), 'cnn': (cnn, 64, (1, 28, 28), adam),
    'resnet': (resnet, 64, (3, 32, 32), momentum), 'mlp': (mlp, 128, (1, 28, 28), adam),
    'infer-1': (lenet, 1, (1, 28, 28), None), 'infer-256': (lenet, 256, (1, 28, 28), None)}


def workload(name, layout):
    """A function that runs a step."""
    make, batch, image, make_optimizer = WORKLOADS[name]
    torch.manual_seed(1)
    model = make().to(memory_format=layout).train(make_optimizer is not None)
    images = torch.randn(batch, *image).contiguous(memory_format=layout)
    if not make_optimizer:
        def infer():
            with torch.inference_mode():
                model(images)
        return infer
    optimizer = make_optimizer(model.parameters())
    for group in optimizer.param_groups:
        group['lr'] = 0.0  # as in workload.c
    labels = [(torch.arange(batch) * 7 + step) % 10 for step in range(10)]
    steps = 0

    def train():
        nonlocal steps
        steps += 1
        loss = F.cross_entropy(model(images), labels[steps % 10])
        optimizer.zero_grad(set_to_none=TUNED)
        loss.backward()
        optimizer.step()
    return train


def convolution(arguments, layout):
    """The same for one pass of a convolution."""
    what = arguments[0]
    batch, extent, inputs, outputs, kernel, stride, padding, groups = map(int, arguments[1:])
    x = torch.randn(batch, inputs, extent, extent).contiguous(memory_format=layout)
    w = torch.randn(outputs, inputs // groups, kernel, kernel).contiguous(memory_format=layout)

    def forward():
        y = F.conv2d(x, w, None, stride, padding, 1, groups)
        return F.max_pool2d(F.relu(y, inplace=True), 2) if what.startswith('pool') else y

    def forward_alone():
        with torch.inference_mode():
            forward()

    if what.endswith('forward'):
        return forward_alone
    if what == 'pool-both':
        x.requires_grad_()
        w.requires_grad_()
        y = forward()
        dy = torch.randn_like(y)
        return lambda: torch.autograd.grad(y, (x, w), dy, retain_graph=True)
    dy = torch.randn_like(forward())
    return lambda: torch.ops.aten.convolution_backward(
        dy, x, w, None, [stride, stride], [padding, padding], [1, 1], False, [0, 0], groups,
        [what == 'input', what == 'weight', False])


def greet():
    torch.ones(8, 8) @ torch.ones(8, 8)
    with open('/proc/self/maps') as maps:
        loaded = {line.split()[-1] for line in maps if '/' in line}
    blas = [path for path in loaded if re.search(r'openblas[^/]*\.so', path)]
    core = ''
    if blas:
        name = ctypes.CDLL(blas[0]).openblas_get_corename
        name.restype = ctypes.c_char_p
        core = ', ' + name().decode()
    malloc = ', tcmalloc' if any('tcmalloc' in path for path in loaded) else ''
    print(f"{torch.__version__}, {blas[0] if blas else 'no OpenBLAS'}{core}{malloc}", flush=True)


def main():
    if TUNED:
        torch.set_flush_denormal(True)  # threads started later inherit it
    greet()
    held, step = None, None
    for line in sys.stdin:
        layout, threads, settle, seconds, *request = line.split()
        torch.set_num_threads(int(threads))
        if held != (layout, request):
            held, step = (layout, request), None
            step = (convolution(request[1:], LAYOUTS[layout]) if request[0] == 'conv2d'
                    else workload(request[0], LAYOUTS[layout]))
            for _ in range(3):
                step()
        begin = time.perf_counter() + float(settle)
        while time.perf_counter() < begin:
            step()
        times, end = [], time.perf_counter() + float(seconds)
        while time.perf_counter() < end or len(times) < 3:
            start = time.perf_counter()
            step()
            times.append(time.perf_counter() - start)
        print(1e3 * sorted(times)[len(times) // 2], flush=True)


main()
