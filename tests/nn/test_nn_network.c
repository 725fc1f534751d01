/* Networks that are rebuilt from what their file says. */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "nn/network.h"
#include "nn/safetensors.h"
#include "nn/slots.h"
#include "nn/writer.h"
#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

static char path[] = "/tmp/tarn-test-network-XXXXXX";

static void begin(void)
{
    const int file = mkstemp(path);
    cr_assert(file >= 0);
    close(file);
}

static void end(void)
{
    unlink(path);
}

TestSuite(network, .init = begin, .fini = end);

/* Every layer type that has options, with all of them set to what is unusual. */
static tarn_module *unusual(void)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(4, 6, 3, .stride = 2, .padding = 2, .dilation = 2, .groups = 2,
                       .bias = false),
        tarn_nn_leaky_relu(.slope = 1.0 / 3), tarn_nn_batch_norm2d(6, .momentum = 0.3, .eps = 1e-7),
        tarn_nn_conv_transpose2d(6, 8, 2, .stride = 2, .padding = 1, .output_padding = 1,
                                 .dilation = 2, .groups = 2, .bias = false),
        tarn_nn_max_pool2d(3, .stride = 1, .padding = 1),
        tarn_nn_avg_pool2d(2, .stride = 1, .padding = 1), tarn_nn_elu(.alpha = 0.1),
        tarn_nn_upsample2d(2, .bilinear = true, .align_corners = true),
        tarn_nn_group_norm(2, 8, .eps = 1e-3), tarn_nn_layer_norm(8, .eps = 0.1 / 3),
        tarn_nn_recompute(
            tarn_nn_residual(tarn_nn_sequential(tarn_nn_conv2d(8, 4, 1), tarn_nn_dropout(1.0 / 7)),
                             .relu = true, .projection = tarn_nn_conv2d(8, 4, 1))),
        tarn_nn_residual(tarn_nn_sequential_of(0, NULL)), tarn_nn_dropout2d(0), tarn_nn_pad2d(2),
        tarn_nn_adaptive_avg_pool2d(2, 3), tarn_nn_flatten(), tarn_nn_linear(24, 5, .bias = false),
        tarn_nn_softmax());
}

static char *summary_of(tarn_module *model, tarn_shape input)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    cr_assert(tarn_nn_summary(model, input, stream), "%s", tarn_error());
    fclose(stream);
    return text;
}

static void assert_same_outputs(tarn_module *a, tarn_module *b, tarn_tensor *x)
{
    for (int training = 1; training >= 0; training--) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_nn_train(a, training);
        tarn_nn_train(b, training);
        tarn_seed(9);
        tarn_tensor *y = tarn_nn_forward(a, x);
        tarn_seed(9);
        tarn_tensor *z = tarn_nn_forward(b, x);
        cr_assert(y && z);
        cr_assert_arr_eq(tarn_values(y), tarn_values(z), (size_t)tarn_size(y) * sizeof(tarn_real));
        tarn_tape_end(tape);
    }
}

Test(network, comes_back_with_every_option)
{
    tarn_seed(2);
    tarn_module *model = unusual();
    tarn_tensor *x = tarn_randn(tarn_shape(2, 7, 6, 4));
    tarn_nn_train(model, true);
    char *before = summary_of(model, tarn_shape(2, 7, 6, 4));
    cr_assert(tarn_nn_save(model, path), "%s", tarn_error());
    tarn_module *rebuilt = tarn_nn_from_file(path);
    cr_assert(rebuilt, "%s", tarn_error());
    assert_same_outputs(model, rebuilt, x);
    char *after = summary_of(rebuilt, tarn_shape(2, 7, 6, 4));
    cr_assert_str_eq(before, after);
    free(before);
    free(after);
    tarn_free(x);
    tarn_nn_free(rebuilt);
    tarn_nn_free(model);
}

/* ---- Modules of one's own */

typedef struct shift {
    tarn_module module;
    struct numbers {
        int width;
        double by;
    } numbers;
} shift;

static tarn_tensor *shift_forward(tarn_module *self, tarn_tensor *x)
{
    return tarn_add(tarn_nn_forward(tarn_nn_child(self, 0), x), self->parts[0].parameter);
}

static tarn_module *new_shift(const tarn_module_type *type, int width, double by, tarn_module *body)
{
    shift *self = tarn_nn_new(type, sizeof *self);
    self->numbers.width = width;
    self->numbers.by = by;
    tarn_nn_add_parameter(&self->module, "by", tarn_full(tarn_shape(width), by));
    tarn_nn_add_child(&self->module, "body", body);
    return &self->module;
}

static const tarn_module_type shift_type;

static tarn_module *make_shift(const void *numbers, int count, tarn_module *const *children)
{
    const struct numbers *n = numbers;
    cr_assert_eq(count, 1);
    return new_shift(&shift_type, n->width, n->by, children[0]);
}

