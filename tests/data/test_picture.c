/* Pictures of all kinds; JPEG and EXIF data have tests of their own in test_jpeg.c. */
#include "data/picture.h"
#include "tests/data/files.h"
#include "tests/data/pictures_of.h"
#include "tests/data/png_of.h"
#include "tests/support/mistakes.h"

TestSuite(picture, .init = make_folder, .fini = remove_folder, .timeout = 60);

static tarn__image decoded(const void *bytes, size_t size)
{
    tarn__image picture;
    cr_assert(tarn__picture_decode(&picture, "p", bytes, (int64_t)size, true), "%s", tarn_error());
    return picture;
}

static void assert_picture(const void *bytes, size_t size, int height, int width, int channels,
                           const uint8_t *expected)
{
    tarn__image p = decoded(bytes, size);
    cr_assert(p.height == height && p.width == width && p.channels == channels && !p.is_deep);
    cr_assert_eq(memcmp(p.pixels, expected, (size_t)(height * width * channels)), 0);
    free(p.pixels);
}

static const uint8_t colours[2 * 3 * 3] = {1,  2,  3,  255, 0,  0, 7,   8, 9,
                                           10, 11, 12, 0,   99, 0, 255, 0, 255};

Test(picture, bmp)
{
    uint8_t bytes[256];
    assert_picture(bytes, bmp_of(bytes, 3, 2, colours), 2, 3, 3, colours);
}

Test(picture, the_first_frame_of_a_gif)
{
    const uint8_t places[6] = {0, 1, 2, 3, 50, 127};
    uint8_t bytes[2048], expected[6 * 4];
    for (int i = 0; i < 6; i++) {
        const uint8_t colour[4] = {places[i], (uint8_t)(2 * places[i]), (uint8_t)(255 - places[i]),
                                   255};
        memcpy(expected + 4 * i, colour, 4);
    }
    assert_picture(bytes, gif_of(bytes, 3, 2, places), 2, 3, 4, expected);
}

/* It is as large as its screen, where the first frame leaves it empty too. */
Test(picture, a_gif_whose_frame_is_smaller)
{
    const uint8_t places[6] = {1, 2, 3, 4, 5, 6};
    uint8_t bytes[2048];
    tarn__image p;
    const size_t size = gif_of(bytes, 3, 2, places);
    put_little(bytes + 6, 5, 2);
    put_little(bytes + 8, 4, 2);
    p = decoded(bytes, size);
    cr_assert(p.width == 5 && p.height == 4 && p.channels == 4);
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 5; x++)
            cr_assert_eq(p.pixels[4 * (5 * y + x) + 3], x < 3 && y < 2 ? 255 : 0, "%d, %d", x, y);
    cr_assert_eq(p.pixels[4 * (5 * 1 + 2)], 6);
    free(p.pixels);
    /* An empty screen must not cost memory beyond what the file could fill. */
    put_little(bytes + 6, 9000, 2);
    put_little(bytes + 8, 9000, 2);
    assert_error(tarn__picture_decode(&p, "p", bytes, (int64_t)size, true), "p: ", "cannot hold");
}

#define TEXT(text) text, sizeof text - 1

Test(picture, pnm_in_all_its_kinds)
{
    const uint8_t bits[] = {255, 0, 255, 0, 0, 255};
    assert_picture(TEXT("P1\n# a comment\n3 2\n010 1 1\n0"), 2, 3, 1, bits);
    assert_picture(TEXT("P4 3 2 \x40\xC0"), 2, 3, 1, bits);
    assert_picture(TEXT("P2 3 1 15 0 5 15"), 1, 3, 1, (const uint8_t[]){0, 85, 255});
    assert_picture(TEXT("P3 1 1 255 1 2 3\n"), 1, 1, 3, (const uint8_t[]){1, 2, 3});
    assert_picture(TEXT("P5 3 1 255\n\1\2\3"), 1, 3, 1, (const uint8_t[]){1, 2, 3});
    assert_picture(TEXT("P6 1 2 255\n\1\2\3\4\5\6"), 2, 1, 3, (const uint8_t[]){1, 2, 3, 4, 5, 6});
    tarn__image deep = decoded(TEXT("P5 2 1 65535\n\x12\x34\xFF\xFF"));
    const uint16_t *values = (const uint16_t *)(void *)deep.pixels;
    cr_assert(deep.is_deep && values[0] == 0x1234 && values[1] == 65535);
    free(deep.pixels);
}

