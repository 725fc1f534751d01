#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

/* Each test works in a folder of its own, which is the current one. */
static char folder[] = "/tmp/tarn-test-load-XXXXXX";

static void enter(void)
{
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static int files_here(void)
{
    DIR *here = opendir(".");
    int count = 0;
    for (struct dirent *entry; (entry = readdir(here));)
        count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
    closedir(here);
    return count;
}

static void leave(void)
{
    remove("file");
    cr_assert_eq(rmdir(folder), 0, "files are left");
}

TestSuite(load, .init = enter, .fini = leave);

/* "0.weight" (2,3) and "0.bias" (3). */
static tarn_module *small_model(void)
{
    return tarn_nn_sequential(tarn_nn_linear(2, 3), tarn_nn_relu());
}

static tarn_module *large_model(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 4, 3),
                              tarn_nn_sequential(tarn_nn_relu(), tarn_nn_flatten()),
                              tarn_nn_linear(100, 7, .bias = false));
}

static bool equal(tarn_module *a, tarn_module *b)
{
    tarn_params p = tarn_nn_parameters(a), q = tarn_nn_parameters(b);
    bool same = p.count == q.count;
    for (int i = 0; same && i < p.count; i++)
        same = tarn_shape_equal(tarn_shape_get(p.tensors[i]), tarn_shape_get(q.tensors[i])) &&
               !memcmp(tarn_values(p.tensors[i]), tarn_values(q.tensors[i]),
                       (size_t)tarn_size(p.tensors[i]) * sizeof(tarn_real));
    return same;
}

static void write_bytes(const void *bytes, size_t size)
{
    FILE *file = fopen("file", "wb");
    cr_assert(file);
    cr_assert_eq(fwrite(bytes, 1, size, file), size);
    cr_assert_eq(fclose(file), 0);
}

/* A file with that header and so many bytes of data: 0, 1, 2, ... as elements. In the header '
   stands for ", # for the dtype, and $n for n times the size of an element. */
static void write_file(const char *header, size_t elements, size_t more_bytes)
{
    static unsigned char bytes[100000];
    char *text = (char *)bytes + 8, *end = text;
    for (const char *from = header; *from; from++)
        if (*from == '\'')
            *end++ = '"';
        else if (*from == '#')
            end += sprintf(end, sizeof(tarn_real) == 8 ? "F64" : "F32");
        else if (*from == '$')
            end +=
                sprintf(end, "%ld", strtol(from + 1, (char **)&from, 10) * (long)sizeof(tarn_real)),
                from--;
        else
            *end++ = *from;
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((size_t)(end - text) >> (8 * i));
    for (size_t i = 0; i < elements; i++) {
        tarn_real value = (tarn_real)i;
        memcpy(end + i * sizeof value, &value, sizeof value);
    }
    end += elements * sizeof(tarn_real);
    memset(end, 0, more_bytes);
    write_bytes(bytes, (size_t)(end - (char *)bytes) + more_bytes);
}

/* The file is refused with these words and its name, and the model is what it was. */
static void refused(const char *words)
{
    tarn_seed(1);
    tarn_module *model = small_model();
    tarn_seed(1);
    tarn_module *untouched = small_model();
    cr_assert_not(tarn_nn_load(model, "file"), "accepted, should be refused with \"%s\"", words);
    cr_assert(strstr(tarn_error(), words), "\"%s\" does not hold \"%s\"", tarn_error(), words);
    cr_assert_eq(strncmp(tarn_error(), "file: ", 6), 0, "%s", tarn_error());
    cr_assert(equal(model, untouched));
    tarn_nn_free(model);
    tarn_nn_free(untouched);
}

static void refused_header(const char *header, const char *words)
{
    write_file(header, 9, 0);
    refused(words);
}

#define LAYOUT "'images NHWC, convolution weights HWIO, linear weights (in, out)'"
#define METADATA "'__metadata__':{'layout':" LAYOUT "}"
#define WEIGHT "'0.weight':{'dtype':'#','shape':[2,3],'data_offsets':[0,$6]}"
#define BIAS_ALONE "'0.bias':{'dtype':'#','shape':[3],'data_offsets':[$6,$9]}"
#define BIAS METADATA "," BIAS_ALONE

