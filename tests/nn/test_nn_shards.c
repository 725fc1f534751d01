/* Models in several files, and what an index may not say. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

static char folder[] = "/tmp/tarn-test-shards-XXXXXX";
static const char index_path[] = "model.safetensors.index.json";
static const char *const files[] = {"a.safetensors", "b.safetensors", index_path};

static void enter(void)
{
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave(void)
{
    for (int i = 0; i < 3; i++)
        remove(files[i]);
    cr_assert_eq(rmdir(folder), 0, "files are left");
}

TestSuite(shards, .init = enter, .fini = leave);

static tarn_module *network(void)
{
    return tarn_nn_sequential(tarn_nn_linear(2, 3), tarn_nn_linear(3, 2));
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void write_index(const char *map)
{
    char text[2000];
    snprintf(text, sizeof text, "{\"metadata\":{\"total_size\":1},\"weight_map\":%s}", map);
    write_text(index_path, text);
}

#define MAP(last)                                                                                  \
    "{\"0.weight\":\"a.safetensors\",\"1.weight\":\"b.safetensors\",\"0.bias\":\"a.safetensors\"," \
    "\"1.bias\":" last "}"

/* A model, its first layer in a.safetensors, its second in b.safetensors, in these layouts. */
static tarn_module *save(tarn_layout layout_a, tarn_layout layout_b)
{
    tarn_module *model = network();
    const tarn_nn_name first[] = {{"", "0"}, {NULL, NULL}}, second[] = {{"", "1"}, {NULL, NULL}};
    cr_assert(tarn_nn_save(tarn_nn_child(model, 0), files[0], .layout = layout_a, .names = first));
    cr_assert(tarn_nn_save(tarn_nn_child(model, 1), files[1], .layout = layout_b, .names = second));
    write_index(MAP("\"b.safetensors\""));
    return model;
}

static bool equal(tarn_module *a, tarn_module *b)
{
    const tarn_params p = tarn_nn_parameters(a), q = tarn_nn_parameters(b);
    bool same = true;
    for (int i = 0; i < p.count; i++)
        same &= !memcmp(tarn_values(p.tensors[i]), tarn_values(q.tensors[i]),
                        (size_t)tarn_size(p.tensors[i]) * sizeof(tarn_real));
    return same;
}

static void refused(const char *words)
{
    tarn_seed(1);
    tarn_module *model = network();
    tarn_seed(1);
    tarn_module *untouched = network();
    cr_assert_not(tarn_nn_load(model, index_path), "accepted, expected \"%s\"", words);
    cr_assert(strstr(tarn_error(), words), "\"%s\" does not hold \"%s\"", tarn_error(), words);
    cr_assert(equal(model, untouched));
    tarn_nn_free(model);
    tarn_nn_free(untouched);
}

Test(shards, all_files_are_one)
{
    for (tarn_layout layout = TARN_LAYOUT_TARN; layout <= TARN_LAYOUT_TORCH; layout++) {
        tarn_module *model = save(layout, layout), *other = network();
        /* The description is that of a part: it is not the whole's. */
        cr_assert(tarn_nn_load(other, index_path), "%s", tarn_error());
        cr_assert(equal(model, other));
        char path[200];
        snprintf(path, sizeof path, "%s/%s", folder, index_path);
        cr_assert(tarn_nn_load_partial(other, path, .apply = true), "%s", tarn_error());
        tarn_nn_free(model);
        tarn_nn_free(other);
    }
}

Test(shards, files_elsewhere)
{
    tarn_nn_free(save(TARN_LAYOUT_TARN, TARN_LAYOUT_TARN));
    const char *const places[] = {"\"../b.safetensors\"",
                                  "\"/etc/passwd\"",
                                  "\"..\"",
                                  "\"\"",
                                  "7",
                                  "\"x/b.safetensors\"",
                                  "null"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char map[400];
        snprintf(map, sizeof map,
                 "{\"0.weight\":\"a.safetensors\",\"0.bias\":\"a.safetensors\",\"1.bias\":%s}",
                 places[i]);
        write_index(map);
        refused("says that tensor 1.bias is in \"");
        refused("expects the name of a file in the same folder");
    }
    write_index(MAP("\"c.safetensors\""));
    refused("b.safetensors: has a tensor \"1.bias\", of which the index says that it is in "
            "c.safetensors");
    write_index("{\"0.weight\":\"c.safetensors\"}");
    refused("c.safetensors: cannot be read");
    write_index("{\"0.weight\":\"model.safetensors.index.json\"}");
    refused("not a safetensors file");
}