Test(picture, wrong_pnm)
{
    const struct {
        const char *text, *message;
    } cases[] = {
        {"P5", "truncated or damaged"},     {"P5 2 2", "truncated or damaged"},
        {"P5 0 2 255 ", "truncated"},       {"P5 2 2 0 ", "number from 1 to 65535"},
        {"P5 2 2 99999 ", "number"},        {"P5 2 1 7 \1\x9", "a value is 9"},
        {"P5 2 2 255 abc", "4 bytes"},      {"P2 2 1 7 1", "promises 3 bytes"},
        {"P2 2 1 7 1 8", "from 0 to 7"},    {"P1 2 1 12", "from 0 to 1"},
        {"P5 20000 20000 255 ", "million"}, {"P6 9999 9999 255 ", "cannot hold"},
    };
    tarn__image p;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_error(tarn__picture_decode(&p, "p", (const uint8_t *)cases[i].text,
                                          (int64_t)strlen(cases[i].text), true),
                     "p: ", cases[i].message);
}

Test(picture, too_large_ones_are_refused_by_their_header)
{
    uint8_t bytes[8192];
    tarn__image p;
    size_t size = png_of(bytes, 1, 1, PNG_GRAY, colours);
    put_big(bytes + 16, 20000);
    put_big(bytes + 20, 30001);
    assert_error(tarn__picture_decode(&p, "p", bytes, (int64_t)size, true),
                 "p: has 20000 x 30001 pixels, expects at most 100 million");
    size = bmp_of(bytes, 3, 2, colours);
    put_little(bytes + 18, 20000, 4);
    put_little(bytes + 22, 0xFFFF8ACF, 4); /* -30001: from the top */
    assert_error(tarn__picture_decode(&p, "p", bytes, (int64_t)size, true), "20000 x 30001");
    put_little(bytes + 18, 0, 4);
    assert_error(tarn__picture_decode(&p, "p", bytes, (int64_t)size, true), "at least one");
    size = gif_of(bytes, 3, 2, colours);
    put_little(bytes + 6, 65535, 2);
    put_little(bytes + 8, 40001, 2);
    assert_error(tarn__picture_decode(&p, "p", bytes, (int64_t)size, true), "65535 x 40001");
}

/* Each truncation is refused, but where a GIF ends behind its first frame; whatever byte is
   another, the file is refused or has as many pixels as it says. */
static void assert_robust(const uint8_t *bytes, size_t size, size_t whole)
{
    tarn__image p;
    uint8_t *copy = malloc(size);
    for (size_t length = 0; length < size; length++) {
        memcpy(copy, bytes, length);
        uint8_t *exact = malloc(length + 1);
        memcpy(exact, bytes, length);
        const bool good = tarn__picture_decode(&p, "p", exact, (int64_t)length, true);
        cr_assert_eq(good, length >= whole, "%zu of %zu bytes: %s", length, size,
                     good ? "read" : tarn_error());
        free(p.pixels);
        free(exact);
    }
    for (size_t i = 0; i < size; i++)
        for (int bit = 0; bit < 8; bit++) {
            memcpy(copy, bytes, size);
            copy[i] ^= (uint8_t)(1 << bit);
            if (tarn__picture_decode(&p, "p", copy, (int64_t)size, true))
                cr_assert(p.height > 0 && p.width > 0 && (int64_t)p.height * p.width < 1 << 24);
            else
                cr_assert(!p.pixels && strncmp(tarn_error(), "p: ", 3) == 0);
            free(p.pixels);
        }
    free(copy);
}

