#include "data/gzip.h"
#include "tests/data/files.h"
#include "tests/data/gzip_of.h"

static const char contents[] = "gzip keeps a checksum, and so nothing is guessed";
enum { SIZE = sizeof contents };

/* "0^2 = 0\n" to "39^2 = 1521\n", as gzip -9 packs it: a block with its own Huffman codes. */
static const uint8_t squares[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x35, 0x90, 0xcb, 0x91, 0x04,
    0x31, 0x0c, 0x42, 0xef, 0x44, 0x31, 0x21, 0x58, 0x1f, 0xab, 0xad, 0xc3, 0xa4, 0xb2, 0xf9,
    0x87, 0xb1, 0xb4, 0xd1, 0x9c, 0x4c, 0xa9, 0x64, 0x1e, 0x68, 0xfd, 0xf9, 0xe7, 0xfb, 0x59,
    0xb0, 0xfb, 0x1a, 0xfc, 0xbe, 0x89, 0xb8, 0x6f, 0x23, 0x35, 0x2f, 0xec, 0x2b, 0x7c, 0xa3,
    0xae, 0x88, 0xc2, 0xa3, 0xd5, 0xc6, 0xb9, 0xa2, 0x12, 0x7d, 0xc5, 0x31, 0xd8, 0xd2, 0xb7,
    0x45, 0xe3, 0x71, 0x76, 0x4e, 0x65, 0x6e, 0x99, 0xb0, 0x18, 0xdf, 0x86, 0x0d, 0xa2, 0x0b,
    0x36, 0x10, 0x52, 0xac, 0x86, 0xc7, 0xa9, 0x40, 0x7e, 0xb8, 0x2b, 0x54, 0x38, 0x1d, 0x7a,
    0x72, 0x30, 0xb3, 0x68, 0x49, 0x9a, 0x8b, 0x96, 0xc9, 0xe9, 0x54, 0x39, 0x09, 0x17, 0x6d,
    0x7b, 0xc3, 0x45, 0xdb, 0x4f, 0xc1, 0x45, 0x2b, 0xd2, 0x5c, 0xb4, 0x7a, 0xa7, 0xa2, 0x3d,
    0xef, 0xae, 0x68, 0xcf, 0xeb, 0x30, 0xd5, 0xe8, 0x1b, 0xa2, 0x35, 0x69, 0x21, 0x5a, 0x33,
    0x43, 0x4c, 0xb7, 0xc5, 0x68, 0x31, 0xe5, 0x16, 0x13, 0xc7, 0xb4, 0x33, 0x16, 0x89, 0x3d,
    0xa7, 0x20, 0x31, 0x6a, 0x34, 0x6b, 0x87, 0x90, 0x16, 0xbc, 0x46, 0x9c, 0xdf, 0x8d, 0xe8,
    0x23, 0xa8, 0x6d, 0xde, 0xee, 0x1f, 0xa6, 0x72, 0xa0, 0x86, 0xa8, 0x01, 0x00, 0x00};

static uint8_t *gunzip(const uint8_t *bytes, size_t size)
{
    int64_t inflated;
    return tarn__gunzip("f.gz", bytes, (int64_t)size, &inflated);
}

static void assert_contents(const uint8_t *bytes, size_t size)
{
    int64_t inflated = -1;
    uint8_t *got = tarn__gunzip("f.gz", bytes, (int64_t)size, &inflated);
    cr_assert(got, "%s", tarn_error());
    cr_assert_eq(inflated, SIZE);
    cr_assert_eq(memcmp(got, contents, SIZE), 0);
    free(got);
}

Test(gzip, crc_of_the_standard_check_string)
{
    cr_assert_eq(tarn__crc32((const uint8_t *)"123456789", 9), 0xCBF43926u);
    cr_assert_eq(tarn__crc32(NULL, 0), 0u);
}

Test(gzip, inflates_huffman_codes)
{
    char text[1024];
    int length = 0;
    for (int i = 0; i < 40; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, "%d^2 = %d\n", i, i * i);
    int64_t size = 0;
    uint8_t *got = tarn__gunzip("f.gz", squares, sizeof squares, &size);
    cr_assert(got, "%s", tarn_error());
    cr_assert_eq(size, length);
    cr_assert_eq(memcmp(got, text, (size_t)length), 0);
    free(got);
}

Test(gzip, reads_every_header_field)
{
    for (int flags = 0; flags < 32; flags++) {
        uint8_t bytes[SIZE + 64];
        size_t size = gzip_of(bytes, contents, SIZE, flags);
        cr_assert(tarn__is_gzip(bytes, (int64_t)size));
        assert_contents(bytes, size);
    }
    cr_assert_not(tarn__is_gzip((const uint8_t *)"\x1f", 1));
    cr_assert_not(tarn__is_gzip((const uint8_t *)"\x1f\x8c", 2));
}

