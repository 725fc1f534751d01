/* ONNX files, read again by a small reader of protocol buffers: what tests/exchange/ does with the
   runtime, without it. */
#include <math.h>
#include <unistd.h>

#include "nn/exchange/protobuf.h"
#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

/* ---- The writer, byte by byte */

static void assert_bytes(tarn__message *m, size_t size, const uint8_t *bytes)
{
    cr_assert(!m->failed);
    cr_assert_eq(m->size, size, "%zu bytes", m->size);
    cr_assert_arr_eq(m->bytes, bytes, size);
    tarn__message_free(m);
}

/* The first two are the examples of the format's own description. */
Test(protobuf, is_as_its_description_says)
{
    tarn__message m = {.size = 0}, inner = m;
    tarn__put_int(&m, 1, 150);
    assert_bytes(&m, 3, (uint8_t[]){0x08, 0x96, 0x01});
    tarn__put_text(&m, 2, "testing");
    assert_bytes(&m, 9, (uint8_t[]){0x12, 0x07, 't', 'e', 's', 't', 'i', 'n', 'g'});
    tarn__put_int(&inner, 1, 150);
    tarn__put_message(&m, 3, &inner);
    assert_bytes(&m, 5, (uint8_t[]){0x1a, 0x03, 0x08, 0x96, 0x01});
    tarn__put_int(&m, 20, -1);
    assert_bytes(
        &m, 12,
        (uint8_t[]){0xa0, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01});
    tarn__put_float(&m, 2, 1.5f);
    assert_bytes(&m, 5, (uint8_t[]){0x15, 0x00, 0x00, 0xc0, 0x3f});
    tarn__put_message(&m, 1, &inner);
    assert_bytes(&m, 2, (uint8_t[]){0x0a, 0x00});
}

/* ---- Reading it again */

typedef struct field {
    int number;
    uint64_t value;       /* of whole numbers; the length of bytes */
    const uint8_t *bytes; /* NULL for others */
} field;

static uint64_t varint(const uint8_t **at)
{
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        const uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
}

/* The next field before the end; false if there is none. */
static bool next(const uint8_t **at, const uint8_t *end, field *f)
{
    if (*at >= end)
        return false;
    const uint64_t key = varint(at);
    *f = (field){.number = (int)(key >> 3)};
    if ((key & 7) == 5) {
        *at += 4;
        return true;
    }
    f->value = varint(at);
    if ((key & 7) == 2) {
        f->bytes = *at;
        *at += f->value;
    }
    cr_assert((key & 7) == 0 || (key & 7) == 2);
    cr_assert(*at <= end, "field %d goes on behind its message", f->number);
    return true;
}

/* Field `number` of a message that stands in a field, the i-th of them. */
static field part(field message, int number, int i)
{
    field f;
    const uint8_t *at = message.bytes;
    while (next(&at, message.bytes + message.value, &f))
        if (f.number == number && i-- == 0)
            return f;
    return (field){.number = -1};
}

static bool reads(field f, const char *text)
{
    return f.bytes && f.value == strlen(text) && memcmp(f.bytes, text, strlen(text)) == 0;
}

static field file_of(tarn_module *model, tarn_shape input, char *buffer, size_t size)
{
    cr_assert(tarn_nn_export_onnx(model, input, "model.onnx"), "%s", tarn_error());
    FILE *stream = fopen("model.onnx", "rb");
    const size_t length = fread(buffer, 1, size, stream);
    cr_assert(length < size);
    fclose(stream);
    return (field){.value = length, .bytes = (const uint8_t *)buffer};
}

/* The graph's constant of that name: its floats. */
static const float *constant(field graph, const char *name, int count)
{
    static float numbers[64];
    for (int i = 0; part(graph, 5, i).number == 5; i++) {
        const field tensor = part(graph, 5, i), raw = part(tensor, 9, 0);
        if (!reads(part(tensor, 8, 0), name))
            continue;
        cr_assert_eq(raw.value, 4 * (uint64_t)count, "%s", name);
        memcpy(numbers, raw.bytes, raw.value);
        return numbers;
    }
    cr_assert_fail("no constant %s", name);
    return NULL;
}