Test(picture, damaged_files)
{
    uint8_t bytes[8192];
    size_t size = bmp_of(bytes, 3, 2, colours);
    assert_robust(bytes, size, size);
    size = gif_of(bytes, 3, 2, (const uint8_t[]){1, 2, 3, 4, 5, 6});
    assert_robust(bytes, size, size - 22);
    size = png_of(bytes, 3, 2, PNG_COLOUR, colours);
    assert_robust(bytes, size, size);
    assert_robust((const uint8_t *)"P5 3 1 255\n\1\2\3", 14, 14);
    assert_robust((const uint8_t *)"P3 1 1 255 1 2 3", 16, 16);
}

Test(picture, what_is_none)
{
    tarn__image p;
    assert_error(tarn__picture_read(&p, write_file("a.jpg", TEXT("not a picture")), true),
                 "a.jpg: is no picture, expects PNG, JPEG, BMP, PNM or GIF");
    assert_error(tarn__picture_read(&p, write_file("b.jpg", TEXT("")), true), "b.jpg: is empty");
    assert_error(tarn__picture_read(&p, in_folder("c.jpg"), true), "c.jpg: cannot be read");
}

/* ---- Pixels as they are */

static void assert_pixels(const char *path, tarn_shape shape, const double *expected)
{
    tarn_tensor *pixels = tarn_data_pixels(path);
    cr_assert(pixels, "%s", tarn_error());
    cr_assert(tarn_shape_equal(tarn_shape_get(pixels), shape));
    for (int64_t i = 0; i < tarn_size(pixels); i++)
        cr_assert_eq(tarn_values(pixels)[i], (tarn_real)expected[i]);
    tarn_free(pixels);
}

Test(picture, pixels_are_those_of_the_file)
{
    assert_pixels(write_file("a.pgm", TEXT("P5 3 1 255\n\0\1\xFF")), tarn_shape(1, 3, 1),
                  (const double[]){0, 1 / 255.0, 1});
    assert_pixels(
        write_file("a.ppm", TEXT("P6 1 2 255\n\1\2\3\4\5\6")), tarn_shape(2, 1, 3),
        (const double[]){1 / 255.0, 2 / 255.0, 3 / 255.0, 4 / 255.0, 5 / 255.0, 6 / 255.0});
    assert_pixels(write_file("deep.pgm", TEXT("P5 2 1 65535\n\x12\x34\xFF\xFF")),
                  tarn_shape(1, 2, 1), (const double[]){0x1234 / 65535.0, 1});
    uint8_t bytes[2048];
    const size_t size = gif_of(bytes, 1, 1, (const uint8_t[]){50});
    assert_pixels(write_file("a.gif", bytes, size), tarn_shape(1, 1, 4),
                  (const double[]){50 / 255.0, 100 / 255.0, 205 / 255.0, 1});
    assert_error(tarn_data_pixels(write_file("text.png", TEXT("text"))), "text.png: is no picture");
    assert_error(tarn_data_pixels(in_folder("none.png")), "none.png: cannot be read");
    assert_mistake(tarn_data_pixels(NULL), "data_pixels: the path is NULL");
}

/* ---- Fitting */

static tarn__form form_of(int height, int width, int channels, tarn_resize resize)
{
    return (tarn__form){height, width, channels, resize, {255, 255, 255}};
}

static void assert_fit(tarn__image picture, tarn__form form, const uint8_t *expected)
{
    uint8_t got[64];
    cr_assert(tarn__picture_fit(&picture, &form, "p", got), "%s", tarn_error());
    for (int i = 0; i < form.height * form.width * form.channels; i++)
        cr_assert_eq(got[i], expected[i], "element %d: %d, expected %d", i, got[i], expected[i]);
}

static uint8_t ramp[] = {10, 20, 30, 40, 50, 60, 70, 80};

Test(picture, of_the_right_size_stays)
{
    for (int resize = 0; resize < 3; resize++)
        assert_fit((tarn__image){2, 4, 1, ramp, false}, form_of(2, 4, 1, (tarn_resize)resize),
                   ramp);
    assert_fit((tarn__image){2, 3, 3, (uint8_t *)(uintptr_t)colours, false},
               form_of(2, 3, 3, TARN_RESIZE_CROP), colours);
}

