#!/usr/bin/python3
"""Writes tests/golden/optim/schedules.txt and plateaus.txt: the rates of PyTorch's schedulers in 200
steps from a base rate of 1.

    python3 tests/golden/schedules.py        needs PyTorch; made with 2.13

schedules.txt  for each case "factors", the rate at t = 0 to 199. Where PyTorch's scheduler may not be
               asked for so many steps, or rises again, the last rate before that stands for the rest,
               as in Tarn.
plateaus.txt   "metrics" that ReduceLROnPlateau was given, and "factors", the rate after each. The
               metrics are multiples of 1/1024, exact in float too.
"""
import math
import warnings

import torch
import torch.optim.lr_scheduler as S

from common import File

warnings.simplefilter("ignore")
STEPS = 200


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0, momentum=0.9)


def rates(*make, until=STEPS, of="lr"):
    """The rates under all of the schedulers at once, which multiplies their factors. From step until
    on the last one is repeated."""
    o = optimizer()
    schedulers = [m(o) for m in make]
    result = [o.param_groups[0][of]]
    while len(result) < until:
        o.step()
        for s in schedulers:
            s.step()
        result.append(o.param_groups[0][of])
    return torch.tensor(result + result[-1:] * (STEPS - until))


def linear(start, end, steps):
    return lambda o: S.LinearLR(o, start_factor=start, end_factor=end, total_iters=steps)


def cosine(total, least=0.0):
    return lambda o: S.CosineAnnealingLR(o, total, eta_min=least)


def restarts(first, multiply=1, least=0.0):
    return lambda o: S.CosineAnnealingWarmRestarts(o, first, multiply, eta_min=least)


def one_cycle(total, cycle_momentum=False, **options):
    return lambda o: S.OneCycleLR(o, 1.0, total_steps=total, cycle_momentum=cycle_momentum,
                                  **options)


def cyclic(least, up, down=None, **options):
    return lambda o: S.CyclicLR(o, least, 1.0, up, down, cycle_momentum=False, **options)


def exponential(gamma):
    return lambda o: S.ExponentialLR(o, gamma)


def milestones(gamma, *at):
    return lambda o: S.MultiStepLR(o, list(at), gamma)


def write_schedules(file):
    def case(name, factors):
        file.begin(name)
        file.tensor("factors", factors)

    case("step", rates(lambda o: S.StepLR(o, 30, 0.1)))
    case("multi_step", rates(milestones(0.3, 20, 90, 150)))
    case("multi_step_unsorted", rates(milestones(0.5, 90, 20, 20)))
    case("exponential", rates(exponential(0.97)))
    case("warmup", rates(linear(1 / 3, 1, 50)))
    case("warmup_from_zero", rates(lambda o: S.LambdaLR(o, lambda t: min(1, t / 50))))
    case("linear", rates(linear(1, 0.1, 150)))
    case("linear_to_zero", rates(linear(1, 0, 150)))
    case("polynomial", rates(lambda o: S.PolynomialLR(o, 150, 2.5)))
    case("polynomial_1", rates(lambda o: S.PolynomialLR(o, 150)))
    case("cosine", rates(cosine(200)))
    case("cosine_min", rates(cosine(120, 0.1), until=121))
    case("restarts", rates(restarts(30)))
    case("restarts_multiply", rates(restarts(12, 2, 0.05)))
    case("restarts_multiply_3", rates(restarts(7, 3)))
    case("one_cycle", rates(one_cycle(200)))
    case("one_cycle_options", rates(one_cycle(150, pct_start=0.41, div_factor=10.0,
                                              final_div_factor=50.0), until=150))
    case("one_cycle_linear", rates(one_cycle(199, anneal_strategy="linear"), until=199))
    case("one_cycle_momentum", rates(one_cycle(150, True, pct_start=0.4), until=150, of="momentum"))
    case("constant", rates(lambda o: S.ConstantLR(o, total_iters=40)))
    case("cosine_periodic", rates(cosine(60, 0.1)))
    case("cyclic", rates(cyclic(0.1, 20, 13)))
    case("cyclic_2", rates(cyclic(0.25, 30, mode="triangular2")))
    case("cyclic_exp", rates(cyclic(0.0, 30, mode="exp_range", gamma=0.99)))
    case("one_cycle_rising", rates(one_cycle(200, pct_start=1.0)))
    case("one_cycle_short", rates(one_cycle(2), until=2))

    case("warmup_exponential", rates(linear(1 / 3, 1, 50), exponential(0.97)))
    case("warmup_cosine", rates(linear(0.25, 1, 40), cosine(199)))
    case("exponential_multi_step", rates(exponential(0.99), milestones(0.1, 60, 150)))
    case("warmup_then_cosine",
         rates(lambda o: S.SequentialLR(o, [linear(0.25, 1, 50)(o), cosine(150)(o)], [50])))


def write_plateaus(file):
    def case(name, metrics, **options):
        o = optimizer()
        scheduler = S.ReduceLROnPlateau(o, eps=0, **options)
        factors = []
        for metric in metrics:
            scheduler.step(metric)
            factors.append(o.param_groups[0]["lr"])
        assert min(factors) < 0.5
        file.begin(name)
        file.tensor("metrics", torch.tensor(metrics))
        file.tensor("factors", torch.tensor(factors))

    noise = torch.randn(STEPS)
    fall = [round(1024 * (2 * math.exp(-t / 30) + 1 + 0.05 * float(noise[t]))) / 1024
            for t in range(STEPS)]
    holes = [math.nan if t % 7 == 0 else x for t, x in enumerate(fall)]
    holes[3], holes[50] = math.inf, math.inf
    case("default", fall)
    case("options", fall, factor=0.5, patience=3, threshold=0.02, cooldown=4)
    case("absolute", fall, factor=0.5, patience=3, threshold=0.05, threshold_mode="abs")
    case("min", fall, factor=0.5, patience=1, min_lr=0.03)
    # Where no metric is below 0, for which PyTorch's threshold has the wrong sign.
    case("maximize", [4 - x for x in fall], mode="max", factor=0.6, patience=4)
    case("no_patience", fall, factor=0.9, patience=0)
    case("nan", holes, factor=0.5, patience=5)
    case("only_nan", [math.nan] * STEPS, patience=20)


torch.manual_seed(20261)
write_schedules(File("optim/schedules"))
write_plateaus(File("optim/plateaus"))