static void accepted(const char *header)
{
    write_file(header, 9, 0);
    tarn_module *model = small_model();
    cr_assert(tarn_nn_load(model, "file"), "%s: %s", header, tarn_error());
    for (int i = 0; i < 9; i++) {
        const tarn_real *values = tarn_values(parameter(model, i < 6 ? "0.weight" : "0.bias"));
        cr_assert_eq(values[i < 6 ? i : i - 6], (tarn_real)i);
    }
    tarn_nn_free(model);
}

Test(load, round_trip_is_exact)
{
    tarn_seed(1);
    tarn_module *model = large_model(), *other = large_model();
    tarn_real odd[] = {(tarn_real)NAN, (tarn_real)-INFINITY, (tarn_real)-0.0, (tarn_real)1e-40};
    memcpy(tarn_values(parameter(model, "0.bias")), odd, sizeof odd);
    cr_assert(tarn_nn_save(model, "file"), "%s", tarn_error());
    cr_assert_not(equal(model, other));
    cr_assert(tarn_nn_load(other, "file"), "%s", tarn_error());
    cr_assert(equal(model, other));
    tarn_nn_free(model);
    tarn_nn_free(other);
}

Test(load, a_model_without_parameters)
{
    tarn_module *model = tarn_nn_relu();
    cr_assert(tarn_nn_save(model, "file"), "%s", tarn_error());
    cr_assert(tarn_nn_load(model, "file"), "%s", tarn_error());
    tarn_nn_free(model);
}

/* The bytes that the format's specification gives for this model. */
Test(load, writes_safetensors)
{
    const char *expected =
        "{\"__metadata__\":{\"format\":\"tarn\",\"layout\":\"images NHWC, convolution weights "
        "HWIO, "
        "linear weights (in, out)\","
        "\"tarn\":\"{\\\"version\\\":1,\\\"network\\\":{\\\"type\\\":\\\"Sequential\\\","
        "\\\"children\\\":[{\\\"type\\\":\\\"Linear\\\",\\\"numbers\\\":{\\\"in\\\":2,"
        "\\\"out\\\":3,\\\"bias\\\":true,\\\"weight_norm\\\":false},\\\"name\\\":\\\"0\\\"},"
        "{\\\"type\\\":\\\"ReLU\\\",\\\"name\\\":\\\"1\\\"}]}}\"},"
        "\"0.weight\":{\"dtype\":\"%s\",\"shape\":[2,3],\"data_offsets\":[0,%d]},"
        "\"0.bias\":{\"dtype\":\"%s\",\"shape\":[3],\"data_offsets\":[%d,%d]}}";
    const int real = (int)sizeof(tarn_real);
    const char *dtype = real == 8 ? "F64" : "F32";
    char header[1000];
    snprintf(header, sizeof header, expected, dtype, 6 * real, dtype, 6 * real, 9 * real);

    tarn_module *model = small_model();
    cr_assert(tarn_nn_save(model, "file"));
    unsigned char bytes[2000];
    FILE *file = fopen("file", "rb");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    size_t length = bytes[0] + 256u * bytes[1];
    cr_assert_eq(length % 8, 0);
    cr_assert(length >= strlen(header) && length < strlen(header) + 8);
    for (int i = 2; i < 8; i++)
        cr_assert_eq(bytes[i], 0);
    cr_assert_eq(memcmp(bytes + 8, header, strlen(header)), 0, "%.*s\n%s", (int)length,
                 (char *)bytes + 8, header);
    for (size_t i = strlen(header); i < length; i++)
        cr_assert_eq(bytes[8 + i], ' ');
    cr_assert_eq(size, 8 + length + 9 * sizeof(tarn_real));
    cr_assert_eq(memcmp(bytes + 8 + length, tarn_values(parameter(model, "0.weight")),
                        6 * sizeof(tarn_real)),
                 0);
    cr_assert_eq(memcmp(bytes + 8 + length + 6 * sizeof(tarn_real),
                        tarn_values(parameter(model, "0.bias")), 3 * sizeof(tarn_real)),
                 0);
    tarn_nn_free(model);
}

Test(load, data_is_aligned)
{
    char name[] = "12345678";
    for (size_t length = 1; length <= 8; length++) {
        tarn_module *model = tarn_nn_relu();
        cr_assert(tarn_nn_add_parameter(model, name + 8 - length, tarn_zeros(tarn_shape(1))));
        cr_assert(tarn_nn_save(model, "file"));
        cr_assert(tarn_nn_load(model, "file"), "%s", tarn_error());
        struct stat status;
        stat("file", &status);
        cr_assert_eq((size_t)status.st_size % 8, sizeof(tarn_real) % 8);
        tarn_nn_free(model);
    }
}

