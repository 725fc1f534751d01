/* The program that brings networks from one file into another, as a user runs it. */
#include <stdio.h>
#include <string.h>

#include <tarn.h>

#include "tests/examples/support.h"

#define GOLDEN "'" TARN_SOURCE_DIR "/tests/golden/nn/exchange/"

static void begin(void)
{
    char path[100];
    make_folder();
    tarn_module *model = tarn_nn_sequential(tarn_nn_conv2d(1, 2, 3), tarn_nn_batch_norm2d(2),
                                            tarn_nn_flatten(), tarn_nn_linear(8, 3));
    snprintf(path, sizeof path, "%s/a.safetensors", folder);
    cr_assert(tarn_nn_save(model, path), "%s", tarn_error());
    tarn_nn_free(model);
}

TestSuite(convert, .init = begin, .fini = remove_folder);

static void convert(const char *words)
{
    char output[2000], command[1000];
    snprintf(command, sizeof command, "lab/convert %s", words);
    cr_assert_eq(run(command, output, sizeof output), 0, "%s: %s", words, output);
}

static void shows(const char *words, const char *line)
{
    char output[4000], command[1000];
    snprintf(command, sizeof command, "lab/convert --inspect %s", words);
    cr_assert_eq(run(command, output, sizeof output), 0, "%s", output);
    cr_assert(strstr(output, line), "%s\ndoes not hold\n%s", output, line);
}

Test(convert, all_ways_and_back)
{
    convert("a.safetensors b.safetensors --layout torch");
    shows("b.safetensors", "0.weight               F32   [2,1,3,3]     72\n");
    convert("b.safetensors c.npz --layout torch --names 0=features.0");
    shows("c.npz", "features.0.weight");
    convert("c.npz d.safetensors --in-names 0=features.0");
    in_folder("cmp a.safetensors d.safetensors");
    convert("a.safetensors e.npz");
    convert("e.npz f.safetensors");
    in_folder("cmp a.safetensors f.safetensors");
}

/* Without what Tarn's files say: the layout and the network must be told. */
Test(convert, files_of_others)
{
    convert("a.safetensors b.safetensors --layout torch");
    in_folder(
        "sed 's/\"layout\"/\"lay-ut\"/; s/\"tarn\"/\"t-rn\"/' b.safetensors >plain.safetensors");
    assert_refused("lab/convert plain.safetensors c.npz", "--network FILE describes it");
    assert_refused("lab/convert plain.safetensors c.npz --network a.safetensors",
                   "its metadata say no layout");
    convert("plain.safetensors c.safetensors --network a.safetensors --in-layout torch");
    in_folder("cmp a.safetensors c.safetensors");
    in_folder("printf '{\"weight_map\":{' >x.index.json");
    in_folder(
        "for n in 0.weight 0.bias 1.weight 1.bias 1.running_mean 1.running_var 3.weight 3.bias; do "
        "printf '\"%s\":\"plain.safetensors\",' $n; done >>x.index.json");
    in_folder("printf '\"1.num_batches_tracked\":\"plain.safetensors\"}}' >>x.index.json");
    convert("x.index.json d.safetensors --network a.safetensors --in-layout torch");
    in_folder("cmp a.safetensors d.safetensors");
}

Test(convert, shows_files)
{
    shows(GOLDEN "cube.npy'", "F64 (2,3,4), Fortran's order of elements, big end first\n");
    shows(GOLDEN "f16.safetensors' a.safetensors", "f16.safetensors\nName");
    shows(GOLDEN "f16.safetensors' a.safetensors", "\n\na.safetensors\nName");
}

Test(convert, mistakes)
{
    assert_refused("lab/convert", "expects two files, IN and OUT, or --inspect and files");
    assert_refused("lab/convert a.safetensors", "expects two files");
    assert_refused("lab/convert a.safetensors b.txt",
                   "b.txt: its name ends in none of .safetensors");
    assert_refused("lab/convert a.safetensors b.index.json", "which can be written");
    assert_refused("lab/convert a.npy b.npz", "which can be read");
    assert_refused("lab/convert a.safetensors none/b.npz", "none/b.npz: cannot be written");
    assert_refused("lab/convert none.npz b.npz", "none.npz: cannot be read");
    assert_refused("lab/convert a.safetensors b.npz --layout other", "other");
    assert_refused("lab/convert a.safetensors b.npz --names 0", "\"0\" is not OWN=FILE");
    assert_refused("lab/convert a.safetensors b.npz --names 7=x", "no part of that name");
    assert_refused("lab/convert --inspect none.npz", "cannot be read");
    assert_refused("lab/convert a.safetensors b.onnx --layout torch",
                   "b.onnx: --layout and --names are for .safetensors and .npz");
    assert_refused("lab/convert a.safetensors b.c --names 0=x", "b.c: --layout and --names are");
}
