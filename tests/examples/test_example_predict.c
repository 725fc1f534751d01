/* Photos of digits: how they are read, prepared and told; the program as a user runs it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/photo.h"
#include "examples/picture.h"
#include "examples/prepare.h"
#include "tests/examples/support.h"

#define SAMPLES TARN_SOURCE_DIR "/examples/digits/"

enum { SAMPLE_COUNT = 10, PIXELS = DIGIT_SIZE * DIGIT_SIZE };

static const char *const samples[SAMPLE_COUNT] = {
    "0-ballpoint.jpg", "1-pencil.jpg", "2-chalk.png",       "3-red.png",   "4-transparent.png",
    "5-shadow.jpg",    "6-felt.jpg",   "7-yellow-note.png", "8-chalk.jpg", "9-thin.png"};

/* ---- What the tests share */

static tarn__image read_sample(int digit)
{
    char path[512];
    tarn__image photo;
    snprintf(path, sizeof path, SAMPLES "%s", samples[digit]);
    cr_assert(photo_read(&photo, path), "%s", tarn_error());
    return photo;
}

static int64_t bytes_of(tarn__image photo)
{
    return (int64_t)photo.height * photo.width * photo.channels;
}

static void prepare(tarn__image photo, float *digit)
{
    const char *problem =
        prepare_digit(photo.pixels, photo.height, photo.width, photo.channels, digit);
    cr_assert_null(problem, "%s", problem);
}

/* Prepares gray pixels of one brightness but for a rectangle of another. */
static const char *prepare_bar(int height, int width, int top, int left, int rows, int columns,
                               uint8_t paper, uint8_t ink, float *digit)
{
    uint8_t *pixels = malloc((size_t)(height * width));
    memset(pixels, paper, (size_t)(height * width));
    for (int y = top; y < top + rows; y++)
        memset(pixels + y * width + left, ink, (size_t)columns);
    const char *problem = prepare_digit(pixels, height, width, 1, digit);
    free(pixels);
    return problem;
}

static double mean_difference(const float *a, const float *b)
{
    double sum = 0;
    for (int i = 0; i < PIXELS; i++)
        sum += fabs((double)(a[i] - b[i]));
    return sum / PIXELS;
}

static int within(double place, int count)
{
    return (int)fmax(0, fmin(count - 1, floor(place)));
}

/* The image turned around its middle, counterclockwise; beyond its edges it goes on as they are. */
static tarn__image turned(tarn__image from, double degrees)
{
    const double angle = degrees * acos(-1) / 180, cosine = cos(angle), sine = sin(angle);
    const int side = from.height > from.width ? from.height : from.width;
    tarn__image to = {side, side, from.channels, NULL};
    to.pixels = malloc((size_t)bytes_of(to));
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            const double right = x + 0.5 - side / 2.0, down = y + 0.5 - side / 2.0;
            const int from_x = within(from.width / 2.0 + right * cosine - down * sine, from.width),
                      from_y =
                          within(from.height / 2.0 + right * sine + down * cosine, from.height);
            memcpy(to.pixels + (y * side + x) * to.channels,
                   from.pixels + (from_y * from.width + from_x) * to.channels, (size_t)to.channels);
        }
    return to;
}

static void invert(tarn__image photo)
{
    const int colours = photo.channels < 3 ? 1 : 3;
    for (int64_t i = 0; i < bytes_of(photo); i++)
        if (i % photo.channels < colours)
            photo.pixels[i] = (uint8_t)(255 - photo.pixels[i]);
}

