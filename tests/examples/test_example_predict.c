/* The program that tells digits as a user runs it, with a network that is trained once for all
 * tests.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stb_image_write.h> /* defined by examples/lab/lib/html.c */

#include "examples/lab/predict/prepare.h"
#include "tests/examples/samples.h"
#include "tests/examples/support.h"

static char model_folder[] = "/tmp/tarn-predict-XXXXXX";

ReportHook(PRE_ALL)(struct criterion_test_set *set)
{
    (void)set;
    char command[512];
    if (!mkdtemp(model_folder) || setenv("TARN_TEST_MODELS", model_folder, 1) != 0)
        abort();
    snprintf(command, sizeof command,
             "cd %s && '%s'/lab/train --dataset sample --epochs 2 --save lenet >/dev/null",
             model_folder, TARN_EXAMPLES);
    if (system(command) != 0)
        abort();
}

ReportHook(POST_ALL)(struct criterion_global_stats *stats)
{
    (void)stats;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", model_folder);
    if (system(command) != 0)
        abort();
}

static void begin(void)
{
    char command[128];
    make_folder();
    snprintf(command, sizeof command, "cp '%s'/lenet lenet.safetensors",
             getenv("TARN_TEST_MODELS"));
    in_folder(command);
}

TestSuite(predict, .init = begin, .fini = remove_folder, .timeout = 600);

/* How many of the files FOLDER/DIGIT-... are told to be that digit. */
static int count_right(const char *output)
{
    int right = 0;
    for (const char *line = output; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *colon = strchr(line, ':'), *slash = colon;
        while (slash && slash > line && slash[-1] != '/')
            slash--;
        if (colon && *line != ' ' && slash[1] == '-')
            right += colon[2] == *slash;
    }
    return right;
}

Test(predict, is_right_on_the_samples)
{
    char output[16384];
    cr_assert_eq(run("lab/predict", output, sizeof output), 0, "%s", output);
    cr_expect_geq(count_right(output), 9, "%s", output);
    for (int i = 0; i < SAMPLE_COUNT; i++)
        cr_expect(strstr(output, samples[i]), "%s", samples[i]);
}

static void save(tarn__image photo, const char *name)
{
    char path[128];
    const int count = photo.width * photo.height;
    uint8_t *opaque = malloc((size_t)count * 3);
    cr_assert(opaque);
    for (int i = 0; i < 3 * count; i++)
        opaque[i] = photo.pixels[i / 3 * photo.channels + (photo.channels < 3 ? 0 : i % 3)];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    cr_assert(stbi_write_png(path, photo.width, photo.height, 3, opaque, 0));
    free(opaque);
}

/* Runs the program on changed samples; returns how many it tells right. */
static int count_right_of(void (*change)(tarn__image *photo))
{
    char output[16384];
    in_folder("mkdir changed");
    for (int i = 0; i < SAMPLE_COUNT; i++) {
        char name[64];
        tarn__image photo = read_sample(i);
        if (photo.channels == 4) /* black on white */
            for (int j = 0; j < photo.height * photo.width; j++)
                memset(photo.pixels + 4 * j, 255 - photo.pixels[4 * j + 3], 3);
        change(&photo);
        snprintf(name, sizeof name, "changed/%d-changed.png", i);
        save(photo, name);
        free(photo.pixels);
    }
    cr_assert_eq(run("lab/predict changed/*", output, sizeof output), 0, "%s", output);
    return count_right(output);
}

static void turn(tarn__image *photo, double degrees)
{
    tarn__image result = turned(*photo, degrees);
    free(photo->pixels);
    *photo = result;
}

static void turn_left(tarn__image *photo)
{
    turn(photo, 15);
}

static void turn_right(tarn__image *photo)
{
    turn(photo, -15);
}

static void lay_down(tarn__image *photo)
{
    turn(photo, 90);
}

static void invert_it(tarn__image *photo)
{
    invert(*photo);
}

