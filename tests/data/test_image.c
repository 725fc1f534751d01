#include "data/image.h"
#include "tests/data/files.h"
#include "tests/data/png_of.h"
#include "tests/support/heap.h"

TestSuite(image, .init = make_folder, .fini = remove_folder);

static const uint8_t pixels[] = {0, 1, 2, 128, 254, 255, 10, 20, 30, 40, 50, 60};

static bool load(tarn__image *image, const uint8_t *bytes, size_t size)
{
    return tarn__image_load(image, write_file("p.png", bytes, size));
}

static void assert_pixels(tarn__image image, int height, int width, int channels,
                          const uint8_t *expected)
{
    cr_assert(image.pixels, "%s", tarn_error());
    cr_assert(image.height == height && image.width == width && image.channels == channels);
    cr_assert_eq(memcmp(image.pixels, expected, (size_t)(height * width * channels)), 0);
    free(image.pixels);
}

Test(image, reads_gray)
{
    uint8_t bytes[8192];
    tarn__image image;
    load(&image, bytes, png_of(bytes, 4, 3, PNG_GRAY, pixels));
    assert_pixels(image, 3, 4, 1, pixels);
}

Test(image, reads_colour)
{
    uint8_t bytes[8192];
    tarn__image image;
    load(&image, bytes, png_of(bytes, 2, 2, PNG_COLOUR, pixels));
    assert_pixels(image, 2, 2, 3, pixels);
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED
Test(image, loading_keeps_nothing_but_the_pixels)
{
    uint8_t bytes[8192];
    const size_t size = png_of(bytes, 4, 3, PNG_GRAY, pixels);
    const char *good = write_file("good.png", bytes, size);
    bytes[size / 2] ^= 1;
    const char *bad = write_file("bad.png", bytes, size);
    tarn__image image;
    long live[4]; /* the first round may leave what is kept for errors */
    for (int round = 0; round < 4; round++) {
        cr_assert(tarn__image_load(&image, good), "%s", tarn_error());
        free(image.pixels);
        cr_assert_not(tarn__image_load(&image, bad));
        live[round] = heap_live;
    }
    cr_expect_eq(live[1], live[3], "%ld bytes are lost in two rounds", live[3] - live[1]);
}
#endif

Test(image, ignores_transparency)
{
    uint8_t bytes[8192];
    tarn__image image;
    load(&image, bytes, png_of(bytes, 3, 2, PNG_GRAY_ALPHA, pixels));
    assert_pixels(image, 2, 3, 1, (const uint8_t[]){0, 2, 254, 10, 30, 50});
}

Test(image, gives_opacity_if_asked)
{
    uint8_t bytes[8192];
    tarn__image image;
    tarn__image_decode(&image, "p.png", bytes, (int64_t)png_of(bytes, 3, 2, PNG_GRAY_ALPHA, pixels),
                       true, false);
    assert_pixels(image, 2, 3, 2, pixels);
    tarn__image_decode(&image, "p.png", bytes, (int64_t)png_of(bytes, 4, 3, PNG_GRAY, pixels), true,
                       false);
    assert_pixels(image, 3, 4, 1, pixels);
}

static const uint8_t deep_pixels[] = {1, 200, 2, 100, 3, 50, 254, 255};

Test(image, keeps_16_bits_unless_decoded)
{
    uint8_t bytes[8192];
    tarn__image image;
    size_t size = png_of_bits(16, bytes, 2, 2, PNG_GRAY, deep_pixels);
    cr_assert(load(&image, bytes, size), "%s", tarn_error());
    cr_assert(image.is_deep && image.channels == 1);
    const uint16_t expected[] = {456, 612, 818, 65279};
    cr_assert_eq(memcmp(image.pixels, expected, sizeof expected), 0);
    free(image.pixels);
    tarn__image_decode(&image, "p.png", bytes, (int64_t)size, true, false);
    cr_assert_not(image.is_deep);
    assert_pixels(image, 2, 2, 1, (const uint8_t[]){1, 2, 3, 254});
}

Test(image, what_is_no_png_is_named)
{
    tarn__image image;
    assert_error(load(&image, (const uint8_t *)"GIF89a, no more", 15), "p.png", "not a PNG");
    cr_assert_null(image.pixels);
    assert_error(tarn__image_load(&image, in_folder("nowhere.png")), "nowhere.png: cannot be read");
    assert_error(tarn__image_load(&image, folder), "not a regular file");
    assert_error(load(&image, (const uint8_t *)"", 0), "is empty");
}

Test(image, truncation_at_any_byte_is_noticed)
{
    uint8_t bytes[8192];
    tarn__image image;
    size_t size = png_of(bytes, 4, 3, PNG_GRAY, pixels);
    for (size_t cut = 1; cut < size; cut++)
        assert_error(load(&image, bytes, cut), "p.png", cut < 8 ? "not a PNG" : "truncated");
}

Test(image, no_bit_can_flip_unnoticed)
{
    uint8_t bytes[8192];
    tarn__image image;
    size_t size = png_of(bytes, 4, 3, PNG_GRAY, pixels);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert_not(load(&image, bytes, size), "bit %zu was flipped unnoticed", bit);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

Test(image, damage_is_placed)
{
    uint8_t bytes[8192];
    tarn__image image;
    size_t size = png_of(bytes, 4, 3, PNG_GRAY, pixels);
    bytes[60] ^= 1;
    assert_error(load(&image, bytes, size), "damaged", "checksum", "byte 33");
}

Test(image, an_empty_chunk_of_pixels_is_refused)
{
    uint8_t bytes[8192];
    tarn__image image;
    png_of(bytes, 4, 3, PNG_GRAY, pixels);
    size_t size = 33; /* signature and header */
    size += put_chunk(bytes + size, "IDAT", bytes, 0);
    size += put_chunk(bytes + size, "IEND", bytes, 0);
    assert_error(load(&image, bytes, size), "p.png", "chunk at byte 33 is empty");
}

/* The header asks for half a gigabyte, the file has 70 bytes. */
Test(image, a_hostile_header_takes_no_memory)
{
    uint8_t bytes[8192];
    tarn__image image;
    size_t size = png_of(bytes, 4, 3, PNG_GRAY, pixels);
    put_big(bytes + 16, 1 << 15);
    put_big(bytes + 20, 1 << 14);
    put_big(bytes + 29, tarn__crc32(bytes + 12, 17));
    assert_error(load(&image, bytes, size), "p.png", "cannot hold 32768 x 16384 pixels");
    put_big(bytes + 16, 5); /* more than there is, but not absurd */
    put_big(bytes + 20, 3);
    put_big(bytes + 29, tarn__crc32(bytes + 12, 17));
    assert_error(load(&image, bytes, size), "p.png", "cannot be read as PNG");
}

Test(image, inflates_no_more_than_fits)
{
    const uint8_t stored[] = {1, 3, 0, 0xFC, 0xFF, 'a', 'b', 'c', 0, 0, 0, 0};
    uint8_t to[3];
    cr_assert_eq(tarn__inflate(to, 3, stored, sizeof stored), 3);
    cr_assert_eq(memcmp(to, "abc", 3), 0);
    cr_assert_eq(tarn__inflate(to, 2, stored, sizeof stored), -1);
}