Test(load, reads_safetensors_of_others)
{
    accepted("{" WEIGHT "," BIAS "}");
    accepted("{" BIAS "," WEIGHT "}");
    accepted("{" WEIGHT "," BIAS "}          ");
    accepted("{'\\u005f_metadata__' : {'layout' :\n" LAYOUT ",'format':'pt','any':'thing \xc3\xa9 "
             "\\u00e9'}," WEIGHT "," BIAS_ALONE "}");
    accepted("{'\\u0030.weight':{'shape':[2,3],'data_offsets':[0,$6],'dtype':'#'}," BIAS "}");
    /* In another order in the data. */
    write_file("{'0.weight':{'dtype':'#','shape':[2,3],'data_offsets':[$3,$9]}," METADATA
               ",'0.bias':{'dtype':'#','shape':[3],'data_offsets':[0,$3]}}",
               9, 0);
    tarn_module *model = small_model();
    cr_assert(tarn_nn_load(model, "file"), "%s", tarn_error());
    cr_assert_eq(tarn_values(parameter(model, "0.weight"))[0], 3);
    cr_assert_eq(tarn_values(parameter(model, "0.bias"))[2], 2);
    tarn_nn_free(model);
}

/* A file of PyTorch fits a layer as wide as high, but its weights are transposed. */
Test(load, another_layout)
{
    const char *words = "metadata say no layout";
    refused_header("{" WEIGHT "," BIAS_ALONE "}", words);
    refused_header("{'__metadata__':{}," WEIGHT "," BIAS_ALONE "}", words);
    refused_header("{'__metadata__':{'format':'pt'}," WEIGHT "," BIAS_ALONE "}", words);
    cr_assert(strstr(tarn_error(), "only that PyTorch wrote it: load it with .layout = "));
    cr_assert(strstr(tarn_error(), "as here ((in, out), HWIO)"), "cut: %s", tarn_error());
    refused_header("{'__metadata__':{'layout':'NCHW'}," WEIGHT "," BIAS_ALONE "}",
                   "metadata say the layout \"NCHW\", expects");
}

Test(load, empty_tensors)
{
    tarn_module *model = tarn_nn_sequential_of(0, NULL);
    tarn_nn_add_parameter(model, "a", tarn_zeros(tarn_shape(0, 3)));
    tarn_nn_add_parameter(model, "b", tarn_full(tarn_shape(), 5));
    tarn_nn_add_parameter(model, "c", tarn_zeros(tarn_shape(0)));
    cr_assert(tarn_nn_save(model, "file"), "%s", tarn_error());
    tarn_values(parameter(model, "b"))[0] = 0;
    cr_assert(tarn_nn_load(model, "file"), "%s", tarn_error());
    cr_assert_eq(tarn_values(parameter(model, "b"))[0], 5);
    tarn_nn_free(model);
}

Test(load, other_names)
{
    refused_header("{" METADATA "," WEIGHT "}", "has no tensor 0.bias, which the module expects");
    refused_header("{" METADATA "}", "has no tensor 0.weight");
    refused_header("{" WEIGHT "," BIAS ",'1.weight':{}}",
                   "has a tensor \"1.weight\", which the module does not have");
    refused_header("{" WEIGHT "," BIAS ",'a\\n\xc3\xa9':{}}", "has a tensor \"a???\"");
    refused_header("{" WEIGHT "," BIAS_ALONE ",'__metadata__':[]}",
                   "__metadata__ is not an object");
    refused_header("{" WEIGHT "," BIAS_ALONE ",'__metadata__':{'epoch':3}}",
                   "__metadata__ epoch is not a string");
}

#define WEIGHT_OF(dtype, shape, offsets)                                                           \
    "{'0.weight':{'dtype':" dtype ",'shape':" shape ",'data_offsets':" offsets "}," BIAS "}"

Test(load, other_types)
{
    refused_header(WEIGHT_OF("'I32'", "[2,3]", "[0,$6]"),
                   "tensor 0.weight has dtype I32, expects F");
    refused_header(WEIGHT_OF("'F16'", "[2,3]", "[0,$6]"), "bytes, expects 12 for its shape");
    refused_header(WEIGHT_OF("32", "[2,3]", "[0,$6]"), "has dtype none");
    refused_header("{'0.weight':{}," BIAS "}", "has dtype none");
    refused_header("{'0.weight':7," BIAS "}", "has dtype none");
    refused_header("{'0.weight':null," BIAS "}", "has dtype none");
}

