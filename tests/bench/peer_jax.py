"""JAX's side of the benchmark: whole training steps, compiled by jit, as peer_torch.py's of the same names.

Speaks as peer_torch.py does. The number of threads is what the process may use when it begins: it answers 0 to any
other, and to what it does not have.
"""
import os
import sys
import time

import jax
import jax.numpy as jnp
from jax import lax

THREADS = len(os.sched_getaffinity(0))


def dense(key, inputs, outputs):
    return jax.random.normal(key, (inputs, outputs)) * inputs ** -0.5, jnp.zeros(outputs)


def conv(key, kernel, inputs, outputs):
    return jax.random.normal(key, (kernel, kernel, inputs, outputs)) * (kernel * kernel * inputs) ** -0.5, jnp.zeros(
        outputs)


def convolve(p, x, padding=0):
    y = lax.conv_general_dilated(x, p[0], (1, 1), [(padding, padding)] * 2, dimension_numbers=('NHWC', 'HWIO', 'NHWC'))
    return y + p[1]


def pool(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), 'VALID')


def drop(key, x, p):
    return jnp.where(jax.random.bernoulli(key, 1 - p, x.shape), x / (1 - p), 0)


def linear(p, x):
    return x @ p[0] + p[1]


def lenet(p, x, key):
    x = pool(jax.nn.relu(convolve(p[0], x, 2)))
    x = pool(jax.nn.relu(convolve(p[1], x))).reshape(len(x), -1)
    return linear(p[4], jax.nn.relu(linear(p[3], jax.nn.relu(linear(p[2], x)))))


def cnn(p, x, key):
    one, two = jax.random.split(key)
    x = pool(jax.nn.relu(convolve(p[1], jax.nn.relu(convolve(p[0], x)))))
    x = drop(one, x, 0.25).reshape(len(x), -1)
    return linear(p[3], drop(two, jax.nn.relu(linear(p[2], x)), 0.5))


def mlp(p, x, key):
    x = x.reshape(len(x), -1)
    return linear(p[2], jax.nn.relu(linear(p[1], jax.nn.relu(linear(p[0], x)))))


KEYS = jax.random.split(jax.random.PRNGKey(1), 5)
LENET = [conv(KEYS[0], 5, 1, 6), conv(KEYS[1], 5, 6, 16), dense(KEYS[2], 400, 120), dense(KEYS[3], 120, 84),
         dense(KEYS[4], 84, 10)]
CNN = [conv(KEYS[0], 3, 1, 32), conv(KEYS[1], 3, 32, 64), dense(KEYS[2], 9216, 128), dense(KEYS[3], 128, 10)]
MLP = [dense(KEYS[0], 784, 512), dense(KEYS[1], 512, 512), dense(KEYS[2], 512, 10)]
WORKLOADS = {'lenet': (lenet, LENET, 64, True), 'cnn': (cnn, CNN, 64, True), 'mlp': (mlp, MLP, 128, True),
             'infer-1': (lenet, LENET, 1, False), 'infer-256': (lenet, LENET, 256, False)}


def workload(name):
    """A function that runs a step: of Adam with a rate of 0, as in workload.c, or forward alone."""
    model, parameters, batch, trains = WORKLOADS[name]
    images = jax.random.normal(KEYS[0], (batch, 28, 28, 1))
    if not trains:
        forward = jax.jit(lambda p, x: model(p, x, KEYS[0]))
        return lambda: forward(parameters, images).block_until_ready()

    def cost(p, labels, key):
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(model(p, images, key)), labels[:, None], 1))

    @jax.jit
    def step(state, labels):
        p, m, v, t, key = state
        key, own = jax.random.split(key)
        gradients = jax.grad(cost)(p, labels, own)
        t = t + 1
        m = jax.tree_util.tree_map(lambda a, g: 0.9 * a + 0.1 * g, m, gradients)
        v = jax.tree_util.tree_map(lambda a, g: 0.999 * a + 0.001 * g * g, v, gradients)
        p = jax.tree_util.tree_map(
            lambda w, a, b: w - 0.0 * (a / (1 - 0.9 ** t)) / (jnp.sqrt(b / (1 - 0.999 ** t)) + 1e-8), p, m, v)
        return p, m, v, t, key

    zeros = jax.tree_util.tree_map(jnp.zeros_like, parameters)
    held = [(parameters, zeros, zeros, 0.0, KEYS[1]), 0]

    def train():
        held[1] += 1
        held[0] = jax.block_until_ready(step(held[0], (jnp.arange(batch) * 7 + held[1]) % 10))
    return train


def main():
    print(f'{jax.__version__}, {THREADS} threads')
    print('jax', flush=True)
    held, step = None, None
    for line in sys.stdin:
        _, threads, settle, seconds, *request = line.split()
        if int(threads) != THREADS or request[0] not in WORKLOADS:
            print(0, flush=True)
            continue
        if held != request:
            held, step = request, workload(request[0])
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
