/* How photos are read: JPEG, its EXIF data and its damages, and PNG, as the bytes of samples with
   changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <tarn.h>

#include "data/picture.h"

#define SAMPLES TARN_SOURCE_DIR "/examples/lab/digits/"

enum { SAMPLE_COUNT = 10 };

static const char *const samples[SAMPLE_COUNT] = {
    "0-ballpoint.jpg", "1-pencil.jpg", "2-chalk.png",       "3-red.png",   "4-transparent.png",
    "5-shadow.jpg",    "6-felt.jpg",   "7-yellow-note.png", "8-chalk.jpg", "9-thin.png"};

TestSuite(jpeg);

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

/* ---- Orientation */

static int64_t bytes_of(tarn__image picture)
{
    return (int64_t)picture.height * picture.width * picture.channels;
}

static tarn__image decoded(const content *c)
{
    tarn__image photo;
    cr_assert(tarn__picture_decode(&photo, "p", c->bytes, (int64_t)c->size, false), "%s",
              tarn_error());
    return photo;
}

/* Inserts an APP1 segment in front of all others. */
static void insert(content *c, const void *bytes, size_t size)
{
    const uint8_t head[] = {0xFF, 0xE1, 0, (uint8_t)(2 + size)};
    cr_assert_leq(c->size + sizeof head + size, sizeof c->bytes);
    memmove(c->bytes + 2 + sizeof head + size, c->bytes + 2, c->size - 2);
    memcpy(c->bytes + 2, head, sizeof head);
    memcpy(c->bytes + 2 + sizeof head, bytes, size);
    c->size += sizeof head + size;
}

/* EXIF data of two entries: the width, and the orientation. */
enum { EXIF_ENTRY = 6 + 8 + 2 + 12, EXIF_END = EXIF_ENTRY + 12, EXIF_SIZE = EXIF_END + 4 };

static const uint8_t big[EXIF_SIZE] = "Exif\0\0MM\0*\0\0\0\x8\0\x2"
                                      "\x1\0\0\x4\0\0\0\x1\0\0\x1\x40"
                                      "\x1\x12\0\x3\0\0\0\x1\0\x6\0\0",
                     little[EXIF_SIZE] = "Exif\0\0II*\0\x8\0\0\0\x2\0"
                                         "\0\x1\x4\0\x1\0\0\0\x40\x1\0\0"
                                         "\x12\x1\x3\0\x1\0\0\0\x6\0\0\0";

/* What EXIF means: the pixels mirrored, left to right, and then turned clockwise. */
static const struct {
    bool mirrored;
    int quarters;
} ways[] = {[1] = {false, 0}, {true, 0},  {false, 2}, {true, 2},
            {true, 3},        {false, 1}, {true, 1},  {false, 3}};

static tarn__image mirrored_once(tarn__image from)
{
    tarn__image to = {from.height, from.width, from.channels, malloc((size_t)bytes_of(from)),
                      false};
    const int c = from.channels;
    for (int y = 0; y < to.height; y++)
        for (int x = 0; x < to.width; x++)
            memcpy(to.pixels + (y * to.width + x) * c,
                   from.pixels + (y * from.width + from.width - 1 - x) * c, (size_t)c);
    free(from.pixels);
    return to;
}

static tarn__image turned_clockwise(tarn__image from)
{
    tarn__image to = {from.width, from.height, from.channels, malloc((size_t)bytes_of(from)),
                      false};
    const int c = from.channels;
    for (int y = 0; y < to.height; y++)
        for (int x = 0; x < to.width; x++)
            memcpy(to.pixels + (y * to.width + x) * c,
                   from.pixels + ((from.height - 1 - x) * from.width + y) * c, (size_t)c);
    free(from.pixels);
    return to;
}

/* Expects a photo with EXIF data to be what it is without them, turned this way. */
static void expect_orientation(const content *plain, const content *with, int orientation,
                               const char *what, int number)
{
    tarn__image expected = decoded(plain), photo = decoded(with);
    if (ways[orientation].mirrored)
        expected = mirrored_once(expected);
    for (int i = 0; i < ways[orientation].quarters; i++)
        expected = turned_clockwise(expected);
    cr_expect(photo.height == expected.height && photo.width == expected.width &&
                  photo.channels == expected.channels &&
                  memcmp(photo.pixels, expected.pixels, (size_t)bytes_of(photo)) == 0,
              "%s %d: is not turned the way %d", what, number, orientation);
    free(photo.pixels);
    free(expected.pixels);
}

Test(jpeg, is_turned_as_its_exif_data_ask)
{
    static const char *const names[] = {"0-ballpoint.jpg", "8-chalk.jpg"}; /* colours, grays */
    for (int n = 0; n < 2; n++)
        for (int orientation = 1; orientation <= 8; orientation++) {
            const content plain = content_of(names[n]);
            uint8_t exif[EXIF_SIZE];
            content with = plain;
            memcpy(exif, big, sizeof exif);
            exif[EXIF_ENTRY + 9] = (uint8_t)orientation;
            insert(&with, exif, sizeof exif);
            expect_orientation(&plain, &with, orientation, names[n], orientation);
            with = plain;
            memcpy(exif, little, sizeof exif);
            exif[EXIF_ENTRY + 8] = (uint8_t)orientation;
            insert(&with, exif, sizeof exif);
            expect_orientation(&plain, &with, orientation, names[n], orientation);
        }
}