Test(load, other_shapes)
{
    refused_header(WEIGHT_OF("'#'", "[3,2]", "[0,$6]"),
                   "tensor 0.weight has shape [3,2], expects (2,3)");
    refused_header(WEIGHT_OF("'#'", "[6]", "[0,$6]"), "has shape [6], expects (2,3)");
    refused_header(WEIGHT_OF("'#'", "[2,3,1]", "[0,$6]"), "has shape [2,3,1], expects (2,3)");
    refused_header(WEIGHT_OF("'#'", "[-2,-3]", "[0,$6]"), "has shape [-2,-3]");
    refused_header(WEIGHT_OF("'#'", "[2.0,3]", "[0,$6]"), "has shape [2.0,3]");
    refused_header(WEIGHT_OF("'#'", "['2',3]", "[0,$6]"), "has shape [\"2\",3]");
    refused_header(WEIGHT_OF("'#'", "[]", "[0,$6]"), "has shape []");
    refused_header(WEIGHT_OF("'#'", "6", "[0,$6]"), "has shape 6");
    refused_header(WEIGHT_OF("'#'", "{}", "[0,$6]"), "has shape {}");
    refused_header(WEIGHT_OF("'#'", "[4294967298,3]", "[0,$6]"), "has shape [4294967298,3]");
    refused_header("{'0.weight':{'dtype':'#','data_offsets':[0,$6]}," BIAS "}", "has shape none");
}

Test(load, hostile_offsets)
{
    refused_header(WEIGHT_OF("'#'", "[2,3]", "[$3,$9]"),
                   "tensor 0.weight starts at byte"); /* no tensor at 0 */
    refused_header("{'0.weight':{'dtype':'#','shape':[2,3],'data_offsets':[0,$6]}," METADATA
                   ",'0.bias':{'dtype':'#','shape':[3],'data_offsets':[$3,$6]}}",
                   "tensor 0.bias starts at byte"); /* overlap */
    refused_header(WEIGHT_OF("'#'", "[2,3]", "[$4,$10]"), "outside the data of");
    refused_header(WEIGHT_OF("'#'", "[2,3]", "[-1,$6]"), "is at bytes -1 to");
    refused_header(WEIGHT_OF("'#'", "[2,3]", "[$6,0]"), "outside the data of");
    refused_header(WEIGHT_OF("'#'", "[2,3]", "[0,$5]"), "bytes, expects");
    refused_header(WEIGHT_OF("'#'", "[2,3]", "[0,9223372036854775807]"), "outside the data of");
    refused_header(WEIGHT_OF("'#'", "[2,3]", "[-9223372036854775808,9223372036854775807]"),
                   "outside the data of");
    refused_header(WEIGHT_OF("'#'", "[2,3]", "[9223372036854775800,9223372036854775807]"),
                   "outside the data of");
    refused_header(WEIGHT_OF("'#'", "[2,3]", "[0,18446744073709551616]"), "too big integer");
    refused_header(WEIGHT_OF("'#'", "[2,3]", "[0.0,24.0]"), "are not two integers");
    refused_header(WEIGHT_OF("'#'", "[2,3]", "[0]"), "are not two integers");
    refused_header(WEIGHT_OF("'#'", "[2,3]", "[0,$6,$6]"), "are not two integers");
    refused_header(WEIGHT_OF("'#'", "[2,3]", "'0,24'"), "are not two integers");
    refused_header("{'0.weight':{'dtype':'#','shape':[2,3]}," BIAS "}", "are not two integers");
}

Test(load, data_of_another_size)
{
    write_file("{" WEIGHT "," BIAS "}", 9, 1);
    refused("bytes of data, expects");
    write_file("{" WEIGHT "," BIAS "}", 10, 0);
    refused("bytes of data, expects");
    write_file("{" WEIGHT "," BIAS "}", 8, 0);
    refused("the file is damaged or cut off");
    /* A hole. */
    write_file("{" WEIGHT "," METADATA
               ",'0.bias':{'dtype':'#','shape':[3],'data_offsets':[$7,$10]}}",
               10, 0);
    refused("tensor 0.bias starts at byte");
}