typedef struct numbers tarn_option_args;
static const tarn_option shift_numbers[] = {TARN_OPTION(int, width, 0, COUNT)
                                                TARN_OPTION(double, by, 0.5, ANY)};
static const tarn_module_type shift_type = {.name = "Shift",
                                            .forward = shift_forward,
                                            TARN_MODULE_NUMBERS(shift_numbers, 1, shift, numbers),
                                            .make = make_shift,
                                            .least_children = 1,
                                            .most_children = 1};

Test(network, of_ones_own_modules)
{
    tarn_module *model = tarn_nn_sequential(
        tarn_nn_relu(), new_shift(&shift_type, 3, 1.0 / 3, tarn_nn_linear(3, 3)));
    tarn_tensor *x = tarn_randn(tarn_shape(2, 3));
    assert_description(tarn_nn_child(model, 1), "3, .by = 0.3333333333");
    cr_assert(tarn_nn_save(model, path), "%s", tarn_error());
    cr_assert_not(tarn_nn_from_file(path));
    cr_assert(strstr(tarn_error(), "its network has at 1 a Shift: no such type is registered, "
                                   "expects tarn_nn_register() before"),
              "%s", tarn_error());
    cr_assert(tarn_nn_load(model, path));
    cr_assert(tarn_nn_register(&shift_type) && tarn_nn_register(&shift_type));
    tarn_module *rebuilt = tarn_nn_from_file(path);
    cr_assert(rebuilt, "%s", tarn_error());
    assert_same_outputs(model, rebuilt, x);
    tarn_free(x);
    tarn_nn_free(rebuilt);
    tarn_nn_free(model);
}

/* One that is called like a layer of the library's is not taken for it. */
Test(network, of_a_module_that_is_called_like_a_layer)
{
    tarn_module_type relu = shift_type;
    relu.name = "ReLU";
    tarn_module *model = new_shift(&relu, 3, 2, tarn_nn_linear(3, 3));
    cr_assert(tarn_nn_save(model, path), "%s", tarn_error());
    cr_assert_not(tarn_nn_from_file(path));
    cr_assert(strstr(tarn_error(), "a ReLU: no such type is registered"), "%s", tarn_error());
    tarn_nn_free(model);
}

Test(network, registers_types_that_can_be_made)
{
    tarn_module_type other = shift_type, without = shift_type;
    without.make = NULL;
    cr_assert(tarn_nn_register(&shift_type));
    assert_mistake(tarn_nn_register(&other), "another type called Shift is registered");
    assert_mistake(tarn_nn_register(&without), "no make function");
}

/* ---- Files that say something else. */

/* Writes the model with another description in the place of its own. */
static void save_as(tarn_module *model, const char *description)
{
    tarn__slots slots = tarn__slots_of(model);
    tarn__json_watch();
    json_t *metadata = json_pack("{s:s, s:s, s:s}", "format", "tarn", "layout", TARN__LAYOUT,
                                 TARN__NETWORK, description);
    cr_assert(tarn__write_safetensors(path, metadata, slots.slots, slots.count), "%s",
              tarn_error());
    tarn__slots_free(&slots);
}

static void refused(tarn_module *model, const char *description, const char *words)
{
    char text[2000], *to = text;
    for (const char *from = description; *from; from++)
        *to++ = *from == '\'' ? '"' : *from;
    *to = '\0';
    save_as(model, text);
    record_mistakes();
    cr_assert_not(tarn_nn_from_file(path), "%s was accepted", text);
    cr_assert_eq(mistakes(), 0, "%s: %s", text, tarn_error());
    cr_assert(strstr(tarn_error(), words), "\"%s\" does not hold \"%s\"", tarn_error(), words);
    cr_assert_eq(strncmp(tarn_error(), path, strlen(path)), 0, "%s", tarn_error());
}

#define NETWORK(text) "{'version':1,'network':" text "}"
#define LINEAR "{'type':'Linear','numbers':{'in':2,'out':3},'name':'0'}"

