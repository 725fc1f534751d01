/* NumPy's files: those that NumPy wrote, tests/golden/exchange.py, and our own. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

#define GOLDEN TARN_SOURCE_DIR "/tests/golden/nn/exchange/"
static char folder[] = "/tmp/tarn-test-npy-XXXXXX";

static void enter(void)
{
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave(void)
{
    remove("file.npy");
    remove("file.npz");
    cr_assert_eq(rmdir(folder), 0, "files are left");
}

TestSuite(npy, .init = enter, .fini = leave);

static void assert_says(const char *words)
{
    cr_assert(strstr(tarn_error(), words), "\"%s\" does not hold \"%s\"", tarn_error(), words);
}

static void assert_values(const char *name, const tarn_tensor *t)
{
    cr_assert(tarn_shape_equal(tarn_shape_get(t), tarn_shape(2, 3)), "%s", name);
    for (int i = 0; i < 6; i++)
        cr_assert_eq(tarn_values(t)[i], (tarn_real)(name[0] == 'b' ? (i + 1) % 2 : i + 1), "%s",
                     name);
}

/* All types, in both orders of bytes and of elements. */
static void assert_arrays(const char *path, int more)
{
    static const char *const types[] = {"f8", "f4", "f2", "i8", "i4", "i2",
                                        "i1", "u8", "u4", "u2", "u1", "b1"};
    tarn_npz *npz = tarn_npz_load(path);
    cr_assert(npz, "%s", tarn_error());
    cr_assert_eq(tarn_npz_list(npz).count, 26 + more);
    for (int i = 0; i < 24; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s_%s", types[i / 2], i % 2 ? "fortran" : "c");
        cr_assert_str_eq(tarn_npz_list(npz).names[i + more], name);
        assert_values(name, tarn_npz_get(npz, name));
    }
    cr_assert_eq(tarn_item(tarn_npz_get(npz, "scalar")), (tarn_real)2.5);
    cr_assert_eq(tarn_ndim(tarn_npz_get(npz, "scalar")), 0);
    cr_assert(tarn_shape_equal(tarn_shape_get(tarn_npz_get(npz, "empty")), tarn_shape(0, 3)));
    cr_assert_null(tarn_npz_get(npz, "none"));
    tarn_npz_free(npz);
}

Test(npy, arrays_that_numpy_wrote)
{
    assert_arrays(GOLDEN "stored.npz", 0);
    assert_arrays(GOLDEN "deflated.npz", 1);
    tarn_tensor *cube = tarn_npy_load(GOLDEN "cube.npy");
    cr_assert(cube, "%s", tarn_error());
    cr_assert(tarn_shape_equal(tarn_shape_get(cube), tarn_shape(2, 3, 4)));
    for (int i = 0; i < 24; i++)
        cr_assert_eq(tarn_values(cube)[i], (tarn_real)i);
    tarn_free(cube);
}

Test(npy, round_trips)
{
    const tarn_shape shapes[] = {tarn_shape(), tarn_shape(3), tarn_shape(2, 3), tarn_shape(0, 5),
                                 tarn_shape(1, 2, 1, 2, 1, 2, 1, 2)};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        tarn_tensor *t = tarn_randn(shapes[i]);
        cr_assert(tarn_npy_save(t, "file.npy"), "%s", tarn_error());
        tarn_tensor *copy = tarn_npy_load("file.npy");
        cr_assert(copy, "%s", tarn_error());
        cr_assert(tarn_shape_equal(tarn_shape_get(copy), shapes[i]));
        cr_assert_arr_eq(tarn_values(copy), tarn_values(t),
                         (size_t)tarn_size(t) * sizeof(tarn_real));
        tarn_free(copy);
        tarn_free(t);
    }
}

