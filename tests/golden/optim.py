#!/usr/bin/python3
"""Writes the golden values of the optimizers, tests/golden/optim/*.txt.

    python3 tests/golden/optim.py        needs PyTorch; made with 2.13

inputs.txt  (for Muon matrices.txt and kernels.txt)
            the initial weights w0, w1, w2 of three parameters, and their gradients in 100 steps,
            g0, g1, g2, the step being the first dimension. The numbers are multiples of 2^-14,
            exact in float too; some gradients are 0.
NAME.txt    for each variant of an optimizer the weights after some of the steps, w0_10 being the
            first parameter's after step 10, in double.

A variant is computed by PyTorch, or, where PyTorch lacks it, by the plain
Python of this file. To hold the plain Python itself to PyTorch, variants that both have are
computed by both and compared. tests/support/golden.h describes the files.
"""
import math
import random

import torch

from common import File

STEPS = 100
REPORTED = [1, 2, 100]
SHAPES = {"inputs": [(3, 4), (5,), (1,)],
          "matrices": [(5, 3), (2, 2, 1, 6), (4,)],
          "kernels": [(4, 4), (3, 2, 2, 2), ()]}


def make_inputs(seed, shapes):
    """Weights [param][i] and gradients [step][param][i]. The last parameter's gradients are small,
    so that eps is not negligible beside them."""
    rng = random.Random(seed)
    sizes = [math.prod(shape) for shape in shapes]
    weights = [[round(rng.gauss(0, 1) * 1024) / 1024 for _ in range(n)] for n in sizes]
    weights[0][2] = 0.0

    def gradient(scale):
        if rng.random() < 0.1:
            return 0.0
        return round((rng.gauss(0, 1) + 0.25) * 1024) / 1024 * scale

    gradients = [[[gradient(2.0**-4 if n == 1 else 1.0) for _ in range(n)] for n in sizes]
                 for _ in range(STEPS)]
    return weights, gradients


def run_torch(make, initial, gradients, new_lr, late):
    """new_lr: the rate from step 51 on, groups of another rate in proportion. late: parameter 1 gets its first gradient in step 11."""
    params = [torch.nn.Parameter(torch.tensor(w, dtype=torch.float64).reshape(shape))
              for w, shape in zip(initial, SHAPES["inputs"])]
    optimizer = make(params)
    for step in range(1, STEPS + 1):
        if new_lr and step == 51:
            for group in optimizer.param_groups:
                group["lr"] = new_lr * (group["lr"] / optimizer.defaults["lr"])
        for i, (param, gradient) in enumerate(zip(params, gradients[step - 1])):
            if not (late and i == 1 and step < 11):
                param.grad = torch.tensor(gradient, dtype=torch.float64).reshape(param.shape)
        optimizer.step()
        yield step, [param.detach().flatten().tolist() for param in params]


def run_plain(rule, initial, gradients, new_lr, late, lr, weight_decay=0.0, l1=0.0,
              decoupled=False, independent=False, maximize=False):
    """rule(g, state, t, lr) is what to subtract from a weight; state is a dict, empty at first."""
    first_lr = lr
    weights = [list(w) for w in initial]
    states = [[{} for _ in w] for w in initial]
    taken = [0 for _ in initial]
    for step in range(1, STEPS + 1):
        if new_lr and step == 51:
            lr = new_lr
        for p, gradient in enumerate(gradients[step - 1]):
            if late and p == 1 and step < 11:
                continue
            taken[p] += 1
            for i, g in enumerate(gradient):
                w = weights[p][i]
                g = -g if maximize else g
                if independent:
                    w -= lr / first_lr * weight_decay * w
                elif decoupled:
                    w -= lr * weight_decay * w
                else:
                    g += weight_decay * w
                g += l1 * ((w > 0) - (w < 0))
                weights[p][i] = w - rule(g, states[p][i], taken[p], lr)
        yield step, weights


def sgd(momentum=0.0, nesterov=False, ema=False, dampening=0.0):
    def rule(g, s, t, lr):
        added = (1 - momentum) * g if ema else g
        if t > 1:
            added *= 1 - dampening
        s["v"] = momentum * s.get("v", 0.0) + added
        return lr * (added + momentum * s["v"] if nesterov else s["v"])
    return rule