static void enter_folder(void)
{
    static char folder[] = "/tmp/tarn-test-XXXXXX";
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave_folder(void)
{
    char folder[64];
    unlink("model.onnx");
    cr_assert(getcwd(folder, sizeof folder));
    rmdir(folder);
}

TestSuite(export_onnx, .init = enter_folder, .fini = leave_folder);

/* An image of 2 x 1 pixels of 2 channels, so that its numbers a0 a1 b0 b1 are a0 b0 a1 b1 there. */
Test(export_onnx, puts_weights_in_the_order_of_channels_first)
{
    char buffer[2000];
    tarn_module *model = tarn_nn_sequential(tarn_nn_conv2d(2, 2, 1), tarn_nn_relu(),
                                            tarn_nn_flatten(), tarn_nn_linear(4, 3));
    tarn_tensor *weight = parameter(model, "0.weight"), *rows = parameter(model, "3.weight");
    for (int i = 0; i < 4; i++)
        tarn_values(weight)[i] = (tarn_real)i;
    for (int i = 0; i < 12; i++)
        tarn_values(rows)[i] = (tarn_real)(i / 3); /* row i is all i */
    const field graph = part(file_of(model, tarn_shape(2, 1, 2), buffer, sizeof buffer), 7, 0);
    const float *numbers = constant(graph, "0.weight", 4); /* [in][out] becomes [out][in] */
    const float swapped[] = {0, 2, 1, 3};
    cr_assert_arr_eq(numbers, swapped, sizeof swapped);
    numbers = constant(graph, "3.weight", 12);
    for (int i = 0; i < 12; i++)
        cr_assert_eq(numbers[i], swapped[i / 3]);
    tarn_nn_free(model);
}

/* Five rows in three windows: the first two, three in the middle, the last two. */
Test(export_onnx, takes_means_of_windows_of_several_sizes_by_matrices)
{
    char buffer[2000];
    const float half = 1.0f / 2, third = 1.0f / 3;
    const float shares[] = {half, half, 0, 0, 0, 0, third, third, third, 0, 0, 0, 0, half, half};
    tarn_module *model = tarn_nn_adaptive_avg_pool2d(3, 1);
    const field graph = part(file_of(model, tarn_shape(5, 1, 2), buffer, sizeof buffer), 7, 0);
    cr_assert_arr_eq(constant(graph, "network.rows1", 15), shares, sizeof shares);
    cr_assert(reads(part(part(graph, 1, 0), 4, 0), "MatMul"));
    cr_assert_eq(part(graph, 1, 1).number, -1); /* of one column there are no means */
    tarn_nn_free(model);
}

/* Runtimes refuse padding as wide as the window, though with gaps it may reach there. */
Test(export_onnx, pads_an_image_where_windows_with_gaps_reach_far_beyond_it)
{
    char buffer[2000];
    for (int size = 5; size <= 6; size++) { /* the last window ends two, or one, behind the image */
        tarn_module *model =
            tarn_nn_max_pool2d(2, .stride = 2, .dilation = 3, .padding = 1, .ceil_mode = true);
        const field graph =
            part(file_of(model, tarn_shape(size, size, 1), buffer, sizeof buffer), 7, 0);
        cr_assert(reads(part(part(graph, 1, 0), 4, 0), size == 5 ? "Pad" : "MaxPool"));
        cr_assert_eq(part(part(graph, 1, 1), 4, 0).number, size == 5 ? 4 : -1);
        tarn_nn_free(model);
    }
}

Test(export_onnx, has_the_nodes_and_names_that_runtimes_ask_for)
{
    char buffer[2000];
    tarn_module *model =
        tarn_nn_sequential(tarn_nn_conv2d(1, 1, 1, .bias = false), tarn_nn_batch_norm2d(1),
                           tarn_nn_dropout(0.5), tarn_nn_residual(tarn_nn_relu()));
    const field file = file_of(model, tarn_shape(2, 3, 1), buffer, sizeof buffer);
    const field graph = part(file, 7, 0), import = part(file, 8, 0);
    cr_assert_eq(part(file, 1, 0).value, 8);
    cr_assert_eq(part(import, 2, 0).value, 17);
    static const char *const types[] = {"Conv", "BatchNormalization", "Relu", "Add"};
    for (int i = 0; i < 4; i++)
        cr_assert(reads(part(part(graph, 1, i), 4, 0), types[i]), "node %d", i);
    cr_assert_eq(part(graph, 1, 4).number, -1);
    const field input = part(graph, 11, 0), output = part(graph, 12, 0);
    cr_assert(reads(part(input, 1, 0), "input"));
    cr_assert(reads(part(output, 1, 0), "output"));
    const field shape = part(part(part(input, 2, 0), 1, 0), 2, 0);
    cr_assert(reads(part(part(shape, 1, 0), 2, 0), "N"));
    static const uint64_t dims[] = {1, 2, 3};
    for (int i = 0; i < 3; i++)
        cr_assert_eq(part(part(shape, 1, i + 1), 1, 0).value, dims[i]);
    tarn_nn_free(model);
}

/* ---- Modules of one's own */

static tarn_tensor *squares(tarn_module *self, tarn_tensor *x)
{
    (void)self;
    return tarn_square(x);
}

static const tarn_module_type square = {.name = "Square", .forward = squares};

static bool say_square(tarn_onnx *onnx, const tarn_onnx_place *at)
{
    if (at->module->type != &square)
        return false;
    if (onnx) {
        tarn_onnx_int(onnx, "rounds", *(const int *)at->context);
        tarn_onnx_node(onnx, "com.example::Square", at->output, 1, (const char *[]){at->input});
    }
    return true;
}

Test(export_onnx, asks_how_modules_of_ones_own_are_said)
{
    char buffer[2000];
    int rounds = 7;
    tarn_module *model = tarn_nn_sequential(tarn_nn_relu(), tarn_nn_new(&square, sizeof *model));
    cr_assert(!tarn_nn_export_onnx(model, tarn_shape(3), "none.onnx"));
    cr_assert(strstr(tarn_error(), "cannot be expressed: \"1\" (Square)"), "%s", tarn_error());
    cr_assert_neq(access("none.onnx", F_OK), 0);
    cr_assert(tarn_nn_export_onnx(model, tarn_shape(3), "model.onnx", .own = say_square,
                                  .context = &rounds));
    FILE *stream = fopen("model.onnx", "rb");
    const size_t size = fread(buffer, 1, sizeof buffer, stream);
    fclose(stream);
    const field file = {.value = size, .bytes = (const uint8_t *)buffer};
    const field node = part(part(file, 7, 0), 1, 1);
    cr_assert(reads(part(node, 4, 0), "Square"));
    cr_assert(reads(part(node, 7, 0), "com.example"));
    cr_assert(reads(part(part(node, 5, 0), 1, 0), "rounds"));
    cr_assert_eq(part(part(node, 5, 0), 3, 0).value, 7);
    cr_assert(reads(part(part(file, 8, 1), 1, 0), "com.example"));
    tarn_nn_free(model);
}

static bool promise_only(tarn_onnx *onnx, const tarn_onnx_place *at)
{
    (void)at;
    return !onnx;
}

/* Nodes of so many domains with such names. */
typedef struct domains {
    int count, length;
} domains;

static bool say_domains(tarn_onnx *onnx, const tarn_onnx_place *at)
{
    const domains *all = at->context;
    char type[200];
    for (int i = 0; onnx && i < all->count; i++) {
        snprintf(type, sizeof type, "%c%0*d::Square", 'a' + i, all->length - 1, 0);
        tarn_onnx_node(onnx, type, at->output, 1, (const char *[]){at->input});
    }
    return true;
}

Test(export_onnx, says_what_is_wrong_with_what_was_said_of_modules_of_ones_own)
{
    tarn_module *model = tarn_nn_sequential(tarn_nn_relu(), tarn_nn_new(&square, sizeof *model));
    const tarn_shape shape = tarn_shape(3);
    cr_assert(!tarn_nn_export_onnx(model, shape, "none.onnx", .own = promise_only));
    cr_assert(strstr(tarn_error(), "none.onnx: .own gives false for \"1\" (Square)"), "%s",
              tarn_error());
    domains one = {1, 99}, many = {5, 60};
    cr_assert(tarn_nn_export_onnx(model, shape, "model.onnx", .own = say_domains, .context = &one));
    one.length = 100;
    cr_assert(!tarn_nn_export_onnx(model, shape, "none.onnx", .own = say_domains, .context = &one));
    cr_assert(strstr(tarn_error(), "is longer than 99 bytes"), "%s", tarn_error());
    cr_assert(
        !tarn_nn_export_onnx(model, shape, "none.onnx", .own = say_domains, .context = &many));
    cr_assert(strstr(tarn_error(), "are together longer than 299 bytes"), "%s", tarn_error());
    cr_assert_neq(access("none.onnx", F_OK), 0);
    tarn_nn_free(model);
}

/* One of the calls that say a module, with a NULL or a count of what there is not. */
static bool say_nothing(tarn_onnx *onnx, const tarn_onnx_place *at)
{
    const char *const none[] = {at->input, NULL};
    switch (*(int *)at->context) {
    case 0:
        tarn_onnx_node(onnx, NULL, at->output, 1, none);
        break;
    case 1:
        tarn_onnx_node(onnx, "Relu", NULL, 1, none);
        break;
    case 2:
        tarn_onnx_node(onnx, "Relu", at->output, 1, NULL);
        break;
    case 3:
        tarn_onnx_node(onnx, "Relu", at->output, 2, none);
        break;
    case 4:
        tarn_onnx_node(onnx, "Relu", at->output, -1, none);
        break;
    case 5:
        tarn_onnx_float(onnx, NULL, 1);
        break;
    case 6:
        tarn_onnx_int(onnx, NULL, 1);
        break;
    case 7:
        tarn_onnx_ints(onnx, "a", 1, NULL);
        break;
    case 8:
        tarn_onnx_text(onnx, "a", NULL);
        break;
    case 9:
        tarn_onnx_tensor(onnx, "a", tarn_shape(2), NULL);
        break;
    case 10:
        tarn_onnx_tensor(onnx, "a", (tarn_shape){.ndim = -1}, (const float[]){0});
        break;
    case 11:
        tarn_onnx_tensor_of_ints(onnx, "a", -1, (const int64_t[]){0});
        break;
    }
    return true;
}

/* Also where it is only asked whether it can be said, with no graph. */
Test(export_onnx, refuses_what_is_not_there)
{
    tarn_module *model = tarn_nn_sequential(tarn_nn_relu(), tarn_nn_new(&square, sizeof *model));
    for (int i = 0; i < 12; i++) {
        cr_expect(!tarn_nn_export_onnx(model, tarn_shape(3), "none.onnx", .own = say_nothing,
                                       .context = &i));
        cr_expect(strstr(tarn_error(), "gets a NULL or a wrong count"), "%d: %s", i, tarn_error());
    }
    cr_assert_neq(access("none.onnx", F_OK), 0);
    tarn_nn_free(model);
}

Test(export_onnx, reports_mistakes_and_files_that_cannot_be_written)
{
    tarn_module *model = tarn_nn_linear(2, 2);
    const tarn_shape shape = tarn_shape(2);
    assert_mistake(tarn_nn_export_onnx(NULL, shape, "x"), "the model is NULL");
    assert_mistake(tarn_nn_export_onnx(model, shape, NULL), "the path is NULL");
    assert_mistake(tarn_nn_export_onnx(model, tarn_shape(3), "x"), "linear: input (3,3)");
    assert_mistake(tarn_nn_export_onnx(model, shape, "x", .input_name = "output"), "two different");
    assert_mistake(tarn_nn_export_onnx(model, shape, "x", .output_name = ""), "two different");
    cr_assert(!tarn_nn_export_onnx(model, shape, "no/such/folder.onnx"));
    cr_assert(strstr(tarn_error(), "no/such/folder.onnx"), "%s", tarn_error());
    tarn_nn_free(model);
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED
Test(export_onnx, survives_the_failure_of_each_allocation)
{
    tarn_module *model = tarn_nn_sequential(
        tarn_nn_conv2d(1, 4, 1), tarn_nn_batch_norm2d(4), tarn_nn_group_norm(2, 4), tarn_nn_gelu(),
        tarn_nn_adaptive_avg_pool2d(2, 2), tarn_nn_flatten(), tarn_nn_linear(16, 2));
    const tarn_shape input = tarn_shape(3, 3, 1);
    bool done = false;
    cr_assert(tarn_nn_export_onnx(model, input, "model.onnx"));
    for (long calls = 0; !done; calls++) {
        heap_calls_left = calls;
        done = tarn_nn_export_onnx(model, input, "model.onnx");
        heap_calls_left = -1;
        cr_assert(done || strstr(tarn_error(), "emory"), "%s", tarn_error());
    }
    tarn_nn_free(model);
}
#endif