Test(npy, lists_round_trip)
{
    tarn_module *model = tarn_nn_linear(3, 2);
    tarn_tensor *t = tarn_randn(tarn_shape(2));
    cr_assert(tarn_npz_save(tarn_nn_parameters(model), "file.npz"), "%s", tarn_error());
    tarn_npz *npz = tarn_npz_load("file.npz");
    cr_assert(npz, "%s", tarn_error());
    cr_assert_arr_eq(tarn_values(tarn_npz_get(npz, "weight")),
                     tarn_values(parameter(model, "weight")), 6 * sizeof(tarn_real));
    tarn_npz_free(npz);
    cr_assert(tarn_npz_save(tarn_params_of(t, parameter(model, "bias")), "file.npz"));
    npz = tarn_npz_load("file.npz");
    cr_assert_eq(tarn_npz_list(npz).count, 2);
    cr_assert_arr_eq(tarn_values(tarn_npz_get(npz, "arr_0")), tarn_values(t),
                     2 * sizeof(tarn_real));
    cr_assert_not_null(tarn_npz_get(npz, "arr_1"));
    tarn_npz_free(npz);
    cr_assert(tarn_npz_save((tarn_params){.count = 0}, "file.npz"));
    npz = tarn_npz_load("file.npz");
    cr_assert_eq(tarn_npz_list(npz).count, 0);
    tarn_npz_free(npz);
    tarn_free(t);
    tarn_nn_free(model);
}

/* A network as .npz: it describes itself, in the comment, and says its layout. */
Test(npy, networks)
{
    for (tarn_layout layout = TARN_LAYOUT_TARN; layout <= TARN_LAYOUT_TORCH; layout++) {
        tarn_module *model = tarn_nn_sequential(tarn_nn_conv2d(1, 2, 3), tarn_nn_batch_norm2d(2));
        cr_assert(tarn_nn_save(model, "file.npz", .layout = layout), "%s", tarn_error());
        tarn_npz *npz = tarn_npz_load("file.npz");
        cr_assert(tarn_shape_equal(tarn_shape_get(tarn_npz_get(npz, "0.weight")),
                                   layout == TARN_LAYOUT_TORCH ? tarn_shape(2, 1, 3, 3)
                                                               : tarn_shape(3, 3, 1, 2)));
        tarn_npz_free(npz);
        tarn_module *copy = tarn_nn_from_file("file.npz");
        cr_assert(copy, "%s", tarn_error());
        cr_assert_arr_eq(tarn_values(parameter(copy, "0.weight")),
                         tarn_values(parameter(model, "0.weight")), 18 * sizeof(tarn_real));
        cr_assert_not(tarn_nn_load(copy, "file.npz", .layout = (tarn_layout)(1 - layout)));
        tarn_nn_free(copy);
        tarn_nn_free(model);
    }
}

