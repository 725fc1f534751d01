#!/usr/bin/env python3
"""Writes tests/golden/nn/*.txt: outputs and gradients of layers, computed by PyTorch in float64.

Run it from anywhere with PyTorch 2.13. The format is described
in tests/support/golden.h. Images go from PyTorch's NCHW to NHWC, convolution weights from OIHW to
HWIO, linear weights from (out, in) to (in, out).
"""
import torch
import torch.nn.functional as F
from torch import nn

from common import File, exact, normal


class Nhwc(nn.Module):
    """Before a flatten: its order of elements is that of the images' layout."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1)


class Residual(nn.Module):
    def __init__(self, body, projection=None, relu=True):
        super().__init__()
        self.body, self.projection, self.relu = body, projection, relu

    def forward(self, x):
        y = self.body(x) + (self.projection(x) if self.projection else x)
        return torch.relu(y) if self.relu else y


class GlobalAvgPool2d(nn.Module):
    def forward(self, x):
        return x.mean(dim=(2, 3))


def ours(name, t):
    """A tensor of PyTorch's, in our layout."""
    if name.endswith("weight_g"):
        return t.flatten()
    if t.ndim == 4:
        return t.permute(2, 3, 1, 0) if name.endswith("weight") else t.permute(0, 2, 3, 1)
    return t.t() if name.endswith("weight") and t.ndim == 2 else t


def with_short_parameters(module):
    """Rounds them to few digits."""
    for parameter in module.parameters():
        parameter.data = exact(parameter.data, 64)
    return module


def write_case(out, case, module, x, numbers={}, rename={}):
    x = x.requires_grad_()
    y = with_short_parameters(module)(x)
    dy = normal(*y.shape)
    y.backward(dy)
    out.begin(case, **numbers)
    for name, t in [("x0", x), ("y", y), ("dy", dy)]:
        out.tensor(name, ours(name, t))
    out.tensor("dx0", ours("x0", x.grad))
    for name, t in module.named_parameters():
        name = rename.get(name, name)
        out.tensor(name, ours(name, t))
        out.tensor("d" + name, ours(name, t.grad))


def linear(out):
    write_case(out, "bias", nn.Linear(7, 4), normal(5, 7))
    write_case(out, "no_bias", nn.Linear(3, 2, bias=False), normal(4, 3), {"no_bias": 1})


def conv2d(out):
    def case(name, cin, cout, kernel, height, width, bias=True, **numbers):
        layer = nn.Conv2d(cin, cout, kernel, bias=bias, **numbers)
        given = dict(numbers, kernel=kernel, no_bias=int(not bias), **{"in": cin, "out": cout})
        write_case(out, name, layer, normal(2, cin, height, width), given)

    case("plain", 3, 4, 3, 6, 5)
    case("no_bias", 2, 3, 2, 5, 4, bias=False)
    case("stride_padding", 2, 3, 3, 7, 6, stride=2, padding=1)
    case("dilation", 1, 2, 3, 7, 7, dilation=2)
    case("groups", 4, 6, 3, 5, 5, padding=1, groups=2)


def network(out):
    module = nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.MaxPool2d(2), Nhwc(), nn.Flatten(),
                           nn.Linear(36, 5))
    # Nhwc has no counterpart, so the modules behind it have one number less.
    write_case(out, "cnn", module, normal(3, 2, 8, 8),
               rename={"5.weight": "4.weight", "5.bias": "4.bias"})


def state(module):
    """Parameters and buffers, without the count of batches, which Tarn does not keep."""
    return {name: t for name, t in module.state_dict().items()
            if not name.endswith("num_batches_tracked")}


def write_state(out, case, module):
    out.begin(case)
    for name, t in state(module).items():
        out.tensor(name, ours(name, t))


def batch_norm2d(out):
    """Three steps of training on different images, each a case, then evaluation."""
    module = nn.BatchNorm2d(5, momentum=0.25, eps=1e-3)
    nn.init.uniform_(module.weight, -1, 1)
    nn.init.uniform_(module.bias, -1, 1)
    for step in range(4):
        module.train(step < 3)
        write_case(out, "step%d" % step, module, 3 * normal(2, 5, 3, 4) + step,
                   {"training": int(step < 3)})
        module.zero_grad()
        for name, t in module.named_buffers():
            if name != "num_batches_tracked":
                out.tensor(name, t)


def with_random_parameters(module):
    for parameter in module.parameters():
        nn.init.uniform_(parameter, -1, 1)
    return module


def layer_norm(out):
    write_case(out, "rows", with_random_parameters(nn.LayerNorm(7)), normal(5, 7))
    write_case(out, "words", with_random_parameters(nn.LayerNorm(4, eps=0.5)),
               normal(2, 3, 4), {"eps": 0.5})