Test(load, hostile_headers)
{
    refused_header("[]", "the header is not a JSON object: expects '{' first");
    refused_header("  {" WEIGHT "," BIAS "}", "expects '{' first");
    refused_header("{" WEIGHT "," BIAS, "the header is not a JSON object");
    refused_header("{" WEIGHT "," BIAS "} {}", "end of file expected");
    refused_header("{" WEIGHT "," WEIGHT "," BIAS "}", "duplicate object key");
    refused_header("{" WEIGHT "," BIAS ",'a\\u0000b':{}}", "the header is not a JSON object");
    refused_header("{" WEIGHT "," BIAS ",'\xff':{}}", "the header is not a JSON object");
    refused_header("{'a':1e999}", "the header is not a JSON object");
    static char deep[60000];
    strcpy(deep, "{'a':");
    memset(deep + 5, '[', sizeof deep - 6);
    refused_header(deep, "maximum parsing depth reached");
}

/* Parsed, empty objects would take 80 times what they take in the file. */
Test(load, a_header_that_takes_much_memory)
{
    static char dense[90000];
    strcpy(dense, "{'a':[{}");
    for (size_t used = strlen(dense); used + 6 < sizeof dense; used += 3)
        memcpy(dense + used, ",{}", 3);
    strcat(dense, "]}");
#ifdef TARN_TESTS_HEAP_IS_WATCHED
    const long before = heap_live;
    heap_peak = heap_live;
#endif
    refused_header(dense, "would take more than 24 times that in memory");
#ifdef TARN_TESTS_HEAP_IS_WATCHED
    /* With the file's text, what is set aside, and what the heap adds to small blocks. */
    cr_assert_lt(heap_peak - before, 38 * (long)sizeof dense, "%ld times",
                 (heap_peak - before) / (long)sizeof dense);
#endif
}

Test(load, files_of_another_kind)
{
    unsigned char lengths[][8] = {
        {0, 0, 0, 0, 0, 0, 0, 0x80}, /* 2^63 */
        {255, 255, 255, 255, 255, 255, 255, 255},
        {0xf9, 255, 255, 255, 255, 255, 255, 255}, /* plus 8 overflows */
        {0, 0, 0, 0, 0, 0, 0, 0},
        {93},
    };
    unsigned char bytes[100] = "";
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        memcpy(bytes, lengths[i], 8);
        write_bytes(bytes, sizeof bytes);
        refused("bytes, expects 2 to 92; it is cut off or not a safetensors file");
    }
    write_bytes("", 0);
    refused("has 0 bytes, expects a safetensors file, at least 8");
    write_bytes(bytes, 7);
    refused("has 7 bytes");
    write_bytes(bytes, 8);
    refused("starts with a header length of 93 bytes");
    const char image[] = "\x89PNG\r\n\x1a\n and so on, as images do";
    write_bytes(image, sizeof image);
    refused("not a safetensors file");
    remove("file");
    refused("cannot be read: No such file or directory");
    tarn_module *model = small_model();
    cr_assert_not(tarn_nn_load(model, "."));
    cr_assert_str_eq(tarn_error(), ".: is not a regular file");
    tarn_nn_free(model);
}

/* A sparse file costs nobody anything, and must not cost memory here. */
Test(load, a_header_too_long)
{
    unsigned char bytes[] = {0, 0, 0, 6, 0, 0, 0, 0, '{'}; /* 96 MB */
    write_bytes(bytes, sizeof bytes);
    cr_assert_eq(truncate("file", 200 << 20), 0);
    refused("starts with a header length of 100663296 bytes, expects 2 to 1056768");
}