Test(network, other_descriptions)
{
    tarn_module *m = tarn_nn_sequential(tarn_nn_linear(2, 3));
    refused(m, "", "\"tarn\" in its metadata is not a JSON object: expects '{' first");
    refused(m, "{", "\"tarn\" in its metadata is not a JSON object");
    refused(m, "{'version':2,'network':{}}", "its description is of version 2, expects 1");
    refused(m, "{'network':{}}", "version 0, expects 1");
    refused(m, "{'version':1}", "its network has a module: its type is missing");
    refused(m, NETWORK("{'type':'Linea'}"), "its network has a Linea: there is no such type");
    refused(m, NETWORK("{'type':3}"), "its type is missing");
    refused(m, NETWORK("[]"), "its type is missing");
    refused(m, NETWORK("{'type':'Sequential','children':3}"), "another number of children");
    refused(m, NETWORK("{'type':'Linear','numbers':{'in':2,'out':3},'children':[" LINEAR "]}"),
            "a Linear: it has another number of children");
    refused(m, NETWORK("{'type':'Recompute'}"), "another number of children");
    refused(m, NETWORK("{'type':'Residual','children':[" LINEAR "," LINEAR "," LINEAR "]}"),
            "another number of children");
    refused(m, NETWORK("{'type':'Sequential','children':[{'type':'Linear','name':'0'}]}"),
            "its network has at 0 a Linear: it says nothing of in");
    /* Another network than the tensors are of. */
    refused(m, NETWORK("{'type':'Linear','numbers':{'in':2,'out':3}}"),
            "has no tensor weight, which the module expects");
    refused(m, NETWORK("{'type':'Sequential'}"), "has a tensor \"0.weight\", which the module");
    tarn_nn_free(m);
}

#define NUMBERS(text) NETWORK("{'type':'Conv2d','numbers':{" text "}}")

Test(network, other_numbers)
{
    tarn_module *m = tarn_nn_conv2d(2, 4, 1);
    refused(m, NUMBERS("'in':2,'out':4"), "a Conv2d: it says nothing of kernel");
    refused(m, NUMBERS("'in':2,'out':4,'kernel':1,'stripe':1"), "it has no number \"stripe\"");
    refused(m, NUMBERS("'in':2.5,'out':4,'kernel':1"), "its in is not a whole number");
    refused(m, NUMBERS("'in':'2','out':4,'kernel':1"), "its in is not a whole number");
    refused(m, NUMBERS("'in':3000000000,'out':4,'kernel':1"), "its in is not a whole number");
    refused(m, NUMBERS("'in':2,'out':4,'kernel':1,'bias':1"), "its bias is not true or false");
    refused(m, NUMBERS("'in':2,'out':4,'kernel':0"),
            "a Conv2d: nn_conv2d: kernel is 0, expects at least 1");
    refused(m, NUMBERS("'in':2,'out':4,'kernel':1,'groups':3"), "groups is 3, expects a divisor");
    refused(m, NETWORK("{'type':'LeakyReLU','numbers':{}}"), "nn_leaky_relu: slope is");
    refused(m, NETWORK("{'type':'Dropout','numbers':{'p':7}}"), "nn_dropout: p is 7");
    tarn_nn_free(m);
}

/* A network that its file has no numbers for takes no memory. */
Test(network, larger_than_its_file)
{
    tarn_module *m = tarn_nn_linear(2, 3);
    refused(m, NETWORK("{'type':'Linear','numbers':{'in':2000000000,'out':2000000000}}"),
            "a Linear: zeros: shape (2000000000,2000000000) is invalid or too large");
    refused(m, NETWORK("{'type':'Linear','numbers':{'in':20000,'out':20000}}"),
            "its network has more parameters than its");
    tarn_tensor *t = tarn_zeros(tarn_shape(1 << 18));
    cr_assert(t, "the limit stays: %s", tarn_error());
    tarn_free(t);
    tarn_nn_free(m);
}

Test(network, of_too_many_modules)
{
    static char text[400000] = "{\"version\":1,\"network\":{\"type\":\"Sequential\",\"children\":[";
    char *to = text + strlen(text);
    for (int i = 0; i < 20000; i++)
        to = stpcpy(to, "{\"type\":\"ReLU\"},");
    strcpy(to - 1, "]}}");
    tarn_module *m = tarn_nn_relu();
    save_as(m, text);
    cr_assert_not(tarn_nn_from_file(path));
    cr_assert(strstr(tarn_error(), "there are too many modules"), "%s", tarn_error());
    tarn_nn_free(m);
}

#define INFO(text) "{'version':1,'network':{'type':'ReLU'}," text "}"

Test(network, other_infos)
{
    tarn_module *m = tarn_nn_relu();
    refused(m, INFO("'input':3"), "another input, expects the shape of a sample");
    refused(m, INFO("'input':[-1]"), "another input");
    refused(m, INFO("'input':[1.5]"), "another input");
    refused(m, INFO("'input':[4611686018427387904,4]"), "another input");
    refused(m, INFO("'input':[1,1,1,1,1,1,1,1,1]"), "another input");
    refused(m, INFO("'classes':'cat'"), "another classes, expects a list of texts");
    refused(m, INFO("'classes':['cat',3]"), "another classes");
    refused(m, INFO("'mean':[1]"), "another deviation");
    refused(m, INFO("'mean':['1'],'deviation':[1]"), "another mean");
    refused(m, INFO("'mean':[1,2],'deviation':[1]"), "another deviation");
    refused(m, INFO("'mean':[1],'deviation':[0]"), "another deviation");
    tarn_nn_free(m);
}