/* Worked out by hand: weights 1 : 3 : 3 : 1 over four pixels for each that is left of two. */
Test(picture, is_scaled_in_the_three_ways)
{
    const tarn__image p = {2, 4, 1, ramp, false};
    assert_fit(p, form_of(1, 1, 1, TARN_RESIZE_CROP), (const uint8_t[]){45});
    assert_fit(p, form_of(2, 2, 1, TARN_RESIZE_CROP), (const uint8_t[]){20, 30, 60, 70});
    /* (3 * 10 + 3 * 20 + 30) / 7 = 17.1, below 57.1 */
    assert_fit(p, form_of(2, 2, 1, TARN_RESIZE_STRETCH), (const uint8_t[]){17, 33, 57, 73});
    assert_fit(p, form_of(4, 4, 1, TARN_RESIZE_PAD),
               (const uint8_t[]){255, 255, 255, 255, 10, 20, 30, 40, //
                                 50, 60, 70, 80, 255, 255, 255, 255});
    assert_fit((tarn__image){1, 2, 1, ramp, false}, form_of(1, 4, 1, TARN_RESIZE_STRETCH),
               (const uint8_t[]){10, 13, 18, 20}); /* 12.5 and 17.5 */
}

Test(picture, of_one_colour_stays_so)
{
    uint8_t same[35], expected[64];
    memset(same, 201, sizeof same);
    memset(expected, 201, sizeof expected);
    for (int resize = 0; resize < 2; resize++)
        for (int size = 1; size <= 8; size++)
            assert_fit((tarn__image){7, 5, 1, same, false},
                       form_of(size, size, 1, (tarn_resize)resize), expected);
}

Test(picture, gray_and_colours)
{
    const tarn__image gray = {1, 2, 1, ramp, false};
    assert_fit(gray, form_of(1, 2, 3, TARN_RESIZE_CROP), (const uint8_t[]){10, 10, 10, 20, 20, 20});
    uint8_t colour[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9};
    assert_fit((tarn__image){1, 4, 3, colour, false}, form_of(1, 4, 1, TARN_RESIZE_CROP),
               (const uint8_t[]){76, 150, 29, 9});
}

Test(picture, opacity_is_laid_over_the_background)
{
    uint8_t gray[] = {100, 255, 100, 0, 100, 51}, colour[] = {0, 0, 0, 0, 255, 0, 0, 255};
    assert_fit((tarn__image){1, 3, 2, gray, false}, form_of(1, 3, 1, TARN_RESIZE_CROP),
               (const uint8_t[]){100, 255, 224});
    tarn__form form = {1, 2, 3, TARN_RESIZE_CROP, {1, 2, 3}};
    assert_fit((tarn__image){1, 2, 4, colour, false}, form, (const uint8_t[]){1, 2, 3, 255, 0, 0});
}

Test(picture, keeps_16_bits)
{
    uint16_t deep[] = {0, 1, 256, 65534, 65535, 1000}, got[6];
    const tarn__image p = {2, 3, 1, (uint8_t *)deep, true};
    tarn__form form = form_of(2, 3, 1, TARN_RESIZE_STRETCH);
    cr_assert(tarn__picture_fit(&p, &form, "p", got));
    cr_assert_eq(memcmp(deep, got, sizeof deep), 0);
}

Test(picture, of_extreme_sizes)
{
    uint8_t *wide = malloc(1000000), got[300];
    memset(wide, 77, 1000000);
    tarn__form form = form_of(10, 10, 3, TARN_RESIZE_CROP);
    for (int resize = 0; resize < 3; resize++) {
        form.resize = (tarn_resize)resize;
        cr_assert(tarn__picture_fit(&(tarn__image){1, 1000000, 1, wide, false}, &form, "p", got));
        cr_assert_eq(got[120], 77);
        cr_assert(tarn__picture_fit(&(tarn__image){1000000, 1, 1, wide, false}, &form, "p", got));
        cr_assert_eq(got[12], 77);
    }
    free(wide);
}