def adagrad(eps=1e-10, lr_decay=0.0, initial=0.0):
    def rule(g, s, t, lr):
        s["s"] = s.get("s", initial) + g * g
        return lr / (1 + (t - 1) * lr_decay) * g / (math.sqrt(s["s"]) + eps)
    return rule


def rmsprop(rho=0.99, eps=1e-8, momentum=0.0, centered=False):
    def rule(g, s, t, lr):
        s["v"] = rho * s.get("v", 0.0) + (1 - rho) * g * g
        s["m"] = rho * s.get("m", 0.0) + (1 - rho) * g
        d = g / (math.sqrt(s["v"] - s["m"] ** 2 if centered else s["v"]) + eps)
        s["b"] = momentum * s.get("b", 0.0) + d
        return lr * s["b"]
    return rule


def adadelta(rho=0.9, eps=1e-6):
    def rule(g, s, t, lr):
        s["v"] = rho * s.get("v", 0.0) + (1 - rho) * g * g
        u = s.get("u", 0.0)
        d = math.sqrt(u + eps) / math.sqrt(s["v"] + eps) * g
        s["u"] = rho * u + (1 - rho) * d * d
        return lr * d
    return rule


def adam(beta1=0.9, beta2=0.999, eps=1e-8, bias_correction=True, amsgrad=False):
    def rule(g, s, t, lr):
        s["m"] = beta1 * s.get("m", 0.0) + (1 - beta1) * g
        s["v"] = beta2 * s.get("v", 0.0) + (1 - beta2) * g * g
        s["largest"] = max(s["v"], s.get("largest", 0.0))
        v = s["largest"] if amsgrad else s["v"]
        mhat = s["m"] / (1 - beta1**t) if bias_correction else s["m"]
        vhat = v / (1 - beta2**t) if bias_correction else v
        return lr * mhat / (math.sqrt(vhat) + eps)
    return rule


def adamax(beta1=0.9, beta2=0.999, eps=1e-8):
    def rule(g, s, t, lr):
        s["m"] = beta1 * s.get("m", 0.0) + (1 - beta1) * g
        s["u"] = max(beta2 * s.get("u", 0.0), abs(g) + eps)
        return lr / (1 - beta1**t) * s["m"] / s["u"]
    return rule


def nadam(beta1=0.9, beta2=0.999, eps=1e-8, psi=4e-3):
    def mu(t):
        return beta1 * (1 - 0.5 * 0.96**(t * psi))

    def rule(g, s, t, lr):
        s["m"] = beta1 * s.get("m", 0.0) + (1 - beta1) * g
        s["v"] = beta2 * s.get("v", 0.0) + (1 - beta2) * g * g
        product = math.prod(mu(i) for i in range(1, t + 1))
        following = product * mu(t + 1)
        mhat = mu(t + 1) * s["m"] / (1 - following) + (1 - mu(t)) * g / (1 - product)
        return lr * mhat / (math.sqrt(s["v"] / (1 - beta2**t)) + eps)
    return rule


def radam(beta1=0.9, beta2=0.999, eps=1e-8):
    def rule(g, s, t, lr):
        s["m"] = beta1 * s.get("m", 0.0) + (1 - beta1) * g
        s["v"] = beta2 * s.get("v", 0.0) + (1 - beta2) * g * g
        mhat = s["m"] / (1 - beta1**t)
        r = 2 / (1 - beta2) - 1
        r_t = r - 2 * t * beta2**t / (1 - beta2**t)
        if r_t <= 5:
            return lr * mhat
        c = math.sqrt((r_t - 4) * (r_t - 2) * r / ((r - 4) * (r - 2) * r_t))
        return lr * c * mhat * math.sqrt(1 - beta2**t) / (math.sqrt(s["v"]) + eps)
    return rule


def lion(beta1=0.9, beta2=0.99):
    def rule(g, s, t, lr):
        m = s.get("m", 0.0)
        c = beta1 * m + (1 - beta1) * g
        s["m"] = beta2 * m + (1 - beta2) * g
        return lr * ((c > 0) - (c < 0))
    return rule


def newton_schulz(g, steps=5):
    """Of a matrix (out, in), as in Jordan's post of 2024, but in double."""
    x = g / (g.norm() + 1e-7)
    if g.shape[0] > g.shape[1]:
        x = x.T
    for _ in range(steps):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.T if g.shape[0] > g.shape[1] else x