static void write_bytes(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

static size_t read_bytes(const char *path, unsigned char *bytes, size_t most)
{
    FILE *file = fopen(path, "rb");
    cr_assert(file);
    const size_t size = fread(bytes, 1, most, file);
    fclose(file);
    return size;
}

/* A file with that header, and so many bytes of elements: 0, 1, 2, ... */
static void write_npy(const char *header, const void *elements, size_t size)
{
    unsigned char bytes[400] = "\x93NUMPY\1";
    const size_t length = strlen(header);
    bytes[8] = (unsigned char)length;
    memcpy(bytes + 10, header, length);
    memcpy(bytes + 10 + length, elements, size);
    write_bytes("file.npy", bytes, 10 + length + size);
}

static void refused(const char *header, size_t size, const char *words)
{
    static const char elements[100];
    write_npy(header, elements, size);
    cr_assert_null(tarn_npy_load("file.npy"), "accepted, expected \"%s\"", words);
    assert_says(words);
    cr_assert_eq(strncmp(tarn_error(), "file.npy: ", 10), 0, "%s", tarn_error());
}

#define HEADER(descr, shape) "{'descr': '" descr "', 'fortran_order': False, 'shape': " shape ", }"

Test(npy, headers_of_all_kinds)
{
    const float two[] = {1, 2};
    const char *const good[] = {HEADER("<f4", "(2,)"), HEADER("=f4", "(1, 2)") "   \n",
                                "{'shape':(2),'descr':'<f4','fortran_order':True}",
                                HEADER("|f4", "(2,1,)")};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        write_npy(good[i], two, sizeof two);
        tarn_tensor *t = tarn_npy_load("file.npy");
        cr_assert(t, "%s: %s", good[i], tarn_error());
        cr_assert_eq(tarn_values(t)[1], 2);
        tarn_free(t);
    }
    refused(HEADER("<c16", "(2,)"), 32, "its elements are of type <c16, expects floats");
    refused(HEADER("|O", "(2,)"), 16, "its elements are of type |O, expects floats");
    refused(HEADER("<U5", "(2,)"), 40, "its elements are of type <U5, expects floats");
    refused(HEADER("<f16", "(2,)"), 32,
            "its elements are of type <f16, expects floats of 16 to 64 bits, integers or truth");
    refused(HEADER("float64 or what follows it", "(2,)"), 16, "of type float64 or what foll,");
    refused(HEADER("<f4", "(2,)"), 7, "has 7 bytes of elements, expects 8 for the shape (2)");
    refused(HEADER("<f4", "(2,)"), 9, "has 9 bytes of elements, expects 8");
    refused(HEADER("<f4", "(-2,)"), 8, "a dimension is no number");
    refused(HEADER("<f4", "(2 2)"), 8, "its shape is no list of numbers");
    refused(HEADER("<f4", "(9223372036854775807,)"), 8, "a dimension is too large");
    refused(HEADER("<f4", "(4294967296, 4294967296)"), 8, "it has too many elements");
    refused(HEADER("<f4", "(1,1,1,1,1,1,1,1,1)"), 4, "more than 8 dimensions");
    refused("{'descr': '<f4', 'shape': (2,)}", 8, "its header is not that of NumPy");
    refused("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", 8,
            "its header is not that of NumPy");
    refused("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}", 8,
            "something else than \"False\"");
    refused("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}", 8,
            "neither numbers");
    refused("", 0, "something else than \"{\"");
    write_bytes("file.npy", "\x93NUMPY\4\0\0\0", 10);
    cr_assert_null(tarn_npy_load("file.npy"));
    assert_says("it does not begin as one, or is cut off");
}

Test(npy, what_cannot_be_held_is_refused)
{
    const int64_t large = (INT64_C(1) << (sizeof(tarn_real) == 8 ? 53 : 24)) + 1;
    write_npy(HEADER("<i8", "(1,)"), &large, sizeof large);
    cr_assert_null(tarn_npy_load("file.npy"));
    assert_says(sizeof(tarn_real) == 8 ? "holds 9007199254740993, which double cannot hold"
                                       : "holds 16777217, which float cannot hold");
    const int64_t fits[] = {large - 1, INT64_MIN};
    write_npy(HEADER("<i8", "(2,)"), fits, sizeof fits);
    tarn_tensor *t = tarn_npy_load("file.npy");
    cr_assert(t, "%s", tarn_error());
    cr_assert_eq(tarn_values(t)[1], (tarn_real)INT64_MIN);
    tarn_free(t);
    write_npy(HEADER("<i8", "(1,)"), &(int64_t){INT64_MAX}, 8);
    cr_assert_null(tarn_npy_load("file.npy"));
    write_npy(HEADER("<u8", "(1,)"), &(uint64_t){UINT64_MAX}, 8);
    cr_assert_null(tarn_npy_load("file.npy"));
    assert_says("holds 18446744073709551615");
    write_npy(HEADER("|b1", "(1,)"), "\2", 1);
    cr_assert_null(tarn_npy_load("file.npy"));
    write_npy(HEADER("<f8", "(1,)"), &(double){1e300}, 8);
    t = tarn_npy_load("file.npy");
    cr_assert_eq(!t, sizeof(tarn_real) == sizeof(float));
    tarn_free(t);
    write_npy(HEADER("<f8", "(1,)"), &(double){NAN}, 8);
    t = tarn_npy_load("file.npy");
    cr_assert(isnan(tarn_item(t)));
    tarn_free(t);
}

