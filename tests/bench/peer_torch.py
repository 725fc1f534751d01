"""PyTorch's side of the benchmark.

Says in one line what it is, and in the next which settings it can be had in, separated by spaces. Then reads lines
"SETTING THREADS SETTLE SECONDS REQUEST" from stdin, runs steps of what is asked for for SETTLE seconds, then for
SECONDS, and answers each with the median milliseconds of a step; or with 0 where the setting has nothing for it.

SETTING is how images lie in memory, and how the step is run:

    NCHW NHWC            operation by operation, with fused optimizers
    compile autotune     torch.compile, as it is and in the mode max-autotune; NHWC
    bf16 bf16-compile    the first two, NHWC, in autocast to bfloat16

REQUEST is a workload, as workload.c has them, or "conv2d PASS BATCH EXTENT IN OUT KERNEL STRIDE PADDING GROUPS", or
"matmul M K N", or "op-NAME PASS", as operation.c has them.
"""
import contextlib
import inspect
import os
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

COMPILERS = {'compile': 'default', 'autotune': 'max-autotune', 'bf16-compile': 'default'}
IS_NEW = hasattr(torch, 'compile')  # as of 2.0, which also has fused optimizers and autocast of training on a CPU
SETTINGS = ['NCHW', 'NHWC'] + (['compile', 'autotune', 'bf16', 'bf16-compile'] if IS_NEW else [])


def memory_format(setting):
    return torch.contiguous_format if setting == 'NCHW' else torch.channels_last


def precision(setting):
    return torch.autocast('cpu', torch.bfloat16) if setting.startswith('bf16') else contextlib.nullcontext()


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


def separable():
    """As in MobileNet: a depthwise convolution, then one of 1 x 1."""
    layers = [nn.Conv2d(3, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(inplace=True)]
    for inputs, outputs, stride in ((32, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1)):
        layers += [nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False), nn.BatchNorm2d(inputs),
                   nn.ReLU(inplace=True), nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs),
                   nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, 10))


def stage(inputs, outputs):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, 1, 1), nn.ReLU(inplace=True),
                         nn.Conv2d(outputs, outputs, 3, 1, 1), nn.ReLU(inplace=True))


class UNet(nn.Module):
    """Down by max-pooling, up by transposed convolution, with what was on the way down beside it."""
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList([stage(3, 16), stage(16, 32), stage(32, 64)])
        self.up = nn.ModuleList([nn.ConvTranspose2d(64, 32, 2, 2), nn.ConvTranspose2d(32, 16, 2, 2)])
        self.join = nn.ModuleList([stage(64, 32), stage(32, 16)])
        self.head = nn.Conv2d(16, 3, 1)

    def forward(self, x):
        kept = []
        for i, down in enumerate(self.down):
            x = down(F.max_pool2d(x, 2) if i else x)
            kept.append(x)
        for i in range(2):
            x = self.join[i](torch.cat((self.up[i](x), kept[1 - i]), 1))
        return self.head(x)


def resnet20():
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True)]
    for inputs, outputs in ((16, 16), (16, 32), (32, 64)):
        layers += [Block(inputs, outputs, 1 if inputs == outputs else 2), Block(outputs, outputs, 1),
                   Block(outputs, outputs, 1)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def autoencoder():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU(),
        nn.ConvTranspose2d(32, 16, 2, 2), nn.ReLU(), nn.ConvTranspose2d(16, 1, 2, 2))


FUSED = {'fused': True} if 'fused' in inspect.signature(torch.optim.SGD).parameters else {}


def adam(parameters):
    return torch.optim.Adam(parameters, **FUSED)


def momentum(parameters):
    return torch.optim.SGD(parameters, lr=0.1, momentum=0.9, **FUSED)


WORKLOADS = {  # model, batch, image, optimizer
    'lenet': (lenet, 64, (1, 28, 28), adam), 'cnn': (cnn, 64, (1, 28, 28), adam),
    'resnet': (resnet, 64, (3, 32, 32), momentum), 'resnet20': (resnet20, 128, (3, 32, 32), momentum),
    'separable': (separable, 64, (3, 32, 32), momentum), 'unet': (UNet, 16, (3, 32, 32), adam),
    'autoencoder': (autoencoder, 64, (1, 28, 28), adam), 'mlp': (mlp, 128, (1, 28, 28), adam),
    'infer-1': (lenet, 1, (1, 28, 28), None), 'infer-256': (lenet, 256, (1, 28, 28), None)}
TO_PICTURES = ('unet', 'autoencoder')  # which learn to give their pictures back