/* Other programs write segments of this kind too. Of two with EXIF data, the first counts. */
Test(jpeg, finds_its_exif_data_among_others)
{
    const content plain = content_of("1-pencil.jpg");
    content with = plain;
    uint8_t exif[EXIF_SIZE];
    memcpy(exif, big, sizeof exif);
    exif[EXIF_ENTRY + 9] = 3;
    insert(&with, exif, sizeof exif);
    insert(&with, little, sizeof little);
    insert(&with, "http://ns.adobe.com/xap/1.0/", 29);
    insert(&with, "", 0);
    expect_orientation(&plain, &with, 6, "segment", 0);
}

/* The bytes that the segment has lost follow it, where nothing may read them. */
Test(jpeg, ignores_exif_data_that_are_truncated)
{
    const content plain = content_of("1-pencil.jpg");
    for (int order = 0; order < 2; order++)
        for (int size = 0; size <= EXIF_SIZE; size++) {
            content with = plain;
            insert(&with, order ? big : little, EXIF_SIZE);
            with.bytes[5] = (uint8_t)(2 + size);
            expect_orientation(&plain, &with, size < EXIF_END ? 1 : 6, "length", size);
        }
}

Test(jpeg, ignores_exif_data_that_are_odd)
{
    static const struct {
        int at;
        uint8_t bytes[4];
    } changes[] = {
        {0, "exif"},
        {2, "if\0\xFF"},
        {6, "IM\0*"},
        {6, "MM*\0"},
        {6, "MM\0\x2B"},
        {10, "\0\0\0\0"}, /* where the directory is */
        {10, "\0\0\0\x7"},
        {10, "\0\0\0\x9"},
        {10, {0, 0, 0, EXIF_SIZE - 6 - 2}},
        {10, {0, 0, 0, EXIF_SIZE - 6 - 1}},
        {10, "\x7F\xFF\xFF\xFF"},
        {10, "\xFF\xFF\xFF\xFF"},
        {14, "\0\0\x1\0"}, /* how many entries it has */
        {14, "\0\x1\x1\0"},
        {EXIF_ENTRY, "\x1\x13\0\x3"}, /* tag and type */
        {EXIF_ENTRY, "\x1\x12\0\x4"},
        {EXIF_ENTRY, "\x1\x12\x1\x3"},
        {EXIF_ENTRY + 4, "\0\0\0\0"}, /* count */
        {EXIF_ENTRY + 4, "\0\0\0\x2"},
        {EXIF_ENTRY + 4, "\x1\0\0\x1"},
        {EXIF_ENTRY + 8, "\0\0\0\0"}, /* value */
        {EXIF_ENTRY + 8, "\0\x9\0\0"},
        {EXIF_ENTRY + 8, "\x1\x6\0\0"},
        {EXIF_ENTRY + 8, "\xFF\xFF\xFF\xFF"},
    };
    const content plain = content_of("1-pencil.jpg");
    for (int i = 0; i < (int)(sizeof changes / sizeof *changes); i++) {
        uint8_t exif[EXIF_SIZE];
        content with = plain;
        memcpy(exif, big, sizeof exif);
        memcpy(exif + changes[i].at, changes[i].bytes, 4);
        insert(&with, exif, sizeof exif);
        expect_orientation(&plain, &with, 1, "change", i);
    }
}

/* ---- Damage */

static void assert_damaged(const content *c, const char *words)
{
    tarn__image photo;
    cr_expect_not(tarn__picture_decode(&photo, "p", c->bytes, (int64_t)c->size, false), "%s",
                  words);
    cr_expect(strstr(tarn_error(), words), "\"%s\" does not hold \"%s\"", tarn_error(), words);
    cr_expect_null(photo.pixels);
}

Test(jpeg, truncation_at_any_byte_is_noticed)
{
    for (int i = 0; i < SAMPLE_COUNT; i++) {
        content c = content_of(samples[i]);
        for (c.size--; c.size > 0; c.size -= 1 + c.size / 20) {
            tarn__image photo;
            cr_expect_not(tarn__picture_decode(&photo, "p", c.bytes, (int64_t)c.size, false),
                          "%s: %zu bytes", samples[i], c.size);
            cr_expect_eq(strncmp(tarn_error(), "p: is ", 6), 0, "%s", tarn_error());
        }
    }
}

Test(jpeg, refuses_damaged_jpeg)
{
    content c = content_of("0-ballpoint.jpg");
    memset(segment(&c, 0xC4) + 5, 255, 16); /* far more codes than a table has */
    assert_damaged(&c, "has a table of more than 256 codes");

    c = content_of("0-ballpoint.jpg");
    segment(&c, 0xC4)[3]++;
    assert_damaged(&c, "has tables that do not fill it");

    c = content_of("0-ballpoint.jpg");
    memcpy(segment(&c, 0xC0) + 5, "\xFF\xFE\x9C\x41", 4); /* the height, and the width */
    assert_damaged(&c, "has 40001 x 65534 pixels, expects at most 100 million");

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

Test(jpeg, refuses_huge_and_damaged_png)
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
Test(jpeg, survives_damage)
{
    uint64_t random = 1;
    for (int i = 0; i < 40 * SAMPLE_COUNT; i++) {
        content c = content_of(samples[i % SAMPLE_COUNT]);
        for (int j = 0; j < 8; j++) {
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            c.bytes[(random >> 32) % c.size] = (uint8_t)(random >> 24);
        }
        tarn__image photo;
        if (!tarn__picture_decode(&photo, "p", c.bytes, (int64_t)c.size, false))
            cr_expect_eq(strncmp(tarn_error(), "p: ", 3), 0, "%s", tarn_error());
        free(photo.pixels);
    }
}