Test(npy, nothing_to_save)
{
    assert_mistake(tarn_npy_save(NULL, "file.npy"), "npy_save: the tensor is NULL");
}

Test(npy, no_list_to_save)
{
    assert_mistake(tarn_npz_save((tarn_params){.count = -1}, "file.npz"), "the list is NULL");
}

Test(npy, mistakes)
{
    tarn_tensor *t = tarn_zeros(tarn_shape(1));
    const char *names[] = {"a", "a"};
    tarn_tensor *tensors[] = {t, t};
    assert_mistake(tarn_npy_load(NULL), "npy_load: the path is NULL");
    assert_mistake(tarn_npz_load(NULL), "npz_load: the path is NULL");
    assert_mistake(tarn_npy_save(t, NULL), "npy_save: the path is NULL");
    assert_mistake(tarn_npz_save((tarn_params){2, tensors, names}, "file.npz"),
                   "npz_save: two tensors have the name \"a\"");
    static const char *const wrong[] = {"", "__metadata__", "\xFF"};
    for (int i = 0; i < 3; i++)
        assert_mistake(
            tarn_npz_save((tarn_params){1, tensors, (const char *[]){wrong[i]}}, "file.npz"),
            "expects UTF-8, not empty and not __metadata__");
    assert_mistake(tarn_npz_save(tarn_params_of(t, NULL), "file.npz"),
                   "tensor 1 of the list is NULL");
    cr_assert_not(tarn_npy_save(t, "/nowhere/file.npy"));
    assert_says("/nowhere/file.npy: cannot be written");
    cr_assert_eq(tarn_npz_list(NULL).count, -1);
    tarn_npz_free(NULL);
    tarn_free(t);
}

/* ---- Damage and memory */

/* Whatever is read is a whole file: its checksums are right. */
static void try_npz(const unsigned char *bytes, size_t size, bool may_be_read)
{
    write_bytes("file.npz", bytes, size);
    tarn_npz *npz = tarn_npz_load("file.npz");
    if (!npz)
        cr_assert_eq(strncmp(tarn_error(), "file.npz: ", 10), 0, "%s", tarn_error());
    cr_assert(may_be_read || !npz);
    tarn_npz_free(npz);
}

static void damage(const char *path)
{
    static unsigned char bytes[8000];
    const size_t size = read_bytes(path, bytes, sizeof bytes);
    const unsigned char damages[] = {0, 1, 0x80, 0xFF};
    for (size_t length = 0; length < size; length += length < size - 2500 ? 41 : 7)
        try_npz(bytes, length, false);
    for (size_t i = 0; i < size; i += i < size - 2500 ? 13 : 2) {
        const unsigned char was = bytes[i];
        bytes[i] ^= damages[i % 4] ? damages[i % 4] : 0x20;
        try_npz(bytes, size, true);
        bytes[i] = was;
    }
}

Test(npy, damaged_stored)
{
    damage(GOLDEN "stored.npz");
}

Test(npy, damaged_deflated)
{
    damage(GOLDEN "deflated.npz");
}

Test(npy, damaged_npy)
{
    unsigned char bytes[400];
    const size_t size = read_bytes(GOLDEN "cube.npy", bytes, sizeof bytes);
    for (size_t length = 0; length < size; length++) {
        write_bytes("file.npy", bytes, length);
        cr_assert_null(tarn_npy_load("file.npy"));
    }
    for (size_t i = 0; i < 128; i++)
        for (int value = 0; value < 256; value += 15) {
            const unsigned char was = bytes[i];
            bytes[i] = (unsigned char)value;
            write_bytes("file.npy", bytes, size);
            tarn_free(tarn_npy_load("file.npy"));
            bytes[i] = was;
        }
}