def run_muon(shapes, initial, gradients, new_lr, lr=0.02, momentum=0.95, nesterov=True,
             weight_decay=0.0, adam_lr=3e-4, betas=(0.9, 0.95), eps=1e-10, ns_steps=5,
             match_rms=False):
    """Matrices as PyTorch has them: (out, in). AdamW moves the rest; see the README of
    Jordan's Muon."""
    weights = [torch.tensor(w, dtype=torch.float64).reshape(shape)
               for w, shape in zip(initial, shapes)]
    momenta = [torch.zeros_like(w) for w in weights]
    vectors = [torch.nn.Parameter(w) for w in weights if w.ndim < 2]
    rest = torch.optim.AdamW(vectors, adam_lr, betas, eps, weight_decay)
    for step in range(1, STEPS + 1):
        if new_lr and step == 51:
            rest.param_groups[0]["lr"] = adam_lr * new_lr / lr
            lr = new_lr
        for i, w in enumerate(weights):
            g = torch.tensor(gradients[step - 1][i], dtype=torch.float64).reshape(w.shape)
            if w.ndim < 2:
                vectors[0].grad = g
                continue
            momenta[i] = momentum * momenta[i] + g
            u = g + momentum * momenta[i] if nesterov else momenta[i]
            x = newton_schulz(u.reshape(-1, u.shape[-1]).T, ns_steps)
            x = x * (0.2 * max(x.shape) ** 0.5 if match_rms else
                     max(1, x.shape[0] / x.shape[1]) ** 0.5)
            w -= lr * weight_decay * w
            w -= lr * x.T.reshape(w.shape)
        rest.step()
        yield step, [w.detach().flatten().tolist() for w in weights]


def compare_muon(initial, gradients):
    """Holds run_muon to torch.optim.Muon, whose bfloat16 is taken away, for what is a matrix there:
    parameter 0. There the norm is clamped at eps and here 1e-7 is added to it."""
    in_bfloat16 = torch.Tensor.bfloat16
    torch.Tensor.bfloat16 = torch.Tensor.clone
    for nesterov, steps, rms in [(True, 5, False), (False, 3, True)]:
        shape = SHAPES["matrices"][0]
        own = list(run_muon(SHAPES["matrices"], initial, gradients, None, 0.01, 0.8, nesterov, 0.5,
                            ns_steps=steps, match_rms=rms))
        w = torch.nn.Parameter(torch.tensor(initial[0], dtype=torch.float64).reshape(shape).T)
        optimizer = torch.optim.Muon([w], lr=0.01, momentum=0.8, nesterov=nesterov, weight_decay=0.5,
                                     ns_steps=steps,
                                     adjust_lr_fn="match_rms_adamw" if rms else "original")
        for step in range(STEPS):
            w.grad = torch.tensor(gradients[step][0], dtype=torch.float64).reshape(shape).T
            optimizer.step()
            if not torch.allclose(w.T, torch.tensor(own[step][1][0], dtype=torch.float64).reshape(shape), 1e-6, 1e-6):
                raise SystemExit("run_muon is not torch.optim.Muon")
    torch.Tensor.bfloat16 = in_bfloat16


def torch_variant(cls, **options):
    return {"torch": lambda params: cls(params, **options)}


def grouped_variant(cls, groups, **options):
    """groups: the options of each parameter's."""
    return {"torch": lambda params: cls([{"params": [param]} | group
                                         for param, group in zip(params, groups)], **options)}


def plain_variant(rule, **common):
    return {"plain": rule, "common": common}