/* Red and green change places, and the blue light is low. */
static void recolour(tarn__image *photo)
{
    for (int64_t i = 0; photo->channels >= 3 && i < bytes_of(*photo); i += photo->channels) {
        const uint8_t red = photo->pixels[i];
        photo->pixels[i] = photo->pixels[i + 1];
        photo->pixels[i + 1] = red;
        photo->pixels[i + 2] /= 2;
    }
}

Test(predict, knows_digits_that_lean_to_the_left)
{
    int right = count_right_of(turn_left);
    cr_expect_geq(right, 8, "%d", right);
}

Test(predict, knows_digits_that_lean_to_the_right)
{
    int right = count_right_of(turn_right);
    cr_expect_geq(right, 8, "%d", right);
}

Test(predict, does_not_know_digits_that_lie)
{
    int right = count_right_of(lay_down);
    cr_expect_leq(right, 4, "%d", right);
}

Test(predict, knows_inverted_digits)
{
    cr_expect_geq(count_right_of(invert_it), 9);
}

Test(predict, knows_digits_in_other_colours)
{
    cr_expect_geq(count_right_of(recolour), 9);
}

Test(predict, prints_bars_and_the_digit)
{
    char output[8192];
    in_folder("cp '" SAMPLES "1-pencil.jpg' one.jpg");
    cr_assert_eq(run("lab/predict --show one.jpg", output, sizeof output), 0, "%s", output);
    cr_expect_eq(strncmp(output, "one.jpg: 1 (", 12), 0, "%s", output);
    int lines = 0;
    double sum = 0;
    for (const char *at = output; (at = strchr(at, '\n')); at++)
        lines++;
    cr_expect_eq(lines, 1 + DIGIT_SIZE / 2 + 5, "%s", output);
    for (int i = 0; i < 10; i++) {
        char words[16];
        snprintf(words, sizeof words, "    %d ", i);
        sum += number_after(output, words);
    }
    cr_expect_float_eq(sum, 100, 0.5);
    /* Blocks only where they can be shown. */
    in_folder("LC_ALL=C '" TARN_EXAMPLES "'/lab/predict --show one.jpg >plain; "
              "! LC_ALL=C grep -q '[^ -~]' plain && grep -q '#' plain");
    in_folder("LC_ALL=C.UTF-8 '" TARN_EXAMPLES "'/lab/predict one.jpg | grep -q '\u2588'");
}

Test(predict, goes_on_behind_a_bad_file)
{
    char output[8192];
    in_folder("cp '" SAMPLES "3-red.png' 3-a.png; cp '" SAMPLES "1-pencil.jpg' 1-b.jpg");
    cr_expect_eq(run("lab/predict 3-a.png nowhere.png 1-b.jpg", output, sizeof output), 1);
    cr_expect_eq(count_right(output), 2, "%s", output);
    const char *complaint = strstr(output, "predict: nowhere.png: cannot be read: No such file");
    cr_expect(complaint > strstr(output, "3-a.png") && complaint < strstr(output, "1-b.jpg"), "%s",
              output);
}

Test(predict, refuses_what_is_no_model)
{
    assert_refused("lab/predict --load nowhere", "nowhere: cannot be read");
    in_folder("echo hello >text");
    assert_refused("lab/predict --load text", "text: ");
    assert_refused("lab/predict --model none x.png", "none");
    assert_refused("lab/predict --model none", "expects pictures");
    assert_refused("lab/predict --shout", "unknown option");
}

Test(predict, refuses_what_is_no_picture)
{
    in_folder("echo hello, I am a text >text.png; : >empty.png; mkdir folder.png; "
              "printf 'GIF89a...........' >a.gif");
    assert_refused("lab/predict text.png", "text.png: is no picture, expects PNG, JPEG");
    assert_refused("lab/predict a.gif", "a.gif: is truncated or damaged");
    assert_refused("lab/predict empty.png", "empty.png: is empty");
    assert_refused("lab/predict folder.png", "folder.png: is not a regular file");
}