static void save(tarn__image photo, const char *name)
{
    char path[128];
    picture p = picture_new(photo.width, photo.height);
    for (int i = 0; i < photo.width * photo.height; i++) {
        const uint8_t *pixel = photo.pixels + i * photo.channels;
        p.pixels[i] = photo.channels < 3 ? (colour){pixel[0], pixel[0], pixel[0]}
                                         : (colour){pixel[0], pixel[1], pixel[2]};
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    picture_save(&p, path);
    picture_free(&p);
}

/* ---- Preparation */

TestSuite(prepare);

Test(prepare, leaves_digits_of_mnist_nearly_as_they_are)
{
    tarn_dataset *digits = tarn_data_samples(TARN_SOURCE_DIR "/data/samples", TARN_TEST);
    cr_assert(digits, "%s", tarn_error());
    enum { COUNT = 500 };
    tarn_loader *loader = tarn_loader_new(digits, COUNT);
    tarn_batch batch;
    cr_assert(tarn_loader_next(loader, &batch));
    double sum = 0;
    for (int i = 0; i < COUNT; i++) {
        uint8_t pixels[PIXELS];
        float before[PIXELS], after[PIXELS];
        for (int j = 0; j < PIXELS; j++) {
            before[j] = (float)tarn_values(batch.images)[i * PIXELS + j];
            pixels[j] = (uint8_t)lroundf(255 * before[j]);
        }
        prepare((tarn__image){DIGIT_SIZE, DIGIT_SIZE, 1, pixels}, after);
        sum += mean_difference(before, after);
    }
    cr_expect_lt(sum / COUNT, 0.006, "%g", sum / COUNT);
    tarn_loader_free(loader);
    tarn_dataset_free(digits);
}

Test(prepare, fits_the_box_and_centres_the_mass)
{
    float digit[PIXELS];
    for (int i = 0; i < SAMPLE_COUNT; i++) {
        tarn__image photo = read_sample(i);
        prepare(photo, digit);
        double sum = 0, down = 0, right = 0;
        int top = DIGIT_SIZE, bottom = 0, left = DIGIT_SIZE, end = 0;
        for (int y = 0; y < DIGIT_SIZE; y++)
            for (int x = 0; x < DIGIT_SIZE; x++) {
                const double ink = (double)digit[y * DIGIT_SIZE + x];
                cr_expect(ink >= 0 && ink <= 1);
                sum += ink;
                down += ink * y;
                right += ink * x;
                if (ink > 0) {
                    top = y < top ? y : top;
                    bottom = y + 1;
                    left = x < left ? x : left;
                    end = x + 1 > end ? x + 1 : end;
                }
            }
        cr_expect_float_eq(down / sum, 14, 0.51, "%s", samples[i]);
        cr_expect_float_eq(right / sum, 14, 0.51, "%s", samples[i]);
        cr_expect_eq(fmax(bottom - top, end - left), 20, "%s", samples[i]);
        free(photo.pixels);
    }
}

Test(prepare, cares_not_which_of_ink_and_paper_is_dark)
{
    for (int i = 0; i < SAMPLE_COUNT; i++) {
        float digit[PIXELS], inverse[PIXELS];
        tarn__image photo = read_sample(i);
        prepare(photo, digit);
        if (photo.channels % 2) { /* what is transparent is white, whatever colour it has */
            invert(photo);
            prepare(photo, inverse);
            cr_expect_lt(mean_difference(digit, inverse), 1e-3, "%s", samples[i]);
        }
        free(photo.pixels);
    }
}

/* Chalk on a board, that is, gray values, as blends of two colours. */
Test(prepare, sees_colours_by_their_brightness)
{
    static const uint8_t pairs[][2][3] = {{{255, 255, 255}, {200, 30, 40}},
                                          {{255, 235, 120}, {20, 40, 150}},
                                          {{20, 20, 60}, {90, 220, 90}}};
    tarn__image chalk = read_sample(8);
    tarn__image colours = {chalk.height, chalk.width, 3, malloc((size_t)(3 * bytes_of(chalk)))};
    float digit[PIXELS], coloured[PIXELS];
    prepare(chalk, digit);
    for (int pair = 0; pair < 3; pair++) {
        for (int i = 0; i < chalk.height * chalk.width; i++)
            for (int c = 0; c < 3; c++) {
                const int ink = chalk.pixels[i * chalk.channels], paper = 255 - ink;
                colours.pixels[3 * i + c] =
                    (uint8_t)((ink * pairs[pair][1][c] + paper * pairs[pair][0][c]) / 255);
            }
        prepare(colours, coloured);
        cr_expect_lt(mean_difference(digit, coloured), 0.02, "pair %d: %g", pair,
                     mean_difference(digit, coloured));
    }
    /* Red on as bright a gray. */
    for (int i = 0; i < chalk.height * chalk.width; i++) {
        const bool ink = chalk.pixels[i * chalk.channels] > 128;
        memcpy(colours.pixels + 3 * i, ink ? "\xC8\x1E\x28" : "\x52\x52\x52", 3);
    }
    const char *problem = prepare_digit(colours.pixels, colours.height, colours.width, 3, digit);
    cr_assert(problem);
    cr_expect_str_eq(problem, "holds no digit: it is blank");
    free(colours.pixels);
    free(chalk.pixels);
}

Test(prepare, takes_transparency_for_white)
{
    enum { SIDE = 20 };
    uint8_t with[SIDE * SIDE * 4], without[SIDE * SIDE];
    float digit[PIXELS], expected[PIXELS];
    for (int i = 0; i < SIDE * SIDE; i++) {
        const int opacity = i % SIDE >= 8 && i % SIDE < 12 ? 200 : 0;
        memcpy(with + 4 * i, (uint8_t[]){0, 0, 0, (uint8_t)opacity}, 4);
        without[i] = (uint8_t)(255 - opacity);
    }
    prepare((tarn__image){SIDE, SIDE, 4, with}, digit);
    prepare((tarn__image){SIDE, SIDE, 1, without}, expected);
    cr_expect_lt(mean_difference(digit, expected), 1e-6);
    for (int i = 0; i < SIDE * SIDE; i++)
        memcpy(with + 2 * i, (uint8_t[]){0, (uint8_t)(255 - without[i])}, 2);
    prepare((tarn__image){SIDE, SIDE, 2, with}, digit);
    cr_expect_lt(mean_difference(digit, expected), 1e-6);
}

/* What lies stays lying: a turned image gives the turned digit. */
Test(prepare, does_not_undo_turning)
{
    float digit[PIXELS], lying[PIXELS], expected[PIXELS] = {0};
    tarn__image photo = read_sample(3), side = turned(photo, 90);
    prepare(photo, digit);
    prepare(side, lying);
    for (int y = 1; y < DIGIT_SIZE; y++) /* the middle is 14, and stays where it is */
        for (int x = 0; x < DIGIT_SIZE; x++)
            expected[(DIGIT_SIZE - y) * DIGIT_SIZE + x] = digit[x * DIGIT_SIZE + y];
    cr_expect_lt(mean_difference(lying, expected), 0.02, "%g", mean_difference(lying, expected));
    free(side.pixels);
    free(photo.pixels);
}

Test(prepare, finds_ink_at_the_border)
{
    float digit[PIXELS], expected[PIXELS];
    cr_expect_null(prepare_bar(40, 30, 10, 13, 20, 4, 255, 0, expected));
    cr_expect_null(prepare_bar(20, 30, 0, 13, 20, 4, 255, 0, digit));
    cr_expect_lt(mean_difference(digit, expected), 1e-6);
    cr_expect_null(prepare_bar(20, 30, 0, 0, 20, 4, 0, 255, digit));
    cr_expect_lt(mean_difference(digit, expected), 1e-6);
}

/* A thousandth of the image is ink. */
Test(prepare, finds_small_digits_on_large_sheets)
{
    float digit[PIXELS];
    double sum = 0;
    const char *problem = prepare_bar(480, 640, 200, 300, 60, 6, 255, 0, digit);
    cr_assert_null(problem, "%s", problem);
    for (int i = 0; i < PIXELS; i++)
        sum += (double)digit[i];
    cr_expect(sum > 30 && sum < 80, "%g", sum);
}

/* A line of 2 x 160 pixels would be a quarter of a pixel wide. */
Test(prepare, thickens_thin_pens)
{
    float digit[PIXELS];
    double sum = 0;
    cr_expect_null(prepare_bar(200, 200, 20, 50, 160, 2, 255, 0, digit));
    for (int i = 0; i < PIXELS; i++)
        sum += (double)digit[i];
    cr_expect(sum > 30 && sum < 50, "%g", sum);
}

Test(prepare, refuses_what_holds_no_digit)
{
    float digit[PIXELS];
    const char *const blank = "holds no digit: it is blank",
                      *const small = "holds no digit: it is too small",
                      *const specks = "holds no digit: there are only specks";
    cr_expect_str_eq(prepare_bar(50, 50, 0, 0, 0, 0, 255, 0, digit), blank);
    cr_expect_str_eq(prepare_bar(50, 50, 0, 0, 50, 50, 255, 0, digit), blank);
    cr_expect_str_eq(prepare_bar(50, 50, 20, 20, 10, 3, 100, 110, digit), blank);
    cr_expect_str_eq(prepare_bar(1, 1, 0, 0, 1, 1, 255, 0, digit), small);
    cr_expect_str_eq(prepare_bar(1, 500, 0, 0, 1, 9, 255, 0, digit), small);
    cr_expect_str_eq(prepare_bar(500, 3, 0, 0, 9, 1, 255, 0, digit), small);
    cr_expect_str_eq(prepare_bar(28, 28, 9, 9, 3, 3, 255, 0, digit), specks);
    cr_expect_null(prepare_bar(4, 4, 0, 1, 4, 1, 255, 0, digit));
    cr_expect_null(prepare_bar(3000, 4, 1000, 1, 800, 1, 255, 0, digit));
    cr_expect_null(prepare_bar(3000, 5000, 1000, 2000, 1000, 300, 255, 0, digit));
}

Test(prepare, finds_no_digit_in_noise)
{
    enum { SIDE = 200 };
    static uint8_t pixels[SIDE * SIDE];
    float digit[PIXELS];
    for (uint64_t i = 0, random = 1; i < SIDE * SIDE; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        pixels[i] = (uint8_t)(random >> 56);
    }
    const char *problem = prepare_digit(pixels, SIDE, SIDE, 1, digit);
    cr_assert(problem);
    cr_expect_eq(strncmp(problem, "holds no digit: ", 16), 0, "%s", problem);
}

/* ---- The program, with a network that is trained once for all tests */

static char model_folder[] = "/tmp/tarn-predict-XXXXXX";

ReportHook(PRE_ALL)(struct criterion_test_set *set)
{
    (void)set;
    char command[512];
    if (!mkdtemp(model_folder) || setenv("TARN_TEST_MODELS", model_folder, 1) != 0)
        abort();
    snprintf(command, sizeof command,
             "cd %s && '%s'/mnist --dataset sample --epochs 2 --save lenet >/dev/null",
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
    cr_assert_eq(run("predict", output, sizeof output), 0, "%s", output);
    cr_expect_geq(count_right(output), 9, "%s", output);
    for (int i = 0; i < SAMPLE_COUNT; i++)
        cr_expect(strstr(output, samples[i]), "%s", samples[i]);
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
    cr_assert_eq(run("predict changed/*", output, sizeof output), 0, "%s", output);
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
    cr_assert_eq(run("predict --show one.jpg", output, sizeof output), 0, "%s", output);
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
    in_folder("LC_ALL=C '" TARN_EXAMPLES "'/predict --show one.jpg >plain; "
              "! LC_ALL=C grep -q '[^ -~]' plain && grep -q '#' plain");
    in_folder("LC_ALL=C.UTF-8 '" TARN_EXAMPLES "'/predict one.jpg | grep -q '\u2588'");
}

Test(predict, goes_on_behind_a_bad_file)
{
    char output[8192];
    in_folder("cp '" SAMPLES "3-red.png' 3-a.png; cp '" SAMPLES "1-pencil.jpg' 1-b.jpg");
    cr_expect_eq(run("predict 3-a.png nowhere.png 1-b.jpg", output, sizeof output), 1);
    cr_expect_eq(count_right(output), 2, "%s", output);
    const char *complaint = strstr(output, "predict: nowhere.png: cannot be read: No such file");
    cr_expect(complaint > strstr(output, "3-a.png") && complaint < strstr(output, "1-b.jpg"), "%s",
              output);
}

Test(predict, refuses_what_is_no_model)
{
    assert_refused("predict --load nowhere", "nowhere: cannot be read");
    in_folder("echo hello >text");
    assert_refused("predict --load text", "text: ");
    assert_refused("predict --model cnn", "lenet.safetensors");
    assert_refused("predict --model vgg", "--model vgg: expects one of lenet, cnn");
    assert_refused("predict --shout", "unknown option");
}

Test(predict, refuses_what_is_no_picture)
{
    in_folder("echo hello, I am a text >text.png; : >empty.png; mkdir folder.png; "
              "printf 'GIF89a...........' >a.gif");
    assert_refused("predict text.png", "text.png: is neither a PNG nor a JPEG picture");
    assert_refused("predict a.gif", "a.gif: is neither a PNG nor a JPEG picture");
    assert_refused("predict empty.png", "empty.png: is empty");
    assert_refused("predict folder.png", "folder.png: is not a regular file");
}

/* ---- Damaged pictures: the bytes of samples with changes */

typedef struct content {
    uint8_t bytes[32768];
    size_t size;
} content;

static content content_of(const char *sample)
{
    static content c;
    char path[512];
    snprintf(path, sizeof path, SAMPLES "%s", sample);
    FILE *file = fopen(path, "rb");
    cr_assert(file, "%s", path);
    c.size = fread(c.bytes, 1, sizeof c.bytes, file);
    fclose(file);
    return c;
}

/* Where the JPEG segment with that marker begins. */
static uint8_t *segment(content *c, int marker)
{
    size_t at = 2;
    while (c->bytes[at + 1] != marker) {
        at += 2 + (size_t)(c->bytes[at + 2] << 8 | c->bytes[at + 3]);
        cr_assert_lt(at, c->size);
    }
    return c->bytes + at;
}

static void assert_damaged(const content *c, const char *words)
{
    tarn__image photo;
    cr_expect_not(photo_decode(&photo, "p", c->bytes, (int64_t)c->size), "%s", words);
    cr_expect(strstr(tarn_error(), words), "\"%s\" does not hold \"%s\"", tarn_error(), words);
    cr_expect_null(photo.pixels);
}

TestSuite(photo);

Test(photo, truncation_at_any_byte_is_noticed)
{
    for (int i = 0; i < SAMPLE_COUNT; i++) {
        content c = content_of(samples[i]);
        for (c.size--; c.size > 0; c.size -= 1 + c.size / 20) {
            tarn__image photo;
            cr_expect_not(photo_decode(&photo, "p", c.bytes, (int64_t)c.size), "%s: %zu bytes",
                          samples[i], c.size);
            cr_expect_eq(strncmp(tarn_error(), "p: is ", 6), 0, "%s", tarn_error());
        }
    }
}

Test(photo, refuses_damaged_jpeg)
{
    content c = content_of("0-ballpoint.jpg");
    memset(segment(&c, 0xC4) + 5, 255, 16); /* far more codes than a table has */
    assert_damaged(&c, "has a table of more than 256 codes");

    c = content_of("0-ballpoint.jpg");
    segment(&c, 0xC4)[3]++;
    assert_damaged(&c, "has tables that do not fill it");

    c = content_of("0-ballpoint.jpg");
    memset(segment(&c, 0xC0) + 5, 255, 4); /* 65535 x 65535 pixels */
    assert_damaged(&c, "has 65535 x 65535 pixels, expects at most 100 million");

    c = content_of("0-ballpoint.jpg");
    memcpy(segment(&c, 0xC0) + 5, "\x20\x00\x20\x00", 4);
    assert_damaged(&c, "cannot hold 8192 x 8192 pixels");

    c = content_of("0-ballpoint.jpg");
    segment(&c, 0xC0)[1] = 0xC9;
    assert_damaged(&c, "is a JPEG of a rare kind (0xC9)");

    c = content_of("0-ballpoint.jpg");
    segment(&c, 0xC0)[1] = 0xE3; /* no frame: its segment is taken for a comment */
    assert_damaged(&c, "p: is a JPEG without an image");
}

Test(photo, refuses_huge_and_damaged_png)
{
    content c = content_of("3-red.png");
    memset(c.bytes + 18, 255, 2);
    memset(c.bytes + 22, 255, 2);
    assert_damaged(&c, "expects at most 100 million");
    c = content_of("3-red.png");
    c.bytes[c.size / 2]++;
    assert_damaged(&c, "checksum");
}

/* Bytes changed at random: a picture or a sentence, and no crash. */
Test(photo, survives_damage)
{
    uint64_t random = 1;
    for (int i = 0; i < 40 * SAMPLE_COUNT; i++) {
        content c = content_of(samples[i % SAMPLE_COUNT]);
        for (int j = 0; j < 8; j++) {
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            c.bytes[(random >> 32) % c.size] = (uint8_t)(random >> 24);
        }
        tarn__image photo;
        if (!photo_decode(&photo, "p", c.bytes, (int64_t)c.size))
            cr_expect_eq(strncmp(tarn_error(), "p: ", 3), 0, "%s", tarn_error());
        free(photo.pixels);
    }
}