T = torch.optim
VARIANTS = {
    "sgd": {
        "plain": torch_variant(T.SGD, lr=0.01) | plain_variant(sgd(), lr=0.01),
        "plain_weight_decay": torch_variant(T.SGD, lr=0.05, weight_decay=0.1)
        | plain_variant(sgd(), lr=0.05, weight_decay=0.1),
        "momentum": torch_variant(T.SGD, lr=0.01, momentum=0.9)
        | plain_variant(sgd(0.9), lr=0.01),
        "momentum_new_lr": torch_variant(T.SGD, lr=0.01, momentum=0.8) | {"new_lr": 0.002}
        | plain_variant(sgd(0.8), lr=0.01),
        "nesterov": torch_variant(T.SGD, lr=0.01, momentum=0.9, nesterov=True)
        | plain_variant(sgd(0.9, nesterov=True), lr=0.01),
        "nesterov_weight_decay":
        torch_variant(T.SGD, lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.05)
        | plain_variant(sgd(0.9, nesterov=True), lr=0.01, weight_decay=0.05),
        "ema": plain_variant(sgd(0.9, ema=True), lr=0.05),
        "ema_nesterov": plain_variant(sgd(0.9, ema=True, nesterov=True), lr=0.05),
        "l1": plain_variant(sgd(), lr=0.01, l1=0.05),
        "l1_l2_momentum": plain_variant(sgd(0.9), lr=0.01, l1=0.05, weight_decay=0.1),
        "decoupled_momentum": plain_variant(sgd(0.9), lr=0.01, weight_decay=0.1, decoupled=True),
        "dampening_maximize":
        torch_variant(T.SGD, lr=0.05, momentum=0.9, dampening=0.5, weight_decay=0.05, maximize=True)
        | plain_variant(sgd(0.9, dampening=0.5), lr=0.05, weight_decay=0.05, maximize=True),
        "group_momenta": grouped_variant(T.SGD, [{}, {"momentum": 0.5}, {"momentum": 0.95}],
                                         lr=0.01, momentum=0.9),
        "groups": grouped_variant(T.SGD, [{"lr": 0.002}, {"lr": 0.03, "weight_decay": 0.0},
                                          {"weight_decay": 0.05}],
                                  lr=0.01, momentum=0.9, weight_decay=0.1) | {"new_lr": 0.004},
    },
    "adagrad": {
        "default": torch_variant(T.Adagrad) | plain_variant(adagrad(), lr=0.01),
        "eps": torch_variant(T.Adagrad, lr=0.1, eps=0.01)
        | plain_variant(adagrad(0.01), lr=0.1),
        "decay_initial_late": torch_variant(T.Adagrad, lr=0.1, lr_decay=0.05,
                                            initial_accumulator_value=0.25) | {"late": True}
        | plain_variant(adagrad(lr_decay=0.05, initial=0.25), lr=0.1),
        "weight_decay": torch_variant(T.Adagrad, lr=0.1, weight_decay=0.1)
        | plain_variant(adagrad(), lr=0.1, weight_decay=0.1),
    },
    "rmsprop": {
        "default": torch_variant(T.RMSprop) | plain_variant(rmsprop(), lr=0.01),
        "eps": torch_variant(T.RMSprop, lr=0.003, alpha=0.9, eps=0.01)
        | plain_variant(rmsprop(0.9, 0.01), lr=0.003),
        "centered": torch_variant(T.RMSprop, lr=0.003, centered=True)
        | plain_variant(rmsprop(centered=True), lr=0.003),
        "momentum": torch_variant(T.RMSprop, lr=0.003, momentum=0.9)
        | plain_variant(rmsprop(momentum=0.9), lr=0.003),
        "centered_momentum_weight_decay":
        torch_variant(T.RMSprop, lr=0.003, momentum=0.5, centered=True, weight_decay=0.1)
        | plain_variant(rmsprop(momentum=0.5, centered=True), lr=0.003, weight_decay=0.1),
    },
    "adadelta": {
        "default": torch_variant(T.Adadelta) | plain_variant(adadelta(), lr=1.0),
        "rho_eps": torch_variant(T.Adadelta, lr=0.5, rho=0.95, eps=1e-4)
        | plain_variant(adadelta(0.95, 1e-4), lr=0.5),
        "weight_decay": torch_variant(T.Adadelta, weight_decay=0.1)
        | plain_variant(adadelta(), lr=1.0, weight_decay=0.1),
    },
    "adam": {
        "default": torch_variant(T.Adam) | plain_variant(adam(), lr=0.001),
        "betas_eps": torch_variant(T.Adam, lr=0.01, betas=(0.8, 0.95), eps=0.01)
        | plain_variant(adam(0.8, 0.95, 0.01), lr=0.01),
        "weight_decay": torch_variant(T.Adam, lr=0.01, weight_decay=0.1)
        | plain_variant(adam(), lr=0.01, weight_decay=0.1),
        "new_lr": torch_variant(T.Adam, lr=0.01) | {"new_lr": 0.001}
        | plain_variant(adam(), lr=0.01),
        "late": torch_variant(T.Adam, lr=0.01) | {"late": True}
        | plain_variant(adam(), lr=0.01),
        "no_bias_correction": plain_variant(adam(bias_correction=False), lr=0.01),
        "l1": plain_variant(adam(), lr=0.01, l1=0.05),
        "adamw": torch_variant(T.AdamW)
        | plain_variant(adam(), lr=0.001, weight_decay=0.01, decoupled=True),
        "adamw_weight_decay": torch_variant(T.AdamW, lr=0.01, weight_decay=0.2)
        | plain_variant(adam(), lr=0.01, weight_decay=0.2, decoupled=True),
        "adamw_groups": grouped_variant(T.AdamW, [{"lr": 0.005, "weight_decay": 0.2},
                                                  {"weight_decay": 0.0}, {"lr": 0.02}],
                                        lr=0.01) | {"new_lr": 0.001},
        "adamw_independent": plain_variant(adam(), lr=0.01, weight_decay=0.002, independent=True)
        | {"new_lr": 0.001},
        "adamw_maximize": torch_variant(T.AdamW, lr=0.01, weight_decay=0.2, maximize=True)
        | plain_variant(adam(), lr=0.01, weight_decay=0.2, decoupled=True, maximize=True),
        "group_betas": grouped_variant(T.Adam, [{}, {"betas": (0.5, 0.9)}, {"eps": 0.01}], lr=0.01),
        "amsgrad": torch_variant(T.Adam, lr=0.01, amsgrad=True)
        | plain_variant(adam(amsgrad=True), lr=0.01),
        "amsgrad_betas_weight_decay":
        torch_variant(T.Adam, lr=0.01, betas=(0.8, 0.9), eps=0.01, weight_decay=0.1, amsgrad=True)
        | plain_variant(adam(0.8, 0.9, 0.01, amsgrad=True), lr=0.01, weight_decay=0.1),
        "amsgrad_no_bias_correction":
        plain_variant(adam(beta2=0.9, bias_correction=False, amsgrad=True), lr=0.01),
        "adamw_amsgrad": torch_variant(T.AdamW, lr=0.01, betas=(0.9, 0.9), amsgrad=True)
        | plain_variant(adam(beta2=0.9, amsgrad=True), lr=0.01, weight_decay=0.01, decoupled=True),
    },
    "adamax": {
        "default": torch_variant(T.Adamax) | plain_variant(adamax(), lr=0.002),
        "betas_eps": torch_variant(T.Adamax, lr=0.01, betas=(0.8, 0.9), eps=0.01)
        | plain_variant(adamax(0.8, 0.9, 0.01), lr=0.01),
        "weight_decay": torch_variant(T.Adamax, lr=0.01, weight_decay=0.1)
        | plain_variant(adamax(), lr=0.01, weight_decay=0.1),
        "late_new_lr": torch_variant(T.Adamax, lr=0.01) | {"late": True, "new_lr": 0.001}
        | plain_variant(adamax(), lr=0.01),
        "decoupled": plain_variant(adamax(), lr=0.01, weight_decay=0.1, decoupled=True),
        "groups": grouped_variant(T.Adamax, [{"lr": 0.002}, {"lr": 0.03, "weight_decay": 0.0},
                                             {"weight_decay": 0.05}],
                                  lr=0.01, weight_decay=0.1),
    },
    "nadam": {
        "default": torch_variant(T.NAdam) | plain_variant(nadam(), lr=0.002),
        "betas_eps_decay": torch_variant(T.NAdam, lr=0.01, betas=(0.8, 0.95), eps=0.01,
                                         momentum_decay=0.1)
        | plain_variant(nadam(0.8, 0.95, 0.01, 0.1), lr=0.01),
        "weight_decay": torch_variant(T.NAdam, lr=0.01, weight_decay=0.1)
        | plain_variant(nadam(), lr=0.01, weight_decay=0.1),
        "decoupled": torch_variant(T.NAdam, lr=0.01, weight_decay=0.1, decoupled_weight_decay=True)
        | plain_variant(nadam(), lr=0.01, weight_decay=0.1, decoupled=True),
        "late_new_lr": torch_variant(T.NAdam, lr=0.01) | {"late": True, "new_lr": 0.001}
        | plain_variant(nadam(), lr=0.01),
    },
    "radam": {
        "default": torch_variant(T.RAdam) | plain_variant(radam(), lr=0.001),
        "betas_eps": torch_variant(T.RAdam, lr=0.01, betas=(0.8, 0.95), eps=0.01)
        | plain_variant(radam(0.8, 0.95, 0.01), lr=0.01),
        "never_trusted": torch_variant(T.RAdam, lr=0.01, betas=(0.9, 0.5))
        | plain_variant(radam(0.9, 0.5), lr=0.01),
        "weight_decay": torch_variant(T.RAdam, lr=0.01, weight_decay=0.1)
        | plain_variant(radam(), lr=0.01, weight_decay=0.1),
        "decoupled": torch_variant(T.RAdam, lr=0.01, weight_decay=0.1, decoupled_weight_decay=True)
        | plain_variant(radam(), lr=0.01, weight_decay=0.1, decoupled=True),
        "late_new_lr": torch_variant(T.RAdam, lr=0.01) | {"late": True, "new_lr": 0.001}
        | plain_variant(radam(), lr=0.01),
        "groups": grouped_variant(T.RAdam, [{"lr": 0.002}, {"lr": 0.03, "weight_decay": 0.0},
                                            {"weight_decay": 0.05}],
                                  lr=0.01, weight_decay=0.1),
    },
    "lion": {
        "default": plain_variant(lion(), lr=1e-4),
        "betas": plain_variant(lion(0.5, 0.75), lr=0.01),
        "weight_decay": plain_variant(lion(), lr=0.01, weight_decay=0.5, decoupled=True),
        "l1": plain_variant(lion(), lr=0.01, l1=0.05),
        "late_new_lr": plain_variant(lion(), lr=0.01) | {"late": True, "new_lr": 0.001},
    },
}