/* ---- A file of a few kilobytes that unpacks to many megabytes */

/* Bits of deflate, the lowest of a byte first. */
typedef struct bits {
    unsigned char *bytes;
    size_t count;
} bits;

static void put_bits(bits *to, unsigned value, int count)
{
    for (int i = 0; i < count; i++, to->count++)
        to->bytes[to->count / 8] |= (unsigned char)((value >> i & 1) << to->count % 8);
}

/* A code of Huffman's, whose highest bit comes first. */
static void put_code(bits *to, unsigned code, int count)
{
    for (int i = count - 1; i >= 0; i--)
        put_bits(to, code >> i & 1, 1);
}

/* The text, a zero, and so many times 258 more of them, by the fixed codes. */
static size_t deflate_zeros(const char *text, size_t length, int64_t times, unsigned char *bytes)
{
    bits to = {bytes, 0};
    put_bits(&to, 3, 3); /* the last block, of fixed codes */
    for (size_t i = 0; i <= length; i++) {
        const unsigned letter = i < length ? (unsigned char)text[i] : 0;
        put_code(&to, letter < 144 ? 48 + letter : 400 + letter - 144, letter < 144 ? 8 : 9);
    }
    for (int64_t i = 0; i < times; i++) {
        put_code(&to, 0xC5, 8); /* 258 bytes, */
        put_code(&to, 0, 5);    /* as the one before */
    }
    put_code(&to, 0, 7);
    return (to.count + 7) / 8;
}

static void put_little(unsigned char *to, size_t value, int count)
{
    for (int i = 0; i < count; i++)
        to[i] = (unsigned char)(value >> 8 * i);
}

/* bomb.npz: an array of so many bytes of zeros, of that shape. */
static size_t write_bomb(const char *shape, int64_t times)
{
    static unsigned char bytes[1 << 20];
    static const char name[] = "0.weight.npy";
    const size_t local = 30 + sizeof name - 1, list = 46 + sizeof name - 1;
    char text[128];
    memset(bytes, 0, sizeof bytes);
    memcpy(text, "\x93NUMPY\1\0\x76\0", 10);
    memset(text + 10, ' ', 118);
    const int length = snprintf(
        text + 10, 118, "{'descr': '|b1', 'fortran_order': False, 'shape': (%s,), }", shape);
    text[10 + length] = ' ';
    const size_t packed = deflate_zeros(text, 128, times, bytes + local);
    const size_t unpacked = 129 + 258 * (size_t)times;
    memcpy(bytes, "PK\3\4\24\0\0\0\10\0", 10);
    put_little(bytes + 26, sizeof name - 1, 2);
    memcpy(bytes + 30, name, sizeof name - 1);
    unsigned char *entry = bytes + local + packed, *end = entry + list;
    memcpy(entry, "PK\1\2\24\0\24\0\0\0\10\0", 12);
    put_little(entry + 20, packed, 4);
    put_little(entry + 24, unpacked, 4);
    put_little(entry + 28, sizeof name - 1, 2);
    memcpy(entry + 46, name, sizeof name - 1);
    memcpy(end, "PK\5\6", 4);
    put_little(end + 8, 1, 2);
    put_little(end + 10, 1, 2);
    put_little(end + 12, list, 4);
    put_little(end + 16, local + packed, 4);
    write_bytes("bomb.npz", bytes, local + packed + list + 22);
    return local + packed + list + 22;
}