/* Whatever byte is damaged, wherever the file is cut: loaded or refused, never half. */
Test(load, damage)
{
    tarn_module *model = small_model();
    cr_assert(tarn_nn_save(model, "file"));
    unsigned char bytes[1000];
    FILE *file = fopen("file", "rb");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t length = 0; length < size; length++) {
        write_bytes(bytes, length);
        refused("");
    }
    size_t header_end = size - 9 * sizeof(tarn_real);
    const unsigned char damages[] = {0, 1, '"', '9', '-', '}', 0x80};
    for (size_t i = 0; i < header_end; i++)
        for (size_t d = 0; d < sizeof damages; d++) {
            unsigned char was = bytes[i];
            bytes[i] = damages[d];
            write_bytes(bytes, size);
            tarn_module *other = small_model(), *untouched = small_model();
            memcpy(tarn_values(parameter(other, "0.weight")),
                   tarn_values(parameter(untouched, "0.weight")), 6 * sizeof(tarn_real));
            memcpy(tarn_values(parameter(other, "0.bias")),
                   tarn_values(parameter(untouched, "0.bias")), 3 * sizeof(tarn_real));
            bool loaded = tarn_nn_load(other, "file");
            cr_assert(equal(other, loaded ? model : untouched), "byte %zu as %u", i, bytes[i]);
            tarn_nn_free(other);
            tarn_nn_free(untouched);
            bytes[i] = was;
        }
    tarn_nn_free(model);
}

/* A limit on the size of files stands for a full disk. */
Test(load, a_full_disk_leaves_the_old_file)
{
    tarn_seed(1);
    tarn_module *model = large_model(), *other = large_model();
    cr_assert(tarn_nn_save(model, "file"));
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    for (rlim_t size = 0; size < 2000; size += 100) {
        limit.rlim_cur = size;
        setrlimit(RLIMIT_FSIZE, &limit);
        cr_assert_not(tarn_nn_save(other, "file"));
        cr_assert_str_eq(tarn_error(), "file: cannot be written: File too large");
        cr_assert_eq(files_here(), 1);
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
    cr_assert(tarn_nn_load(other, "file"), "%s", tarn_error());
    cr_assert(equal(model, other));
    tarn_nn_free(model);
    tarn_nn_free(other);
}

Test(load, can_save)
{
    struct stat status;
    cr_assert(tarn_nn_can_save("file"));
    cr_assert_eq(files_here(), 0);
    write_bytes("old", 3);
    cr_assert(tarn_nn_can_save("file"));
    cr_assert_eq(stat("file", &status), 0);
    cr_assert_eq(status.st_size, 3);
    cr_assert_eq(files_here(), 1);
    cr_assert_not(tarn_nn_can_save("/dev/full"));
    cr_assert_not(tarn_nn_can_save("."));
    cr_assert_not(tarn_nn_can_save("no/where"));
    cr_assert(strstr(tarn_error(), "no/where: cannot be written"));
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED

static void copy_parameters(tarn_module *to, tarn_module *from)
{
    tarn_params p = tarn_nn_parameters(to), q = tarn_nn_parameters(from);
    for (int i = 0; i < p.count; i++)
        memcpy(tarn_values(p.tensors[i]), tarn_values(q.tensors[i]),
               (size_t)tarn_size(p.tensors[i]) * sizeof(tarn_real));
}

/* After true the file can be loaded, after false the old one can, whichever allocation fails. */
Test(load, memory_that_runs_out_in_save)
{
    tarn_seed(1);
    tarn_module *old = large_model(), *new = large_model(), *loaded = large_model();
    bool failed = true;
    for (long calls = 0; failed; calls++) {
        cr_assert(tarn_nn_save(old, "file"), "%s", tarn_error());
        tarn_set_error("nothing");
        heap_calls_left = calls;
        const bool saved = tarn_nn_save(new, "file");
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert(saved || strstr(tarn_error(), "emory"), "%s", tarn_error());
        cr_assert(tarn_nn_load(loaded, "file"), "%ld: %s", calls, tarn_error());
        cr_assert(equal(loaded, saved ? new : old));
        cr_assert_eq(files_here(), 1);
    }
    tarn_nn_free(old);
    tarn_nn_free(new);
    tarn_nn_free(loaded);
}

/* It is called what it is, and the model is what it was. */
Test(load, memory_that_runs_out_in_load)
{
    tarn_seed(1);
    tarn_module *model = large_model(), *other = large_model(), *untouched = large_model();
    copy_parameters(untouched, other);
    cr_assert(tarn_nn_save(model, "file"));
    bool failed = true;
    for (long calls = 0; failed; calls++) {
        heap_calls_left = calls;
        const bool loaded = tarn_nn_load(other, "file");
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert(loaded || strstr(tarn_error(), "emory"), "%s", tarn_error());
        cr_assert(equal(other, loaded ? model : untouched));
        if (loaded) /* without that memory */
            copy_parameters(other, untouched);
    }
    tarn_nn_free(model);
    tarn_nn_free(other);
    tarn_nn_free(untouched);
}

#endif