def workload(name, setting):
    """A function that runs a step."""
    make, batch, image, make_optimizer = WORKLOADS[name]
    torch.manual_seed(1)
    layout = memory_format(setting)
    model = make().to(memory_format=layout).train(make_optimizer is not None)
    run = torch.compile(model, mode=COMPILERS[setting]) if setting in COMPILERS else model
    images = torch.randn(batch, *image).contiguous(memory_format=layout)
    if not make_optimizer:
        def infer():
            with torch.inference_mode(), precision(setting):
                run(images)
        return infer
    optimizer = make_optimizer(model.parameters())
    for group in optimizer.param_groups:
        group['lr'] = 0.0  # as in workload.c
    labels = [(torch.arange(batch) * 7 + step) % 10 for step in range(10)]
    steps = 0

    def train():
        nonlocal steps
        steps += 1
        with precision(setting):
            y = run(images)
            loss = F.mse_loss(y.float(), images) if name in TO_PICTURES else F.cross_entropy(y, labels[steps % 10])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    return train


def convolution(arguments, setting):
    """The same for one pass of a convolution."""
    what = arguments[0]
    batch, extent, inputs, outputs, kernel, stride, padding, groups = map(int, arguments[1:])
    layout = memory_format(setting)
    x = torch.randn(batch, inputs, extent, extent).contiguous(memory_format=layout)
    w = torch.randn(outputs, inputs // groups, kernel, kernel).contiguous(memory_format=layout)
    if setting == 'bf16':
        x, w = x.bfloat16(), w.bfloat16()

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


def product(arguments, setting):
    m, k, n = map(int, arguments)
    a, b = torch.randn(m, k), torch.randn(k, n)
    if setting == 'bf16':
        a, b = a.bfloat16(), b.bfloat16()

    def multiply():
        with torch.inference_mode():
            a @ b
    return multiply


MAP, HALF_MAP, MATRIX = (64, 16, 32, 32), (64, 32, 16, 16), (1024, 1000)
LABELS = torch.arange(1024) * 7 % 1000
IDS = torch.arange(8192) * 7 % 1000
BIAS = (16, 1, 1)


def norm(x, gamma, beta):
    return F.batch_norm(x, None, None, gamma, beta, True)


OPERATIONS = {  # what is called, of tensors of which shapes
    'add': (torch.add, MAP, MAP), 'add-bias': (torch.add, MAP, BIAS), 'mul': (torch.mul, MAP, MAP),
    'div': (torch.div, MAP, MAP), 'maximum': (torch.maximum, MAP, MAP), 'relu': (torch.relu, MAP),
    'leaky_relu': (F.leaky_relu, MAP), 'elu': (F.elu, MAP), 'sigmoid': (torch.sigmoid, MAP),
    'tanh': (torch.tanh, MAP), 'gelu': (F.gelu, MAP), 'silu': (F.silu, MAP), 'softplus': (F.softplus, MAP),
    'hardswish': (F.hardswish, MAP), 'relu6': (F.relu6, MAP), 'mish': (F.mish, MAP), 'sin': (torch.sin, MAP),
    'prelu': (F.prelu, MAP, (16,)), 'logsumexp': (lambda x: torch.logsumexp(x, 1), MATRIX),
    'cumsum-last-axis': (lambda x: x.cumsum(1), MATRIX), 'flip-last-axis': (lambda x: x.flip(1), MATRIX),
    'rms_norm': (lambda x, g: F.rms_norm(x, (1000,), g), MATRIX, (1000,)),
    'exp': (torch.exp, MAP), 'log': (torch.log, MAP), 'sqrt': (torch.sqrt, MAP), 'square': (torch.square, MAP),
    'pow': (lambda x: x ** 1.7, MAP), 'clamp': (lambda x: x.clamp(0.2, 0.8), MAP), 'dropout': (F.dropout, MAP),
    'sum': (torch.sum, MAP), 'mean-first-axis': (lambda x: x.mean(0), MATRIX),
    'mean-last-axis': (lambda x: x.mean(1), MATRIX), 'mean-pixels': (lambda x: x.mean((2, 3)), MAP),
    'mean-but-channels': (lambda x: x.mean((0, 2, 3)), MAP), 'var-last-axis': (lambda x: x.var(1), MATRIX),
    'max': (torch.max, MAP), 'max-first-axis': (lambda x: x.max(0)[0], MATRIX),
    'max-last-axis': (lambda x: x.max(1)[0], MATRIX), 'softmax': (lambda x: F.softmax(x, 1), MATRIX),
    'log_softmax': (lambda x: F.log_softmax(x, 1), MATRIX),
    'cross_entropy': (lambda x: F.cross_entropy(x, LABELS), MATRIX),
    'binary_cross_entropy': (F.binary_cross_entropy_with_logits, MATRIX, MATRIX),
    'mse': (F.mse_loss, MATRIX, MATRIX), 'huber': (F.huber_loss, MATRIX, MATRIX),
    'batch_norm2d': (norm, MAP, (16,), (16,)),
    'layer_norm': (lambda x, g, b: F.layer_norm(x, (1000,), g, b), MATRIX, (1000,), (1000,)),
    'group_norm': (lambda x, g, b: F.group_norm(x, 4, g, b), MAP, (16,), (16,)),
    'concat-channels': (lambda a, b: torch.cat((a, b), 1), MAP, MAP),
    'slice-rows': (lambda x: x[:, :, 8:24].contiguous(), MAP), 'transpose': (lambda x: x.t().contiguous(), MATRIX),
    'pad': (lambda x: F.pad(x, (1, 1, 1, 1)), MAP), 'embedding': (lambda w: F.embedding(IDS, w), (1000, 64)),
    'linear': (lambda x, w, b: F.linear(x, w, b), (128, 512), (512, 512), (512,)),
    'matmul-stack': (torch.matmul, (64, 64, 32), (64, 32, 64)), 'max_pool2d-2': (lambda x: F.max_pool2d(x, 2), MAP),
    'max_pool2d-3': (lambda x: F.max_pool2d(x, 3, 2, 1), MAP), 'avg_pool2d': (lambda x: F.avg_pool2d(x, 2), MAP),
    'global_avg_pool2d': (lambda x: F.adaptive_avg_pool2d(x, 1), MAP),
    'upsample_nearest2d': (lambda x: F.interpolate(x, (32, 32), mode='nearest'), HALF_MAP),
    'upsample_bilinear2d': (lambda x: F.interpolate(x, (32, 32), mode='bilinear'), HALF_MAP),
    'conv_transpose2d': (lambda x, w: F.conv_transpose2d(x, w, stride=2), HALF_MAP, (32, 16, 2, 2)),
    'conv_transpose2d-1': (lambda x, w: F.conv_transpose2d(x, w, stride=2), (1, 32, 16, 16), (32, 16, 2, 2))}


def operation(name, what, setting):
    run, *shapes = OPERATIONS[name.removesuffix('-signs')]
    draw = torch.randn if name.endswith('-signs') else torch.rand
    tensors = [draw(shape) for shape in shapes]
    tensors = [t.contiguous(memory_format=memory_format(setting)) if t.dim() == 4 else t for t in tensors]
    if what == 'forward':
        def forward():
            with torch.inference_mode():
                run(*tensors)
        return forward
    for t in tensors:
        t.requires_grad_()
    y = run(*tensors)
    dy = torch.randn_like(y)
    return lambda: torch.autograd.grad(y, tensors, dy, retain_graph=True)


def step_of(request, setting):
    """None where the setting has nothing for it: an operation alone is not compiled, and has its type's inputs."""
    if request[0] in WORKLOADS:
        return workload(request[0], setting)
    if setting in COMPILERS:
        return None
    if request[0] == 'conv2d':
        return convolution(request[1:], setting)
    if request[0] == 'matmul':
        return None if setting == 'NHWC' else product(request[1:], setting)
    return None if setting == 'bf16' else operation(request[0][len('op-'):], request[1], setting)


def greet():
    libraries = [name for name in ('mkl', 'mkldnn') if getattr(torch.backends, name).is_available()]
    level = getattr(torch.backends.cpu, 'get_cpu_capability', lambda: 'unknown')() if IS_NEW else 'unknown'
    print(f"{torch.__version__}, {' and '.join(libraries)}, {level}")
    print(*SETTINGS, flush=True)


def main():
    answers = os.fdopen(os.dup(1), 'w')  # compilers talk
    torch.set_flush_denormal(True)  # threads started later inherit it
    greet()
    os.dup2(2, 1)
    if IS_NEW:
        import torch._inductor.config as inductor
        inductor.cpp.dynamic_threads = True  # else what was compiled for one thread runs on one
    held, step = None, None
    for line in sys.stdin:
        setting, threads, settle, seconds, *request = line.split()
        torch.set_num_threads(int(threads))
        if held != (setting, request):
            held, step = (setting, request), None
            if IS_NEW:
                torch._dynamo.reset()  # after eight models it compiles no more
            step = step_of(request, setting)
            for _ in range(3 if step else 0):
                step()
        if not step:
            print(0, file=answers, flush=True)
            continue
        begin = time.perf_counter() + float(settle)
        while time.perf_counter() < begin:
            step()
        times, end = [], time.perf_counter() + float(seconds)
        while time.perf_counter() < end or len(times) < 3:
            start = time.perf_counter()
            step()
            times.append(time.perf_counter() - start)
        print(1e3 * sorted(times)[len(times) // 2], file=answers, flush=True)


main()