/* What does not fit is not unpacked: neither into a network nor to be shown. */
Test(npy, arrays_are_not_unpacked_before_they_are_known_to_fit)
{
    char expected[80];
    enum { TIMES = 200000 };
    tarn_module *model = tarn_nn_sequential(tarn_nn_linear(2, 2, .bias = false));
    snprintf(expected, sizeof expected, "%d", 1 + 258 * TIMES);
    const size_t size = write_bomb(expected, TIMES);
#ifdef TARN_TESTS_HEAP_IS_WATCHED
    const long before = heap_live;
    heap_peak = heap_live;
#endif
    cr_assert_not(tarn_nn_load(model, "bomb.npz", .layout = TARN_LAYOUT_TARN));
    assert_says("bomb.npz: tensor 0.weight has dtype BOOL, expects F");
    char *shown = NULL;
    size_t letters;
    FILE *stream = open_memstream(&shown, &letters);
    cr_assert(tarn_nn_inspect("bomb.npz", stream));
    fclose(stream);
    cr_assert(strstr(shown, "0.weight  BOOL  [51600001]  51,600,001"), "%s", shown);
    free(shown);
#ifdef TARN_TESTS_HEAP_IS_WATCHED
    cr_assert_lt(heap_peak - before, (long)size + 300000);
#endif
    cr_assert_null(tarn_npz_load("bomb.npz")); /* its checksum is wrong */
    assert_says("does not give what its checksum is of");
    write_bomb("7", TIMES);
    cr_assert_null(tarn_npz_load("bomb.npz"));
    assert_says("bomb.npz: 0.weight has 51600001 bytes of elements, expects 7 for the shape (7)");
    remove("bomb.npz");
    tarn_nn_free(model);
    (void)size;
}

/* What a file says of a network has room in it, or the file is not written. */
Test(npy, a_description_that_is_too_long)
{
    enum { CLASSES = 700 };
    static char name[100];
    const char *names[CLASSES];
    memset(name, 'x', sizeof name - 1);
    for (int i = 0; i < CLASSES; i++)
        names[i] = name;
    tarn_module *model = tarn_nn_linear(2, 2);
    cr_assert(tarn_nn_describe(model, .class_count = CLASSES, .class_names = names));
    cr_assert_not(tarn_nn_save(model, "file.npz"));
    assert_says("file.npz: cannot be written: what it says of the network takes 7");
    cr_assert_neq(access("file.npz", F_OK), 0);
    cr_assert(tarn_nn_describe(model, .class_count = CLASSES - 100, .class_names = names));
    cr_assert(tarn_nn_save(model, "file.npz"), "%s", tarn_error());
    tarn_nn_free(model);
}

/* Two members of the same data, as in a file that would unpack to more than all memory. */
Test(npy, members_that_share_their_data)
{
    static unsigned char bytes[8000];
    size_t size = read_bytes(GOLDEN "stored.npz", bytes, sizeof bytes);
    unsigned char *list = bytes + size - 22;
    const unsigned at = list[16] | (unsigned)list[17] << 8;
    const unsigned name = bytes[at + 28] + 46u + bytes[at + 30];
    memcpy(bytes + at + name + 42, bytes + at + 42, 4);
    try_npz(bytes, size, false);
    assert_says("a member is not where its list says");
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED

Test(npy, memory_that_runs_out)
{
    tarn_tensor *t = tarn_randn(tarn_shape(4));
    const char *const paths[] = {GOLDEN "cube.npy", GOLDEN "deflated.npz", "file.npy", "file.npz"};
    for (int way = 0; way < 4; way++) {
        bool failed = true;
        for (long calls = 0; failed; calls++) {
            heap_calls_left = calls;
            tarn_tensor *loaded = way == 0 ? tarn_npy_load(paths[0]) : NULL;
            tarn_npz *npz = way == 1 ? tarn_npz_load(paths[1]) : NULL;
            const bool done = way == 2   ? tarn_npy_save(t, paths[2])
                              : way == 3 ? tarn_npz_save(tarn_params_of(t), paths[3])
                                         : loaded || npz;
            failed = heap_calls_left < 0;
            heap_calls_left = -1;
            cr_assert(done || strstr(tarn_error(), "emory"), "%d: %s", way, tarn_error());
            tarn_free(loaded);
            tarn_npz_free(npz);
        }
    }
    tarn_free(t);
}

#endif
