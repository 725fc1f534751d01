#!/usr/bin/python3
"""Writes the golden values of the optimizers in optim/extras, tests/golden/optim/*.txt, from the
inputs of optim.py, in the same form.

    python3 tests/golden/optim_extras.py        needs PyTorch; made with 2.13

Rprop, ASGD, Adafactor and L-BFGS are PyTorch's. The others are their authors' published code, written
down again for one parameter at a time: LARS by the paper's Algorithm 1, LAMB by the paper's
Algorithm 2, schedule-free SGD and AdamW by facebookresearch/schedule_free, which keeps z and the
weights y, and SAM by github.com/davda54/sam.
"""
import torch

from common import File
from optim import SHAPES, T, make_inputs, run_torch, torch_variant, write_run


def run_whole(rule, initial, gradients, new_lr, lr):
    """rule(w, g, state, lr) changes the weights; state is a dict, empty at first."""
    weights = [torch.tensor(w, dtype=torch.float64).reshape(shape)
               for w, shape in zip(initial, SHAPES["inputs"])]
    states = [{} for _ in weights]
    for step, of_step in enumerate(gradients, 1):
        if new_lr and step == 51:
            lr = new_lr
        for w, g, state in zip(weights, of_step, states):
            rule(w, torch.tensor(g, dtype=torch.float64).reshape(w.shape), state, lr)
        yield step, [w.flatten().tolist() for w in weights]


def lars(momentum=0.9, trust=1e-3, eps=1e-8, vectors=False, decay=0.0):
    def rule(w, g, s, lr):
        a, b = w.norm().item(), g.norm().item()
        q = trust * a / (b + decay * a + eps) if a and b and (vectors or w.ndim > 1) else 1
        s["v"] = momentum * s.get("v", 0) + lr * q * (g + decay * w)
        w -= s["v"]
    return rule


def lamb(betas=(0.9, 0.999), eps=1e-6, decay=0.0):
    def rule(w, g, s, lr):
        s["t"] = s.get("t", 0) + 1
        s["m"] = betas[0] * s.get("m", 0) + (1 - betas[0]) * g
        s["v"] = betas[1] * s.get("v", 0) + (1 - betas[1]) * g * g
        mhat, vhat = (s[k] / (1 - b**s["t"]) for k, b in zip("mv", betas))
        r = mhat / (vhat.sqrt() + eps) + decay * w
        a, b = w.norm().item(), r.norm().item()
        w -= lr * (a / b if a and b else 1) * r
    return rule


def schedule_free(beta=0.9, decay=0.0, beta2=None, eps=1e-8):
    def rule(y, g, s, lr):
        if not s:
            s |= {"z": y.clone(), "k": 0, "largest": 0, "sum": 0, "v": torch.zeros_like(y)}
        if beta2 is not None:
            s["v"] = beta2 * s["v"] + (1 - beta2) * g * g
            g = g / ((s["v"] / (1 - beta2**(s["k"] + 1))).sqrt() + eps)
        g = g + decay * y
        s["largest"] = max(lr, s["largest"])
        s["sum"] += s["largest"]**2
        c = s["largest"]**2 / s["sum"]
        y.lerp_(s["z"], c)
        y.add_(g, alpha=lr * (beta * (1 - c) - 1))
        s["z"].sub_(g, alpha=lr)
        s["k"] += 1
    return rule


TORCH = {
    "rprop": {"default": torch_variant(T.Rprop),
              "options": torch_variant(T.Rprop, lr=0.1, etas=(0.4, 1.5), step_sizes=(0.01, 0.3),
                                       maximize=True)},
    "asgd": {"default": torch_variant(T.ASGD),
             "averaged": torch_variant(T.ASGD, lr=0.1, lambd=0.05, alpha=0.6, t0=20, weight_decay=0.1)},
    "adafactor": {"default": torch_variant(T.Adafactor),
                  "options": torch_variant(T.Adafactor, lr=0.2, beta2_decay=-0.5, eps=(0.01, 0.1), d=1.5,
                                           weight_decay=0.1, maximize=True)},
}
WHOLE = {
    "lars": {"default": (lars(), 1.0, None), "vectors": (lars(0.5, 0.02, 0.01, True, 0.1), 0.5, 0.1)},
    "lamb": {"default": (lamb(), 1e-3, None), "options": (lamb((0.8, 0.95), 1e-3, 0.1), 0.01, 0.002)},
    "schedule_free_sgd": {"default": (schedule_free(), 1.0, None),
                          "options": (schedule_free(0.7, 0.1), 0.02, 0.05)},
    "schedule_free_adamw": {"default": (schedule_free(beta2=0.999), 2.5e-3, None),
                            "options": (schedule_free(0.8, 0.1, 0.9, 1e-3), 0.02, 0.05)},
}


def average_of_asgd(initial, gradients):
    """PyTorch's averages after the last step."""
    params = [torch.nn.Parameter(torch.tensor(w, dtype=torch.float64).reshape(shape))
              for w, shape in zip(initial, SHAPES["inputs"])]
    optimizer = T.ASGD(params, lr=0.1, lambd=0.05, alpha=0.6, t0=20, weight_decay=0.1)
    for of_step in gradients:
        for param, g in zip(params, of_step):
            param.grad = torch.tensor(g, dtype=torch.float64).reshape(param.shape)
        optimizer.step()
    return [optimizer.state[param]["ax"] for param in params]


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2).sum()


def write_lbfgs(file):
    """The loss and the weights after each step from the usual place, in six dimensions."""
    for name, steps, options in [("wolfe", 6, {"line_search_fn": "strong_wolfe", "max_iter": 5}),
                                 ("short_history", 8, {"line_search_fn": "strong_wolfe", "max_iter": 5,
                                                       "history_size": 2}),
                                 ("fixed", 4, {"lr": 0.5, "max_iter": 3})]:
        x = torch.nn.Parameter(torch.tensor([-1.2, 1.0, -0.5, 0.75, 0.0, 2.0]))
        optimizer = T.LBFGS([x], **options)

        def closure():
            optimizer.zero_grad()
            loss = rosenbrock(x)
            loss.backward()
            return loss

        file.begin(name)
        losses, weights = [], []
        for _ in range(steps):
            losses.append(optimizer.step(closure).detach().clone())
            weights.append(x.detach().clone())
        file.tensor("losses", torch.stack(losses))
        file.tensor("weights", torch.stack(weights))


def main():
    initial, gradients = make_inputs(20260, SHAPES["inputs"])
    for optimizer, variants in TORCH.items():
        file = File(f"optim/{optimizer}")
        for name, variant in variants.items():
            file.begin(name)
            write_run(file, SHAPES["inputs"],
                      run_torch(variant["torch"], initial, gradients, None, False))
            if name == "averaged":
                for i, values in enumerate(average_of_asgd(initial, gradients)):
                    file.tensor(f"a{i}", values)
    for optimizer, variants in WHOLE.items():
        file = File(f"optim/{optimizer}")
        for name, (rule, lr, new_lr) in variants.items():
            file.begin(name, **({"new_lr": new_lr} if new_lr else {}))
            write_run(file, SHAPES["inputs"], run_whole(rule, initial, gradients, new_lr, lr))
    write_lbfgs(File("optim/lbfgs"))


if __name__ == "__main__":
    main()