def group_norm(out):
    write_case(out, "images", with_random_parameters(nn.GroupNorm(3, 6)), normal(2, 6, 4, 5),
               {"groups": 3})
    write_case(out, "instances", with_random_parameters(nn.GroupNorm(4, 4, eps=0.5)),
               normal(3, 4, 3, 2), {"groups": 4, "eps": 0.5})


def plain_norms(out):
    """Without scale and shift, and running statistics that are means over all batches."""
    module = nn.BatchNorm2d(3, momentum=None, affine=False)
    for step in range(3):
        module.train(step < 2)
        write_case(out, "batch%d" % step, module, 3 * normal(2, 3, 2, 2) + step)
        out.tensor("running_mean", module.running_mean)
        out.tensor("running_var", module.running_var)
    write_case(out, "layer", nn.LayerNorm(3, elementwise_affine=False), normal(2, 3))
    write_case(out, "group", nn.GroupNorm(2, 4, affine=False), normal(2, 4, 1, 2))
    write_case(out, "rms", nn.RMSNorm(3, eps=0.25, elementwise_affine=False), normal(2, 3))


def local_response_norm(out):
    for size in 3, 4:
        module = nn.LocalResponseNorm(size, alpha=0.5, beta=0.6, k=2.0)
        write_case(out, "size%d" % size, module, normal(2, 5, 1, 2), {"size": size})


def weight_norm(out):
    names = {"parametrizations.weight.original0": "weight_g",
             "parametrizations.weight.original1": "weight"}
    for name, module, x in [("linear", nn.Linear(3, 2), normal(2, 3)),
                            ("conv2d", nn.Conv2d(2, 3, 2), normal(1, 2, 3, 3)),
                            ("conv_transpose2d", nn.ConvTranspose2d(2, 3, 2), normal(1, 2, 2, 2))]:
        write_case(out, name, nn.utils.parametrizations.weight_norm(module), x, rename=names)


class Branches(nn.Module):
    def __init__(self, join, *branches):
        super().__init__()
        self.join = join
        for i, branch in enumerate(branches):
            self.add_module(str(i), branch)

    def forward(self, x):
        return self.join([branch(x) for branch in self.children()])


def branches(out):
    def three():
        return nn.Identity(), nn.Conv2d(2, 2, 1), nn.Sequential(nn.ReLU(), nn.Conv2d(2, 2, 1))

    write_case(out, "concat", Branches(lambda y: torch.cat(y, 1), *three()), normal(2, 2, 2, 1))
    write_case(out, "sum", Branches(sum, *three()), normal(2, 2, 2, 1))
    write_case(out, "words", nn.Linear(3, 2), normal(2, 2, 3))


def residual(out):
    def conv(i, o, stride=1, kernel=3):
        return nn.Conv2d(i, o, kernel, stride, kernel // 2)

    write_case(out, "identity", Residual(conv(3, 3), relu=False), normal(2, 3, 4, 5))
    write_case(out, "identity_relu", Residual(conv(3, 3)), normal(2, 3, 4, 5))
    write_case(out, "projection", Residual(conv(3, 4, 2), conv(3, 4, 2, 1), relu=False),
               normal(2, 3, 5, 4))
    write_case(out, "projection_relu", Residual(conv(3, 4, 2), conv(3, 4, 2, 1)),
               normal(2, 3, 5, 4))


def resnet(out):
    """A small residual network trained for ten steps: its state before and after, what it was
    trained on, the losses, and its output in evaluation."""
    def conv_norm(i, o, stride=1, kernel=3):
        return [nn.Conv2d(i, o, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(o)]

    def block(i, o, stride):
        body = nn.Sequential(*conv_norm(i, o, stride), nn.ReLU(), *conv_norm(o, o))
        return Residual(body, nn.Sequential(*conv_norm(i, o, stride, 1)) if stride > 1 else None)

    module = nn.Sequential(*conv_norm(3, 4), nn.ReLU(), block(4, 4, 1), block(4, 6, 2),
                           GlobalAvgPool2d(), nn.Linear(6, 5))
    steps, batch = 10, 4
    x = normal(steps * batch, 3, 6, 6)
    labels = torch.randint(5, (steps * batch,))
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-3)
    write_state(out, "before", with_short_parameters(module))
    losses = []
    for step in range(steps):
        part = slice(step * batch, (step + 1) * batch)
        optimizer.zero_grad()
        loss = F.cross_entropy(module(x[part]), labels[part])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    write_state(out, "after", module)
    out.begin("data")
    out.tensor("x", ours("x", x))
    out.tensor("labels", labels)
    out.tensor("losses", torch.tensor(losses, dtype=torch.float64))
    module.eval()
    out.tensor("evaluated", module(x))


def write_files(makers):
    """A file for each function, of its name."""
    for make in makers:
        torch.manual_seed(1)
        make(File("nn/" + make.__name__))


if __name__ == "__main__":
    write_files([linear, conv2d, network, batch_norm2d, layer_norm, group_norm, residual,
                 resnet, plain_norms, local_response_norm, weight_norm, branches])
