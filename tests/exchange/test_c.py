"""C files: compiled alone with all warnings they give Tarn's logits in float and in int8 its classes, but for 0.3 points;
on an emulated Cortex-M3 int8 gives the same bits as here, and LeNet takes at most 70 kB of flash and 12 kB of memory."""

import subprocess

import numpy

from peers import check, check_near, done, tarn

HERE = __file__.rsplit("/", 1)[0]
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
DEVICE = ["arm-none-eabi-gcc", "-mcpu=cortex-m3", "-mthumb", "-ffreestanding", "-Os"]
MAIN = """
#include <stdio.h>
void predict(const float *image, float *scores);
int main(void)
{
    static float image[784], scores[10];
    while (fread(image, sizeof image, 1, stdin) == 1) {
        predict(image, scores);
        fwrite(scores, sizeof scores, 1, stdout);
    }
    return 0;
}
"""


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, **options).stdout


def scores_of(file):
    run("cc", *STRICT, "-O2", "-o", "program", file, "main.c", "-lm")
    with open("images.f32", "rb") as images:
        return numpy.frombuffer(run("./program", stdin=images), numpy.float32).reshape(-1, 10)


def on_device(file, digits):
    """The scores of the first digits, instructions of the last, bytes of flash and of memory."""
    run(*DEVICE, *STRICT, "-c", file, "-o", "device.o")
    text, data, bss = (int(word) for word in run("arm-none-eabi-size", "device.o").split()[6:9])
    run(*DEVICE, f"-DDIGITS={digits}", "-nostdlib", "-T", f"{HERE}/device.ld", f"{HERE}/device.c", "device.o", "-lgcc",
        "-o", "device.elf")  # fmt: skip
    run("qemu-system-arm", "-M", "mps2-an385", "-display", "none", "-icount", "shift=0", "-semihosting-config",
        "enable=on,target=native", "-kernel", "device.elf", timeout=120)  # fmt: skip
    found = numpy.fromfile("device.f32", numpy.float32)
    return found[:-1].reshape(-1, 10), int(found[-1]) * 40, text + data, data + bss


with open("main.c", "w") as main:
    main.write(MAIN)
for name in ("lenet", "mlp", "mobile"):
    print(tarn("tests/exchange/exported", name), end="")
    logits = numpy.fromfile("logits.f32", numpy.float32).reshape(-1, 10)
    labels = numpy.fromfile("labels.i32", numpy.int32)
    found, small = scores_of("float.c"), scores_of("int8.c")
    check_near(f"{name}: logits", found, logits, 1e-4)
    check(f"{name}: the same classes", (found.argmax(1) == logits.argmax(1)).all())
    points = 100 * ((logits.argmax(1) == labels).mean() - (small.argmax(1) == labels).mean())
    what = f"{name}: int8 loses {points:.2f} points of {100 * (logits.argmax(1) == labels).mean():.2f}"
    check(what, name == "mobile" or points <= 0.3)  # which has learned too little to be sure of its classes
    device, instructions, flash, memory = on_device("int8.c", 20)
    check(f"{name}: {len(device)} digits on the device, {instructions} instructions each", (device == small[:20]).all())
    check(f"{name}: {flash} bytes of flash, {memory} of memory", name != "lenet" or (flash <= 70000 and memory <= 12000))
done()
