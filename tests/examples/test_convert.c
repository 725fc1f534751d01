/* The program that brings networks from one file into another, as a user runs it. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <tarn.h>

#include "tests/examples/support.h"

#define GOLDEN "'" TARN_SOURCE_DIR "/tests/golden/nn/exchange/"

/* A network for images of that size, of which the file may say how they are normalized. */
static void save_network(const char *name, tarn_shape sample, bool normalized)
{
    char path[100];
    const double mean = 0.5, deviation = 0.25;
    const int features = (int)((sample.dim[0] - 2) * (sample.dim[1] - 2) * 2);
    tarn_module *model = tarn_nn_sequential(tarn_nn_conv2d(1, 2, 3), tarn_nn_batch_norm2d(2),
                                            tarn_nn_flatten(), tarn_nn_linear(features, 3));
    cr_assert(tarn_nn_describe(model, .input = sample, .channels = normalized, .mean = &mean,
                               .deviation = &deviation));
    snprintf(path, sizeof path, "%s/%s", folder, name);
    cr_assert(tarn_nn_save(model, path), "%s", tarn_error());
    tarn_nn_free(model);
}

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
                   "b.onnx: --layout is for .safetensors and .npz");
    assert_refused("lab/convert a.safetensors b.c --names 0=x",
                   "b.c: --names is for .safetensors and .npz");
    assert_refused("lab/convert a.safetensors b.c --fold", "b.c: --fold is for .onnx");
    assert_refused("lab/convert a.safetensors b.npz --fold", "b.npz: --fold is for .onnx");
    assert_refused("lab/convert a.safetensors b.npz --input 4,4,1",
                   "b.npz: --input is for .onnx and .c");
    assert_refused("lab/convert a.safetensors b.onnx --type int8", "b.onnx: --type is for .c");
    assert_refused("lab/convert a.safetensors b.onnx --calibrate sample",
                   "b.onnx: --calibrate is for .c");
    assert_refused("lab/convert --inspect a.safetensors --layout torch",
                   "--layout: does not go with --inspect");
    assert_refused("lab/convert --inspect a.safetensors --network a.safetensors",
                   "--network: does not go with --inspect");
}

/* ---- ONNX and C */

static bool is_in_folder(const char *name)
{
    char path[100];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

/* a.safetensors does not say which shape a sample has. */
Test(convert, the_shape_of_a_sample)
{
    assert_refused("lab/convert a.safetensors b.onnx",
                   "b.onnx: the network's file does not say which shape a sample has");
    assert_refused("lab/convert a.safetensors b.c --input 4,x", "\"4,x\" is not the shape");
    assert_refused("lab/convert a.safetensors b.c --input 4,4,0", "\"4,4,0\" is not the shape");
    assert_refused("lab/convert a.safetensors b.c --input 4,4,1,", "\"4,4,1,\" is not the shape");
    assert_refused("lab/convert a.safetensors b.c --input ''", "is empty, expects SHAPE");
    assert_refused("lab/convert a.safetensors b.c --input 4,4,3", "conv2d: input (3,4,4,3)");
    assert_refused("lab/convert a.safetensors b.c --input 9999999999,9999999999,1", "is too large");
    cr_assert_not(is_in_folder("b.c") || is_in_folder("b.onnx"));
    convert("a.safetensors b.onnx --input 4,4,1");
    convert("a.safetensors b.c --input 4,4,1");
    save_network("described.safetensors", tarn_shape(4, 4, 1), false);
    convert("described.safetensors b.onnx");
    convert("described.safetensors c.c --input 4,4,1");
    assert_refused("lab/convert described.safetensors b.c --input 5,5,1",
                   "--input 5,5,1: the network's file says that a sample is (4,4,1)");
}

Test(convert, folds)
{
    convert("a.safetensors b.onnx --input 4,4,1");
    convert("a.safetensors c.onnx --input 4,4,1 --fold");
    in_folder("grep -q BatchNormalization b.onnx");
    in_folder("! grep -q BatchNormalization c.onnx");
}

Test(convert, to_int8)
{
    char path[100];
    assert_refused("lab/convert a.safetensors b.c --input 4,4,1 --type int8",
                   "--type int8 goes with --calibrate");
    assert_refused("lab/convert a.safetensors b.c --input 4,4,1 --calibrate x.npy",
                   "--type int8 goes with --calibrate");
    assert_refused("lab/convert a.safetensors b.c --input 4,4,1 --type float --calibrate x.npy",
                   "--type int8 goes with --calibrate");
    assert_refused("lab/convert a.safetensors b.c --input 4,4,1 --type int8 --calibrate none.npy",
                   "none.npy: cannot be read");
    tarn_tensor *x = tarn_randn(tarn_shape(20, 4, 4, 1));
    snprintf(path, sizeof path, "%s/x.npy", folder);
    cr_assert(tarn_npy_save(x, path));
    convert("a.safetensors b.c --input 4,4,1 --type int8 --calibrate x.npy");
    in_folder("grep -q 'int8_t conv2d_int8_1_weight' b.c");
    in_folder("cc -std=c99 -Wall -Wextra -Wpedantic -Werror -c b.c -o /dev/null");
    convert("a.safetensors b.c --input 4,4,1 --type float");
    in_folder("! grep -q int8_t b.c");
    tarn_free(x);
    x = tarn_randn(tarn_shape(20, 4, 4));
    cr_assert(tarn_npy_save(x, path));
    assert_refused("lab/convert a.safetensors b.c --input 4,4,1 --type int8 --calibrate x.npy",
                   "--calibrate x.npy: is an array of (20,4,4), expects (count, ...) samples of");
    tarn_free(x);
}

/* Digits of the sample; pictures in folders, which need a network that says how it has them. */
Test(convert, to_int8_by_pictures)
{
    save_network("digits.safetensors", tarn_shape(28, 28, 1), false);
    convert("digits.safetensors b.c --type int8 --calibrate sample");
    in_folder("grep -q 'int8_t conv2d_int8_1_weight' b.c");
    assert_refused("lab/convert a.safetensors b.c --input 4,4,1 --type int8 --calibrate sample",
                   "--calibrate sample: has images of (28,28,1), and the network takes");
    in_folder("mkdir -p p/a p/b && printf 'P2 1 1 255 40' >p/a/1.pgm && "
              "printf 'P2 1 1 255 200' >p/b/1.pgm");
    assert_refused("lab/convert a.safetensors b.c --input 4,4,1 --type int8 --calibrate p",
                   "--calibrate p: the network's file does not say how its pictures are");
    save_network("normalized.safetensors", tarn_shape(4, 4, 1), true);
    convert("normalized.safetensors c.c --type int8 --calibrate p");
    in_folder("grep -q 'quantize(16, 0.0' c.c");
    assert_refused("lab/convert normalized.safetensors b.c --type int8 --calibrate none", "none");
    assert_refused("lab/convert a.safetensors b.c --input 4,4,2 --type int8 --calibrate p",
                   "which are no pictures: give an array of samples");
    in_folder("rm -r p");
}
