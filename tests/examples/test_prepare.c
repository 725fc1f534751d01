/* What becomes of photos of digits before a network sees them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <tarn.h>

#include "examples/lab/predict/prepare.h"
#include "tests/examples/samples.h"

enum { PIXELS = DIGIT_SIZE * DIGIT_SIZE };

static const char *prepare_bytes(const uint8_t *bytes, int height, int width, int channels,
                                 float *digit)
{
    tarn_tensor *photo = tarn_zeros(tarn_shape(height, width, channels));
    for (int64_t i = 0; i < tarn_size(photo); i++)
        tarn_values(photo)[i] = (tarn_real)bytes[i] / 255;
    const char *problem = prepare_digit(photo, digit);
    tarn_free(photo);
    return problem;
}

static void prepare(tarn__image photo, float *digit)
{
    const char *problem =
        prepare_bytes(photo.pixels, photo.height, photo.width, photo.channels, digit);
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
    const char *problem = prepare_bytes(pixels, height, width, 1, digit);
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

TestSuite(prepare);

enum { COUNT = 500 };

/* Gives the pixels of test digits of MNIST. */
static void read_mnist(uint8_t pixels[COUNT][PIXELS])
{
    tarn_dataset *digits = tarn_data_samples(TARN_SOURCE_DIR "/data/samples", TARN_TEST);
    cr_assert(digits, "%s", tarn_error());
    tarn_loader *loader = tarn_loader_new(digits, COUNT);
    tarn_batch batch;
    cr_assert(tarn_loader_next(loader, &batch));
    for (int i = 0; i < COUNT * PIXELS; i++)
        pixels[i / PIXELS][i % PIXELS] =
            (uint8_t)lround(255 * (double)tarn_values(batch.images)[i]);
    tarn_loader_free(loader);
    tarn_dataset_free(digits);
}

Test(prepare, leaves_digits_of_mnist_nearly_as_they_are)
{
    static uint8_t pixels[COUNT][PIXELS];
    double sum = 0;
    read_mnist(pixels);
    for (int i = 0; i < COUNT; i++) {
        float before[PIXELS], after[PIXELS];
        for (int j = 0; j < PIXELS; j++)
            before[j] = (float)pixels[i][j] / 255;
        prepare((tarn__image){DIGIT_SIZE, DIGIT_SIZE, 1, pixels[i], false}, after);
        sum += mean_difference(before, after);
    }
    cr_expect_lt(sum / COUNT, 0.006, "%g", sum / COUNT);
}

/* Without its margin of four pixels, a digit often leaves too little paper to tell it from ink. */
Test(prepare, asks_for_paper_around_the_digit)
{
    enum { SIDE = DIGIT_SIZE - 8 };
    static uint8_t pixels[COUNT][PIXELS];
    int refused = 0;
    read_mnist(pixels);
    for (int i = 0; i < COUNT; i++) {
        uint8_t middle[SIDE * SIDE];
        float digit[PIXELS];
        for (int y = 0; y < SIDE; y++)
            memcpy(middle + y * SIDE, pixels[i] + (4 + y) * DIGIT_SIZE + 4, SIDE);
        const char *problem = prepare_bytes(middle, SIDE, SIDE, 1, digit);
        refused += problem != NULL;
        if (problem)
            cr_expect_str_eq(problem, "holds no digit: no ink stands out from the paper; leave "
                                      "some paper around the digit");
    }
    cr_expect(refused > 0);
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
    tarn__image colours = {chalk.height, chalk.width, 3, malloc((size_t)(3 * bytes_of(chalk))),
                           false};
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
    const char *problem = prepare_bytes(colours.pixels, colours.height, colours.width, 3, digit);
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
    prepare((tarn__image){SIDE, SIDE, 4, with, false}, digit);
    prepare((tarn__image){SIDE, SIDE, 1, without, false}, expected);
    cr_expect_lt(mean_difference(digit, expected), 1e-6);
    for (int i = 0; i < SIDE * SIDE; i++)
        memcpy(with + 2 * i, (uint8_t[]){0, (uint8_t)(255 - without[i])}, 2);
    prepare((tarn__image){SIDE, SIDE, 2, with, false}, digit);
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
    const char *problem = prepare_bytes(pixels, SIDE, SIDE, 1, digit);
    cr_assert(problem);
    cr_expect_eq(strncmp(problem, "holds no digit: ", 16), 0, "%s", problem);
}