Test(network, of_files_that_describe_nothing)
{
    tarn_module *model = tarn_nn_linear(2, 3);
    tarn__slots slots = tarn__slots_of(model);
    cr_assert(tarn__write_safetensors(path, json_pack("{s:s}", "layout", TARN__LAYOUT), slots.slots,
                                      slots.count));
    tarn__slots_free(&slots);
    cr_assert(tarn_nn_load(model, path), "%s", tarn_error());
    cr_assert_not(tarn_nn_from_file(path));
    cr_assert(strstr(tarn_error(), "its metadata have no \"tarn\""), "%s", tarn_error());
    cr_assert_not(tarn_nn_from_file("/nowhere"));
    cr_assert_str_eq(tarn_error(), "/nowhere: cannot be read: No such file or directory");
    tarn_nn_free(model);
}

/* Wherever the file is cut and whichever byte is changed: refused, or a whole network. */
Test(network, damage)
{
    tarn_module *model = tarn_nn_sequential(tarn_nn_linear(2, 3), tarn_nn_residual(tarn_nn_relu()));
    tarn_nn_describe(model, .input = tarn_shape(2), .class_count = 1,
                     .class_names = &(const char *){"a"});
    cr_assert(tarn_nn_save(model, path));
    unsigned char bytes[2000];
    FILE *file = fopen(path, "rb");
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    record_mistakes();
    for (size_t i = 0; i < 2 * size; i++) {
        const size_t at = i % size, length = i < size ? i : size;
        const unsigned char was = bytes[at];
        if (i >= size)
            bytes[at] = (unsigned char)(bytes[at] ^ (1 << (i % 7)));
        file = fopen(path, "wb");
        cr_assert_eq(fwrite(bytes, 1, length, file), length);
        fclose(file);
        tarn_module *rebuilt = tarn_nn_from_file(path);
        cr_assert(rebuilt || !strncmp(tarn_error(), path, strlen(path)), "%s", tarn_error());
        cr_assert(!rebuilt || i >= size);
        tarn_nn_free(rebuilt);
        bytes[at] = was;
    }
    cr_assert_eq(mistakes(), 0, "%s", last_mistake());
    tarn_nn_free(model);
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED
Test(network, memory_that_runs_out)
{
    tarn_module *model = tarn_nn_sequential(tarn_nn_linear(2, 3), tarn_nn_dropout(0.5),
                                            tarn_nn_residual(tarn_nn_batch_norm2d(3)));
    tarn_nn_describe(model, .class_count = 1, .class_names = &(const char *){"\xc3\xa9\n\""});
    cr_assert(tarn_nn_save(model, path));
    bool failed = true;
    for (long calls = 0; failed; calls++) {
        const long live = heap_live;
        heap_calls_left = calls;
        tarn_module *rebuilt = tarn_nn_from_file(path);
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert(rebuilt || strstr(tarn_error(), "emory"), "%ld: %s", calls, tarn_error());
        tarn_nn_free(rebuilt);
        cr_assert(calls < 3 || heap_live <= live, "%ld: %ld bytes are lost", calls,
                  heap_live - live);
    }
    tarn_nn_free(model);
}
#endif

/* A file from before an option was there means its default. */
Test(network, options_that_are_missing_have_their_defaults)
{
    const char text[] = "{\"type\": \"Sequential\", \"children\": [{\"type\": \"Linear\", "
                        "\"numbers\": {\"in\": 2, \"out\": 3}, \"name\": \"0\"}]}";
    tarn_module *same = tarn_nn_sequential(tarn_nn_linear(2, 3)),
                *other = tarn_nn_sequential(tarn_nn_linear(2, 3, .weight_norm = true));
    json_t *network = json_loads(text, 0, NULL);
    cr_assert(network);
    cr_assert(tarn__network_equals("file", network, same), "%s", tarn_error());
    cr_assert_not(tarn__network_equals("file", network, other));
    cr_assert(strstr(tarn_error(), "file: its network has at \"0\" a Linear"), "%s", tarn_error());
    json_decref(network);
    tarn_nn_free(same);
    tarn_nn_free(other);
}

/* Also of a layer that had none. */
Test(network, first_options_of_a_layer)
{
    tarn_module *same = tarn_nn_softplus(), *other = tarn_nn_softplus(.beta = 2);
    json_t *network = json_loads("{\"type\": \"Softplus\"}", 0, NULL);
    tarn_module *rebuilt = tarn__network_from_json("file", network, 0);
    cr_assert(rebuilt, "%s", tarn_error());
    assert_description(rebuilt, "");
    cr_assert(tarn__network_equals("file", network, same), "%s", tarn_error());
    cr_assert_not(tarn__network_equals("file", network, other));
    json_decref(network);
    tarn_nn_free(rebuilt);
    tarn_nn_free(same);
    tarn_nn_free(other);
}
