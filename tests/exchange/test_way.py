"""The whole way from PyTorch to a page and a microcontroller: the commands of docs/exchange.md, each as it stands there. Of
the page there is what TARN_WEB holds, onnxruntime-web in node's folder; without it that step is left out."""

import os
import shutil
import subprocess

import numpy
import torch
from safetensors.torch import load_file, save_file

from peers import BATCH, MAIN, check, check_near, digits, done, network, networks

ROOT = os.path.join(os.environ["TARN_SAMPLES"], "../..")
web = os.environ.get("TARN_WEB", "")
TESTED = 200


def commands():
    """The lines of the page's section that are indented."""
    with open(f"{ROOT}/docs/exchange.md") as page:
        section = page.read().split("## The whole way\n")[1].split("\n## ")[0]
    return [line.strip() for line in section.splitlines() if line.startswith("    ")]


def run(command):
    result = subprocess.run(
        command.replace("./run convert", f"{os.environ['TARN_BUILD']}/examples/lab/convert"), shell=True,
        capture_output=True, text=True)  # fmt: skip
    check(command, result.returncode == 0)
    print(result.stderr, end="")
    return result.stdout


images, labels = digits(2000)
network("new", "lenet", "start.safetensors")
network("describe", "lenet", "network.safetensors")
model = networks["lenet"]()
model.load_state_dict(load_file("start.safetensors"))
optimizer = torch.optim.Adam(model.parameters(), 0.002)
for i in range(0, len(images), BATCH):
    loss = torch.nn.functional.cross_entropy(model(images[i : i + BATCH]), labels[i : i + BATCH])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
save_file(model.state_dict(), "torch.safetensors")
with torch.no_grad():
    expected = model(images[:TESTED]).numpy()
images[:TESTED].numpy().tofile("images.f32")  # of one channel: the same in both orders

shutil.copy(f"{ROOT}/docs/predict.mjs", ".")
if web:
    os.symlink(f"{web}/node_modules", "node_modules")
for command in commands():
    if command.startswith("node") and not web:
        print(f"      left out, without onnxruntime-web: {command}")
        continue
    shown = run(command)
    if command.startswith("node"):
        found = [[float(word) for word in line.split()] for line in shown.splitlines()]
        check_near("the page's scores", found, expected, 1e-4)
with open("main.c", "w") as main:
    main.write(MAIN)
run("cc -std=c99 -O2 -o program main.c trained.c")
run("./program <images.f32 >scores.f32")
found = numpy.fromfile("scores.f32", numpy.float32).reshape(-1, 10)
same = (found.argmax(1) == expected.argmax(1)).sum()
check(f"the microcontroller's file tells the same class of {same} of {TESTED} digits", same >= TESTED - 1)
done()