MUON_VARIANTS = {
    "default": {},
    "momentum": {"lr": 0.01, "momentum": 0.8, "nesterov": False},
    "weight_decay": {"lr": 0.01, "weight_decay": 0.5},
    "adam": {"adam_lr": 0.01, "betas": (0.8, 0.9), "eps": 0.01},
    "match_rms": {"lr": 0.01, "ns_steps": 3, "match_rms": True},
    "new_lr": {"lr": 0.04, "adam_lr": 0.01, "new_lr": 0.01},
}


def flat(weights):
    return [value for param in weights for value in param]


def compare(name, a, b):
    for (_, x), (_, y) in zip(a, b):
        for u, v in zip(flat(x), flat(y)):
            if not math.isclose(u, v, rel_tol=1e-12, abs_tol=1e-12):
                raise SystemExit(f"{name}: PyTorch has {u!r}, plain Python {v!r}")


def write_variant(file, name, variant, initial, gradients):
    changes = variant.get("new_lr"), variant.get("late")
    runs = []
    if "torch" in variant:
        runs.append(lambda: run_torch(variant["torch"], initial, gradients, *changes))
    if "plain" in variant:
        runs.append(lambda: run_plain(variant["plain"], initial, gradients, *changes,
                                      **variant["common"]))
    compare(name, runs[0](), runs[-1]())

    options = {"new_lr": changes[0], "late": int(bool(changes[1]))}
    file.begin(name, **{key: value for key, value in options.items() if value})
    write_run(file, SHAPES["inputs"], runs[0]())


