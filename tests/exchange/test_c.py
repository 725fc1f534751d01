"""C files: compiled alone with all warnings they give Tarn's logits in float and in int8 its classes, but for 0.3 points;
on an emulated Cortex-M3 int8 gives the same bits as here, float the same scores to 1e-4, and LeNet takes at most 70 kB of
flash and 12 kB of memory. On the 10,000 test digits of MNIST where they are, LeNet in int8 on the device, too. Of the large
networks, and of LeNet in float on the device, on some of them unless TARN_ALL_DIGITS is set: all take a quarter of an
hour."""

import os
import subprocess

import numpy

from peers import MAIN, check, check_near, done, tarn

HERE = __file__.rsplit("/", 1)[0]
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
DEVICE = ["arm-none-eabi-gcc", "-mcpu=cortex-m3", "-mthumb", "-ffreestanding", "-Os"]
# How many digits here, on the device in int8, and in float: cnn has more constants than its flash, resnet takes more
# instructions than its clock counts.
NETWORKS = {
    "lenet": (10000, 10000, 100),
    "mlp": (10000, 10000, 100),
    "mobile": (10000, 100, 100),
    "resnet": (200, 2, 0),
    "cnn": (200, 1, 0),
}
# After the 400 steps of the others mobile is at 91% and still undecided about many digits: there int8 has lost 0.32
# points and another time 0.17. From 600 steps on it loses none.
STEPS = {"mobile": [1200]}


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, **options).stdout


def scores_of(file, count):
    run("cc", *STRICT, "-O3", "-march=native", "-o", "program", file, "main.c", "-lm")
    with open("images.f32", "rb") as images:
        digits = images.read(count * 784 * 4)
    return numpy.frombuffer(run("./program", input=digits), numpy.float32).reshape(-1, 10)


def emulate(digits, *options):
    """What the device writes: the scores of the first digits, and ticks of its clock."""
    run(*DEVICE, f"-DDIGITS={digits}", "-nostdlib", "-T", f"{HERE}/device.ld", f"{HERE}/device.c", "device.o", "-lgcc",
        "-o", "device.elf")  # fmt: skip
    run("qemu-system-arm", "-M", "mps2-an385", "-display", "none", *options, "-semihosting-config",
        "enable=on,target=native", "-kernel", "device.elf", timeout=1500)  # fmt: skip
    return numpy.fromfile("device.f32", numpy.float32)


def on_device(file, digits):
    """The scores of the first digits, instructions of the first one, bytes of flash and of memory."""
    run(*DEVICE, *STRICT, "-c", file, "-o", "device.o")
    text, data, bss = (int(word) for word in run("arm-none-eabi-size", "device.o").split()[6:9])
    ticks = emulate(1, "-icount", "shift=0")[-1]  # to count takes twice the time
    return emulate(digits)[:-1].reshape(-1, 10), int(ticks) * 40, text + data, data + bss


def examine(name, kind, scores, digits):
    """What an emulated device makes of a file: the same as this machine."""
    device, instructions, flash, memory = on_device(f"{kind}.c", digits)
    what = f"{name}, {kind}: {len(device)} digits on the device, {instructions} instructions each"
    if kind == "int8":
        check(what, len(device) == digits and (device == scores[:digits]).all())
    else:
        check_near(what, device, scores[:digits], 1e-4)
    return flash, memory


with open("main.c", "w") as main:
    main.write(MAIN)
for name, (most, *digits) in NETWORKS.items():
    print(tarn("tests/exchange/exported", name, *STEPS.get(name, [])), end="")
    count = None if "TARN_ALL_DIGITS" in os.environ else most
    logits = numpy.fromfile("logits.f32", numpy.float32).reshape(-1, 10)[:count]
    labels = numpy.fromfile("labels.i32", numpy.int32)[:count]
    found, small = (scores_of(f"{kind}.c", len(labels)) for kind in ("float", "int8"))
    check_near(f"{name}: logits of {len(labels)} digits", found, logits, 1e-4)
    check(f"{name}: the same classes", (found.argmax(1) == logits.argmax(1)).all())
    points = 100 * ((logits.argmax(1) == labels).mean() - (small.argmax(1) == labels).mean())
    what = f"{name}: int8 loses {points:.2f} points of {100 * (logits.argmax(1) == labels).mean():.2f}"
    # Of few digits one is more than the 0.3 points.
    check(what, points <= max(0.3, 100.5 / len(labels)))
    for kind, scores, on_it in ("int8", small, digits[0]), ("float", found, digits[1]):
        if on_it == 0:
            continue
        on_it = len(labels) if name == "lenet" and "TARN_ALL_DIGITS" in os.environ else min(on_it, len(labels))
        flash, memory = examine(name, kind, scores, on_it)
        if name == "lenet" and kind == "int8":
            check(f"{name}: {flash} bytes of flash, {memory} of memory", flash <= 70000 and memory <= 12000)
        else:
            print(f"      {name}, {kind}: {flash} bytes of flash, {memory} of memory")
# Rounding grows in the norms of layers: Tarn's scores, up to 9, are 1.8e-4 from what the file computes in double, and
# the file's own in float 2.4e-4.
for name, nearness in ("layers", 5e-4), ("windows", 1e-4):
    tarn("tests/exchange/exported", name)
    logits = numpy.fromfile("logits.f32", numpy.float32).reshape(-1, 10)[:1000]
    check_near(f"{name}: logits of {len(logits)} digits", scores_of("float.c", len(logits)), logits, nearness)
done()