Test(shards, an_index_that_does_not_fit)
{
    tarn_nn_free(save(TARN_LAYOUT_TARN, TARN_LAYOUT_TARN));
    write_index(MAP("\"a.safetensors\""));
    refused("b.safetensors: has a tensor \"1.bias\", of which the index says that it is in "
            "a.safetensors");
    write_index("{\"0.weight\":\"a.safetensors\",\"0.bias\":\"a.safetensors\"}");
    refused("has no tensor 1.weight, which the module expects");
    write_index("{\"0.weight\":\"a.safetensors\"}");
    refused("has a tensor \"0.bias\", of which the index says nothing");
    write_index(MAP("\"b.safetensors\",\"2.bias\":\"a.safetensors\""));
    refused("says that tensor 2.bias is in a.safetensors, which does not have it");
    write_index(MAP("\"b.safetensors\",\"1.bias\":\"b.safetensors\""));
    refused("duplicate object key");
    write_index("{}");
    refused("has no \"weight_map\"");
    write_text(index_path, "[]");
    refused("the index is not a JSON object");
    write_text(index_path, "");
    refused("is empty");
    write_text(index_path, "{}");
    cr_assert_eq(truncate(index_path, 5 << 20), 0);
    refused("has 5242880 bytes, expects at most 4194304 of an index");
}

Test(shards, files_that_do_not_fit_together)
{
    tarn_nn_free(save(TARN_LAYOUT_TARN, TARN_LAYOUT_TORCH));
    refused("b.safetensors: its metadata say another layout than those of a.safetensors");
    tarn_nn_free(save(TARN_LAYOUT_TARN, TARN_LAYOUT_TARN));
    struct stat status;
    cr_assert_eq(stat(files[1], &status), 0);
    cr_assert_eq(truncate(files[1], status.st_size - 1), 0);
    refused("the file is damaged or cut off");
}

/* Every byte of the index. */
Test(shards, damage)
{
    tarn_module *model = save(TARN_LAYOUT_TORCH, TARN_LAYOUT_TORCH), *other = network(),
                *untouched = network();
    for (int i = 0; i < 4; i++)
        memcpy(tarn_values(tarn_nn_parameters(untouched).tensors[i]),
               tarn_values(tarn_nn_parameters(other).tensors[i]),
               (size_t)tarn_size(tarn_nn_parameters(other).tensors[i]) * sizeof(tarn_real));
    char text[1000] = "";
    FILE *file = fopen(index_path, "rb");
    const size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    for (size_t i = 0; i < size; i++) {
        const char was = text[i];
        for (const char *to = "\"}/0\xff"; *to; to++) {
            text[i] = *to;
            write_text(index_path, text);
            if (!tarn_nn_load(other, index_path))
                cr_assert(equal(other, untouched));
            else
                cr_assert(equal(other, model));
            for (int k = 0; k < 4; k++)
                memcpy(tarn_values(tarn_nn_parameters(other).tensors[k]),
                       tarn_values(tarn_nn_parameters(untouched).tensors[k]),
                       (size_t)tarn_size(tarn_nn_parameters(other).tensors[k]) * sizeof(tarn_real));
        }
        text[i] = was;
    }
    tarn_nn_free(model);
    tarn_nn_free(other);
    tarn_nn_free(untouched);
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED

Test(shards, memory_that_runs_out)
{
    tarn_module *model = save(TARN_LAYOUT_TORCH, TARN_LAYOUT_TORCH), *other = network();
    bool failed = true;
    for (long calls = 0; failed; calls++) {
        heap_calls_left = calls;
        const bool loaded = tarn_nn_load(other, index_path);
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert(loaded ? equal(model, other) : strstr(tarn_error(), "emory") != NULL, "%s",
                  tarn_error());
    }
    tarn_nn_free(model);
    tarn_nn_free(other);
}

#endif