def write_run(file, shapes, run):
    for step, weights in run:
        if step in REPORTED:
            for i, values in enumerate(weights):
                file.tensor(f"w{i}_{step}", torch.tensor(values).reshape(shapes[i]))


def write_inputs(name, seed):
    """Returns them too."""
    shapes = SHAPES[name]
    initial, gradients = make_inputs(seed, shapes)
    file = File(f"optim/{name}")
    file.begin("inputs")
    for i, shape in enumerate(shapes):
        file.tensor(f"w{i}", torch.tensor(initial[i]).reshape(shape))
        file.tensor(f"g{i}", torch.tensor([step[i] for step in gradients]).reshape(STEPS, *shape))
    return initial, gradients


def main():
    initial, gradients = write_inputs("inputs", 20260)
    for optimizer, variants in VARIANTS.items():
        file = File(f"optim/{optimizer}")
        for name, variant in variants.items():
            write_variant(file, name, variant, initial, gradients)

    for seed, inputs in enumerate(["matrices", "kernels"]):
        initial, gradients = write_inputs(inputs, seed)
        file = File(f"optim/muon_{inputs}")
        if inputs == "matrices":
            compare_muon(initial, gradients)
        for name, options in MUON_VARIANTS.items():
            new_lr = options.get("new_lr")
            file.begin(name, **({"new_lr": new_lr} if new_lr else {}))
            write_run(file, SHAPES[inputs], run_muon(SHAPES[inputs], initial, gradients,
                                                     **{"new_lr": None} | options))


if __name__ == "__main__":
    main()
