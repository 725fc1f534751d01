/* What docs/exchange.md says of modules and operators is what the library does: a row for each
   module with the nodes that it becomes in ONNX and the module that these become, and all operators
   that are read. */
#include <ctype.h>
#include <stdio.h>
#include <unistd.h>

#include "nn/exchange/onnx_file.h"
#include "nn/layer.h"
#include "tests/nn/nn_test.h"

enum { MOST = 1 << 16 };

/* The caller frees it. */
static char *text_of(const char *path)
{
    FILE *file = fopen(path, "rb");
    cr_assert(file, "%s is not there", path);
    char *text = malloc(MOST + 1);
    text[fread(text, 1, MOST, file)] = '\0';
    fclose(file);
    return text;
}

/* ---- Modules */

/* The operators of the file, each once, in the order of its nodes. */
static void list_nodes(char *list, size_t size)
{
    tarn__onnx_file file;
    cr_assert(tarn__onnx_open(&file, "model.onnx"), "%s", tarn_error());
    *list = '\0';
    for (int i = 0; i < file.node_count; i++) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)file.nodes[i].type.size,
                 (const char *)file.nodes[i].type.at);
        bool known = false;
        for (const char *at = list; (at = strstr(at, name)); at++) {
            const char end = at[strlen(name)];
            known |= (at == list || at[-1] == ' ') && (end == ',' || end == '\0');
        }
        if (!known)
            snprintf(list + strlen(list), size - strlen(list), "%s%s", *list ? ", " : "", name);
    }
    tarn__onnx_close(&file);
}

/* The row that says what becomes of the module. */
static void check_row(const char *page, tarn_module *model, tarn_shape sample)
{
    char row[300], nodes[200] = "nothing";
    const char *back = "itself";
    cr_assert(tarn_nn_export_onnx(model, sample, "model.onnx"), "%s: %s", model->type->name,
              tarn_error());
    list_nodes(nodes, sizeof nodes);
    tarn_module *other = tarn_nn_from_onnx("model.onnx");
    if (!other)
        back = "refused";
    else if (other->type != &tarn__nn_sequential)
        back = "a graph";
    else if (other->part_count != 1)
        back = "several";
    else if (other->parts[0].child->type != model->type)
        back = other->parts[0].child->type->name;
    snprintf(row, sizeof row, "\n| %s | %s | %s |\n", model->type->name, nodes, back);
    cr_expect(strstr(page, row), "docs/exchange.md has no row%s", row);
    tarn_nn_free(other);
}

/* How many lines the table of modules has below its head. */
static int count_rows(const char *page)
{
    const char *row = strstr(page, "\n| module | nodes | read again |\n|---|---|---|\n|");
    int count = 0;
    cr_assert(row);
    for (row = strstr(row, "---|\n|") + 4; row[1] == '|'; row = strchr(row + 1, '\n'))
        count++;
    return count;
}