Test(gzip, nothing_inflates_to_nothing)
{
    uint8_t bytes[64];
    int64_t size = -1;
    uint8_t *got = tarn__gunzip("f.gz", bytes, (int64_t)gzip_of(bytes, "", 0, 0), &size);
    cr_assert(got, "%s", tarn_error());
    cr_assert_eq(size, 0);
    free(got);
}

Test(gzip, refuses_what_the_header_says)
{
    uint8_t bytes[SIZE + 64];
    size_t size = gzip_of(bytes, contents, SIZE, 0);
    bytes[2] = 7;
    assert_error(gunzip(bytes, size), "f.gz", "method 7", "expects method 8");
    size = gzip_of(bytes, contents, SIZE, 0x20);
    assert_error(gunzip(bytes, size), "flags 0x20");
    size = gzip_of(bytes, contents, SIZE, 2 | 8);
    bytes[12] ^= 1; /* in the name */
    assert_error(gunzip(bytes, size), "damaged", "checksum of its gzip header");
}

Test(gzip, truncation_at_any_byte_is_noticed)
{
    uint8_t bytes[SIZE + 64];
    size_t size = gzip_of(bytes, contents, SIZE, 2 | 4 | 8 | 16);
    for (size_t cut = 2; cut < size; cut++)
        assert_error(gunzip(bytes, cut), "f.gz", "truncated");
    for (size_t cut = 2; cut < sizeof squares; cut++)
        assert_error(gunzip(squares, cut), "f.gz", "truncated");
}

/* A few bits of the header mean nothing to us (time, system): those may change, the contents not.
 */
Test(gzip, no_flipped_bit_changes_the_contents)
{
    uint8_t bytes[sizeof squares];
    int64_t size;
    uint8_t *good = tarn__gunzip("f.gz", squares, sizeof squares, &size);
    for (size_t bit = 0; bit < 8 * sizeof squares; bit++) {
        memcpy(bytes, squares, sizeof squares);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        int64_t now = 0;
        uint8_t *got = tarn__gunzip("f.gz", bytes, sizeof bytes, &now);
        if (got)
            cr_assert(now == size && memcmp(got, good, (size_t)size) == 0);
        if (bit >= 8 * 10 && bit / 8 != sizeof squares - 9)
            cr_assert_null(got, "bit %zu was flipped unnoticed", bit);
        free(got);
    }
    free(good);
}

Test(gzip, damage_is_told_with_both_checksums)
{
    uint8_t bytes[SIZE + 64];
    size_t size = gzip_of(bytes, contents, SIZE, 0);
    bytes[20] ^= 1;
    assert_error(gunzip(bytes, size), "damaged", "inflate to 49 bytes with CRC", "trailer says");
    gzip_of(bytes, contents, SIZE, 0);
    bytes[size - 4]++;
    assert_error(gunzip(bytes, size), "damaged", "49 bytes with CRC", "trailer says 50");
    bytes[size - 4] -= 2;
    assert_error(gunzip(bytes, size), "damaged", "do not inflate to the 48 bytes");
}

Test(gzip, a_hostile_size_takes_no_memory)
{
    uint8_t bytes[SIZE + 64];
    size_t size = gzip_of(bytes, contents, SIZE, 0);
    put_little(bytes + size - 4, 0xFFFFFFFF, 4);
    assert_error(gunzip(bytes, size), "cannot hold the 4294967295");
    put_little(bytes + size - 4, 1 << 30, 4);
    assert_error(gunzip(bytes, size), "cannot hold the 1073741824");
}

/* Of a file that is large enough to hold what its trailer says. */
Test(gzip, a_size_above_INT_MAX_is_refused)
{
    const size_t size = 1 << 22;
    uint8_t *bytes = calloc(size, 1);
    gzip_of(bytes, contents, SIZE, 0);
    put_little(bytes + size - 4, 0x80000000, 4);
    assert_error(gunzip(bytes, size), "cannot hold the 2147483648");
    free(bytes);
}

Test(gzip, a_second_member_is_refused)
{
    uint8_t bytes[2 * (SIZE + 64)];
    size_t one = gzip_of(bytes, contents, SIZE, 0);
    memcpy(bytes + one, bytes, one); /* the same again: sizes and checksums agree */
    assert_error(gunzip(bytes, 2 * one), "goes on for 72 bytes", "single gzip member");
    size_t longer = gzip_of(bytes + one, squares, 60, 0);
    assert_error(gunzip(bytes, one + longer), "goes on for", "single gzip member");
    size_t shorter = gzip_of(bytes + one, contents, 5, 0);
    assert_error(gunzip(bytes, one + shorter), "goes on after its gzip data");
    memset(bytes + one, 0, 16);
    assert_error(gunzip(bytes, one + 16), "goes on after its gzip data");
}
