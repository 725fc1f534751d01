"""Every network that the examples and the lab train, as ONNX: the programs themselves train it, on the sample of MNIST, and
leave what at_free.c says. The checker and shape inference accept each, as it is and with batch normalization folded, the
runtime gives Tarn's logits of 1,000 images (folded: of 100), and so does Tarn, which takes it back. A network of modules
of one's own is refused by their names."""

import os
import re
import subprocess

import numpy
import onnx
import onnxruntime

from peers import check, check_near, done, tarn

ROOT = os.path.join(os.environ["TARN_SAMPLES"], "../..")
PROGRAMS = os.path.join(os.environ["TARN_BUILD"], "tests/exchange")
AT_ONCE = 100
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1

# Modules of one's own, which compute something themselves, by the names in the error.
OWN = {
    "custom_module": ['"7" (SqueezeExcite)'],
    "recipe best": ['"" (Views)'],
    "recipe fashion": ['"" (Views)'],
    "rows": ['"0" (LSTM)', '"0" (GRU)'],
    "vit": ['"" (ViT), "blocks.0.0.body.1" (Attention), "blocks.1.0.body.1" (Attention), "blocks.2.0.body.1" (Attention)'],
}
WITHOUT = {"backprop", "custom_op", "regression"}  # train no network of modules
ARGUMENTS = {"mnist": ["--epochs", "1"], "pictures": ["../stripes"]}


def named(pattern, path):
    """What a source of the project calls something."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return re.findall(pattern, file.read())


def write_pictures():
    """A folder of pictures in colour, with a folder for each class: stripes."""
    random = numpy.random.default_rng(1)
    for kind in range(4):
        os.makedirs(f"stripes/{kind}")
        for i in range(60):
            picture = random.integers(0, 80, (32, 32, 3))
            picture[:: kind + 2] += 120
            with open(f"stripes/{kind}/{i}.ppm", "wb") as file:
                file.write(b"P6 32 32 255\n" + picture.astype(numpy.uint8).tobytes())


def shape_of(text):
    return [int(number) for number in re.findall(r"\d+", text)]


def channels_first(x):
    return numpy.ascontiguousarray(numpy.moveaxis(x, -1, 1)) if x.ndim == 4 else x


def examine(what, number, line):
    """One network that a program has left: line is that of networks.txt."""
    count, given, wanted = line.split(" ")
    x = numpy.fromfile(f"{number}.in.f32", numpy.float32).reshape(-1, *shape_of(given))
    expected = channels_first(numpy.fromfile(f"{number}.out.f32", numpy.float32).reshape(len(x), *shape_of(wanted)))
    spread = expected.std(0).max()
    check(f"{what}: {count} samples, whose numbers differ by {spread:.2g}", len(x) == int(count) == 1000 and spread > 0.01)
    for path, most in (f"{number}.onnx", len(x)), (f"{number}.folded.onnx", AT_ONCE):
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
        session = onnxruntime.InferenceSession(path, options)
        found = [session.run(None, {"input": channels_first(x[i : i + AT_ONCE])})[0] for i in range(0, most, AT_ONCE)]
        kind = f"{path} of {len(model.graph.node)} nodes"
        check_near(f"{what}, {kind}: {most} samples", numpy.concatenate(found), expected[:most], 1e-4)
    few, sample = x[:AT_ONCE], ",".join(map(str, x.shape[1:]))
    few.tofile("few.f32")
    shape = tarn("tests/exchange/imported", "run", f"{number}.onnx", len(few), sample, "few.f32", "again.f32")
    again = numpy.fromfile("again.f32", numpy.float32).reshape(shape_of(shape))
    check_near(f"{what}, back in Tarn", channels_first(again), expected[:AT_ONCE], 1e-4)


def look_at(what, program, *arguments):
    """Runs a program, and examines all that it has left; returns how many networks those were."""
    folder = what.replace(" ", "-")
    os.mkdir(folder)
    os.chdir(folder)
    command = [os.path.join(PROGRAMS, f"leaving-{program}"), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TARN_DATA": "/nowhere"})
    check(f"{what}: the program runs", result.returncode == 0)
    print(result.stderr if result.returncode else "", end="")
    lines = open("networks.txt").read().splitlines() if os.path.exists("networks.txt") else []
    for number, line in enumerate(lines):
        if what in OWN:
            expected = OWN[what][number] if number < len(OWN[what]) else None
            check(f"{what}: {line}", line == f"nn_export_onnx: what these modules compute cannot be expressed: {expected}")
        else:
            examine(f"{what} {number}" if len(lines) > 1 else what, number, line)
    os.chdir("..")
    return len(lines)


def list_of(name, path):
    """The names in a list of texts in C."""
    return re.findall(r'"([\w-]+)"', named(rf"\b{name}\[\] = {{([^}}]*)}}", path)[0])


write_pictures()
covered = {"examples/lab/lib/classics.c", "examples/lab/lib/networks.c"}
names = set(re.findall(r"'(\w+)'", named(r"example_names = \[([^]]*)\]", "examples/meson.build")[0]))
for name in sorted(names - {"backprop", "custom_op"}):
    count = look_at(name, name, *ARGUMENTS.get(name, []))
    check(f"{name}: {count} networks", (count > 0) == (name not in WITHOUT))
    covered.add(f"examples/{name}.c")
for name in list_of("network_names", "examples/lab/lib/networks.c"):
    look_at(f"train {name}", "train", "--dataset", "sample", "--epochs", "1", "--model", name)
for name in list_of("recipe_names", "examples/lab/recipe.c"):
    data = ["--data", "../stripes"] if name == "color" else ["--dataset", "sample"]
    look_at(f"recipe {name}", "recipe", "--recipe", name, "--seeds", "1", "--epochs", "10" if name == "color" else "0.2", *data)
    covered.add(f"examples/lab/recipes/{name}.c")
look_at("study edge", "study", "--dataset", "sample", "edge")
covered.add("examples/lab/studies/edge.c")
header, program = (set(named(r"\b(classic_\w+)\(", path)) for path in ("examples/lab/lib/classics.h", "tests/exchange/classics.c"))
check(f"classics: {len(header)} networks in the header", header == program)
check("classics: all were left", look_at("classics", "classics") == len(header) + 1)  # AlexNet twice

# Whoever builds a network is among them.
makers = set()
for folder, _, files in os.walk(os.path.join(ROOT, "examples")):
    for file in files:
        path = os.path.relpath(os.path.join(folder, file), ROOT)
        if file.endswith(".c") and "playground" not in path and named(r"\btarn_nn_sequential(?:_of)?\(", path):
            makers.add(path)
check(f"{len(makers)} sources build networks: {', '.join(sorted(makers - covered)) or 'none'} is left out", makers <= covered)
done()