Test(exchange_page, has_a_row_for_each_module)
{
    const tarn_shape image = tarn_shape(4, 4, 4), ids = tarn_shape(3), vector = tarn_shape(4),
                     rows = tarn_shape(3, 4);
    char *page = text_of(TARN_SOURCE_DIR "/docs/exchange.md"), folder[] = "/tmp/tarn-test-XXXXXX";
    cr_assert(mkdtemp(folder) && chdir(folder) == 0);
    tarn_module *models[] = {
        tarn_nn_linear(4, 2),
        tarn_nn_conv2d(4, 2, 3),
        tarn_nn_conv_transpose2d(4, 2, 3),
        tarn_nn_max_pool2d(2),
        tarn_nn_avg_pool2d(2),
        tarn_nn_adaptive_avg_pool2d(3, 3),
        tarn_nn_adaptive_max_pool2d(2, 2),
        tarn_nn_global_avg_pool2d(),
        tarn_nn_global_max_pool2d(),
        tarn_nn_pixel_shuffle(2),
        tarn_nn_pixel_unshuffle(2),
        tarn_nn_upsample2d(2),
        tarn_nn_pad2d(1),
        tarn_nn_relu(),
        tarn_nn_sigmoid(),
        tarn_nn_tanh(),
        tarn_nn_gelu(),
        tarn_nn_gelu_tanh(),
        tarn_nn_silu(),
        tarn_nn_softplus(),
        tarn_nn_leaky_relu(),
        tarn_nn_elu(),
        tarn_nn_log_sigmoid(),
        tarn_nn_mish(),
        tarn_nn_selu(),
        tarn_nn_softsign(),
        tarn_nn_relu6(),
        tarn_nn_hardsigmoid(),
        tarn_nn_hardswish(),
        tarn_nn_glu(),
        tarn_nn_celu(),
        tarn_nn_prelu(),
        tarn_nn_softmax(),
        tarn_nn_log_softmax(),
        tarn_nn_flatten(),
        tarn_nn_batch_norm2d(4),
        tarn_nn_layer_norm(4),
        tarn_nn_rms_norm(4),
        tarn_nn_group_norm(2, 4),
        tarn_nn_embedding(5, 3),
        tarn_nn_residual(tarn_nn_sequential(tarn_nn_conv2d(4, 4, 1))),
        tarn_nn_concat(TARN_NN_IDENTITY, tarn_nn_relu()),
        tarn_nn_sum(TARN_NN_IDENTITY, tarn_nn_relu()),
        tarn_nn_local_response_norm(3),
    };
    /* What is no node: nothing in evaluation, and what is written as what it holds. */
    static const tarn_module_type *const others[] = {
        &tarn__nn_dropout,   &tarn__nn_dropout2d, &tarn__nn_stochastic_depth,
        &tarn__nn_recompute, &tarn__nn_graph,     &tarn__nn_sequential};
    enum { MODELS = sizeof models / sizeof *models, OTHERS = sizeof others / sizeof *others };
    static const tarn_module_type *const all[] = {
#define TYPE(name) &tarn__nn_##name,
        TARN__LAYERS(TYPE) TARN__LAYERS_EXTRA(TYPE)};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        bool there = false;
        for (int k = 0; k < OTHERS; k++)
            there |= others[k] == all[i] && strstr(page, all[i]->name);
        for (int k = 0; k < MODELS; k++)
            there |= models[k]->type == all[i];
        cr_expect(there, "%s stands neither here nor in docs/exchange.md", all[i]->name);
    }
    for (int i = 0; i < MODELS; i++) {
        const tarn_module_type *type = models[i]->type;
        check_row(page, models[i],
                  type == &tarn__nn_embedding                                ? ids
                  : type == &tarn__nn_linear || type == &tarn__nn_layer_norm ? vector
                  : type == &tarn__nn_flatten                                ? rows
                                                                             : image);
        tarn_nn_free(models[i]);
    }
    cr_expect_eq(count_rows(page), MODELS, "the table has %d rows", count_rows(page));
    unlink("model.onnx");
    rmdir(folder);
    free(page);
}

/* ---- Operators */

/* Takes the next name of an operator, "Conv", from the text; false at its end. */
static bool next_name(const char **text, char name[64])
{
    const char *at = *text;
    while (*at && !isupper((unsigned char)*at))
        at += *at == '(' ? strcspn(at, ")") : 1;
    size_t length = 0;
    while (isalnum((unsigned char)at[length]))
        length++;
    snprintf(name, 64, "%.*s", (int)length, at);
    *text = at + length;
    return length > 0;
}

static bool lists(const char *text, const char *wanted)
{
    char name[64];
    while (next_name(&text, name))
        if (!strcmp(name, wanted))
            return true;
    return false;
}

/* The page's list, and the table by which files are read. */
Test(exchange_page, lists_the_operators_that_are_read)
{
    char *page = text_of(TARN_SOURCE_DIR "/docs/exchange.md"),
         *source = text_of(TARN_SOURCE_DIR "/nn/exchange/import_operators.c"), name[64], entry[80];
    char *list = strstr(page, "\n| with weights |");
    cr_assert(list);
    *strstr(list, "\n\n") = '\0';
    for (const char *at = list; next_name(&at, name);) {
        snprintf(entry, sizeof entry, "(\"%s\"", name);
        const bool short_form = strstr(source, entry);
        entry[0] = '{';
        cr_expect(short_form || strstr(source, entry),
                  "docs/exchange.md lists %s, which is not read", name);
    }
    int count = 0;
    for (const char *at = source; (at = strpbrk(at, "({"));) {
        const char *word = ++at + 1;
        if (*at != '"' || !isupper((unsigned char)*word))
            continue;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "\""), word);
        cr_expect(lists(list, name), "docs/exchange.md does not list %s", name);
        count++;
    }
    cr_assert_gt(count, 60, "found only %d", count);
    free(source);
    free(page);
}
