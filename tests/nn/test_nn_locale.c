/* What the library prints is the same whatever setlocale() was told. */
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/nn/nn_test.h"

/* What is printed of data: of a table that is read, of a dataset, and of transforms. */
static void print_data(FILE *stream)
{
    char path[] = "/tmp/tarn-locale-XXXXXX";
    FILE *table = fdopen(mkstemp(path), "w");
    cr_assert(table);
    fputs("0.5,a\n0.75,b\n", table);
    fclose(table);
    tarn_dataset *dataset = tarn_data_csv(path, .label = "1", .header = TARN_HEADER_NO);
    unlink(path);
    cr_assert(dataset, "%s", tarn_error());
    cr_assert(tarn_data_print(dataset, stream));
    tarn_dataset_free(dataset);
    const tarn_transforms list = tarn_transforms_of(tarn_transform_flip(0.25));
    tarn_transforms_print(&list, stream);
}

/* What is printed of a network, a tape, a confusion matrix, data and a mistake. */
static char *print_all(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    tarn_seed(1);
    tarn_module *model =
        tarn_nn_sequential(tarn_nn_linear(2, 3), tarn_nn_leaky_relu(.slope = 0.125),
                           tarn_nn_layer_norm(3, .eps = 0.5), tarn_nn_dropout(0.25));
    cr_assert(tarn_nn_summary(model, tarn_shape(1, 2), stream));
    cr_assert(tarn_nn_export_c(model, tarn_shape(2), stream));

    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(1), 1.5), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(tarn_square(x))));
    cr_assert(tarn_tape_print(tape, stream, .params = tarn_params_of(x)));
    cr_assert(tarn_tape_dot(tape, stream, .values = 4));
    tarn_tape_end(tape);

    tarn_confusion *confusion = tarn_confusion_new(2);
    cr_assert(tarn_confusion_print(confusion, NULL, stream));
    tape = tarn_tape_begin_no_grad();
    const tarn_real logits[] = {0, 1, 1, 0, 0, 1};
    const int32_t ids[] = {1, 1, 1};
    tarn_tensor *guesses = tarn_from_array(tarn_shape(3, 2), logits);
    cr_assert(tarn_confusion_add(confusion, guesses, tarn_labels(3, ids)));
    tarn_tape_end(tape);
    cr_assert(tarn_confusion_print(confusion, NULL, stream));

    print_data(stream);
    record_mistakes();
    tarn_nn_dropout(1.5);
    fputs(tarn_error(), stream);
    tarn_free(guesses);
    tarn_confusion_free(confusion);
    tarn_free(x);
    tarn_nn_free(model);
    fclose(stream);
    return text;
}

/* Makes a locale that writes 0,5, and sets it; false where that cannot be made. */
static bool set_comma(void)
{
    char folder[] = "/tmp/tarn-locale-XXXXXX", command[400];
    cr_assert(mkdtemp(folder));
    snprintf(command, sizeof command,
             "cd %s && printf 'LC_NUMERIC\\ndecimal_point \",\"\\nthousands_sep \"\"\\ngrouping "
             "-1\\nEND LC_NUMERIC\\n' >source && localedef -c -i source ./comma >log 2>&1; "
             "test -d comma",
             folder);
    const bool made = system(command) == 0;
    setenv("LOCPATH", folder, 1);
    const bool set = made && setlocale(LC_NUMERIC, "comma");
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
    return set;
}

Test(locale, changes_nothing)
{
    char *before = print_all(), number[8];
    cr_expect(strstr(before, "Dropout(0.25)"), "%s", before);
    if (!set_comma())
        cr_skip_test("no localedef makes a locale here");
    snprintf(number, sizeof number, "%.1f", 0.5);
    cr_assert_str_eq(number, "0,5");
    char *after = print_all();
    cr_expect_str_eq(after, before);
    cr_expect_eq(tarn_schedule_by_name("exponential:gamma=0.5", 1, 2), 0.5, "%s", tarn_error());
    tarn_tensor *w = tarn_requires_grad(tarn_zeros(tarn_shape(1)), true);
    tarn_optim *adam = tarn_optim_by_name("adam", tarn_params_of(w), "lr=0.25");
    cr_expect_eq(tarn_optim_lr(adam), 0.25, "%s", tarn_error());
    tarn_optim_free(adam);
    tarn_free(w);
    snprintf(number, sizeof number, "%.1f", 0.5);
    cr_expect_str_eq(number, "0,5", "the program's own locale is lost");
    free(before);
    free(after);
}
