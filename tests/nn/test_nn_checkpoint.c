/* A training that was stopped and goes on ends as one that was not, to the bit. */
#include <malloc.h>
#include <unistd.h>

#include "tests/nn/training.h"

static char path[] = "/tmp/tarn-test-checkpoint-XXXXXX";

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

TestSuite(checkpoint, .init = begin, .fini = end);

/* Runs straight through, and stopped after so many steps; with dropout, augmentation, and batches
   that workers prepare. */
static void assert_resumes(const char *optimizer, const char *options, int64_t stop)
{
    training straight, first, second;
    tarn_seed(1);
    training_begin(&straight, optimizer, options);
    training_go_on(&straight, TRAINING_STEPS);
    const uint64_t random = tarn_random_state();

    tarn_seed(1);
    training_begin(&first, optimizer, options);
    training_use_workers(&first, 2);
    training_go_on(&first, stop);
    cr_assert(tarn_checkpoint_save(&first.all, path), "%s", tarn_error());

    tarn_seed(77); /* other first weights, and another generator */
    training_begin(&second, optimizer, options);
    training_use_workers(&second, (int)(stop % 3));
    training_go_on(&second, 1);
    cr_assert(tarn_checkpoint_load(&second.all, path), "%s", tarn_error());
    cr_expect(same_training(&first, &second), "%s %s at %d", optimizer, options, (int)stop);
    training_go_on(&second, TRAINING_STEPS);
    cr_expect(same_training(&straight, &second), "%s %s from %d", optimizer, options, (int)stop);
    cr_expect_eq(tarn_random_state(), random, "%s", optimizer);
    cr_assert_not(same_training(&straight, &first));
    training_end(&straight);
    training_end(&first);
    training_end(&second);
}

Test(checkpoint, every_optimizer_goes_on_to_the_bit)
{
    const tarn_optim_entry *entry;
    for (int i = 0; (entry = tarn_optim_entry_at(i)); i++)
        assert_resumes(entry->name, "", 9); /* in the middle of the second epoch */
    assert_resumes("rmsprop", "momentum=0.9,centered=true,l1=1e-3", 5);
    assert_resumes("adam", "weight_decay=0.1,decoupled=true,bias_correction=false", 11);
    assert_resumes("nadam", "momentum_decay=0.1", 1);
    assert_resumes("muon", "nesterov=false,weight_decay=0.01", 7);
}

Test(checkpoint, wherever_it_was_stopped)
{
    for (int64_t stop = 0; stop < TRAINING_STEPS; stop++)
        assert_resumes("adam", "", stop);
}

/* Numbers that were set, for all and for groups. */
Test(checkpoint, of_numbers_that_were_set)
{
    training straight, first, second;
    training *all[] = {&straight, &first, &second};
    for (int i = 0; i < 3; i++) {
        tarn_seed(1);
        training_begin(all[i], "adam", "");
        tarn_optim_group(all[i]->optimizer, "*.bias", .options = "eps=1e-3");
        if (i == 2)
            break;
        training_go_on(all[i], 4);
        cr_assert(tarn_optim_set(all[i]->optimizer, "beta1", 0.5));
        if (i == 0)
            training_go_on(all[i], TRAINING_STEPS);
        else
            cr_assert(tarn_checkpoint_save(&first.all, path), "%s", tarn_error());
    }
    cr_assert(tarn_checkpoint_load(&second.all, path), "%s", tarn_error());
    cr_assert(tarn_optim_get(second.optimizer, "beta1") == 0.5);
    training_go_on(&second, TRAINING_STEPS);
    cr_assert(same_training(&straight, &second));
    for (int i = 0; i < 3; i++)
        training_end(all[i]);
}

/* A rule that changes numbers beside its arrays must say so: see tarn_optim_rule.numbers. What a
   step changes in the struct itself would be lost. */
Test(checkpoint, of_a_rule_that_keeps_numbers_in_its_struct)
{
    const tarn_optim_entry *entry;
    for (int i = 0; (entry = tarn_optim_entry_at(i)); i++) {
        training t;
        unsigned char before[400];
        tarn_seed(1);
        training_begin(&t, entry->name, "");
        training_go_on(&t, 1);
        tarn_optim_set_lr(t.optimizer, 0.125);
        const unsigned char *now = (const unsigned char *)t.optimizer;
        const size_t size = malloc_usable_size(t.optimizer);
        cr_assert_leq(size, sizeof before);
        memcpy(before, now, size);
        tarn_batch batch;
        cr_assert(tarn_loader_next(t.loader, &batch));
        training_step(&t, &batch);
        tarn_optim_set_lr(t.optimizer, 0.125);
        cr_expect_arr_eq(before, now, size, "%s changes its struct in a step", entry->name);
        training_end(&t);
    }
}

/* While the averages are in the place of the weights, too. */
Test(checkpoint, of_swapped_averages)
{
    training first, second;
    training_begin(&first, "sgd", "");
    training_go_on(&first, 4);
    tarn_ema_swap(first.ema);
    cr_assert(tarn_checkpoint_save(&first.all, path));
    training_begin(&second, "sgd", "");
    cr_assert(tarn_checkpoint_load(&second.all, path), "%s", tarn_error());
    tarn_ema_swap(first.ema);
    tarn_ema_swap(second.ema);
    const uint64_t random = tarn_random_state();
    training_go_on(&first, 8);
    tarn_set_random_state(random);
    training_go_on(&second, 8);
    cr_assert(same_training(&first, &second));
    training_end(&first);
    training_end(&second);
}

/* Several optimizers, of bare tensors, and nothing else. */
Test(checkpoint, of_several_optimizers)
{
    tarn_tensor *w[2], *v[2];
    tarn_optim *a[2], *b[2];
    tarn_module *model = tarn_nn_relu();
    for (int k = 0; k < 2; k++) {
        w[k] = tarn_requires_grad(tarn_full(tarn_shape(3), 1), true);
        v[k] = tarn_requires_grad(tarn_full(tarn_shape(2), 1), true);
        a[k] = tarn_optim_sgd(tarn_params_of(w[k]), .momentum = 0.9);
        b[k] = tarn_optim_adam(tarn_params_of(v[k]), .lr = 0.1);
        const tarn_checkpoint all = {
            .model = model, .optimizer = a[k], .more_optimizers = {NULL, b[k]}};
        tarn_tape *tape = tarn_tape_begin();
        if (k == 0) {
            tarn_backward(tarn_add(tarn_sum(tarn_square(w[k])), tarn_sum(tarn_square(v[k]))));
            tarn_optim_step(a[k]);
            tarn_optim_step(b[k]);
            cr_assert(tarn_checkpoint_save(&all, path), "%s", tarn_error());
        } else {
            cr_assert(tarn_checkpoint_load(&all, path), "%s", tarn_error());
            memcpy(tarn_values(w[1]), tarn_values(w[0]), 3 * sizeof(tarn_real));
            memcpy(tarn_values(v[1]), tarn_values(v[0]), 2 * sizeof(tarn_real));
        }
        tarn_tape_end(tape);
    }
    for (int k = 0; k < 2; k++) {
        tarn_optim_zero_grad(a[k]);
        tarn_optim_zero_grad(b[k]);
        tarn_tape *tape = tarn_tape_begin();
        tarn_backward(tarn_add(tarn_sum(tarn_square(w[k])), tarn_sum(tarn_square(v[k]))));
        tarn_optim_step(a[k]);
        tarn_optim_step(b[k]);
        tarn_tape_end(tape);
    }
    cr_assert_arr_eq(tarn_values(w[0]), tarn_values(w[1]), 3 * sizeof(tarn_real));
    cr_assert_arr_eq(tarn_values(v[0]), tarn_values(v[1]), 2 * sizeof(tarn_real));
    for (int k = 0; k < 2; k++) {
        tarn_optim_free(a[k]);
        tarn_optim_free(b[k]);
        tarn_free(w[k]);
        tarn_free(v[k]);
    }
    tarn_nn_free(model);
}

/* It is a file of the model as well. */
Test(checkpoint, is_a_file_of_the_model)
{
    training t;
    training_begin(&t, "adam", "");
    tarn_nn_describe(t.model, .input = tarn_shape(6, 6, 1), .class_count = 1,
                     .class_names = &(const char *){"a"});
    training_go_on(&t, 3);
    cr_assert(tarn_checkpoint_save(&t.all, path));
    tarn_module *rebuilt = tarn_nn_from_file(path), *loaded = training_model();
    cr_assert(rebuilt, "%s", tarn_error());
    cr_assert(same_bits(rebuilt, t.model));
    cr_assert_str_eq(tarn_nn_info(rebuilt)->class_names[0], "a");
    cr_assert(tarn_nn_load(loaded, path), "%s", tarn_error());
    cr_assert(same_bits(loaded, t.model));
    tarn_nn_free(rebuilt);
    tarn_nn_free(loaded);
    training_end(&t);
}

Test(checkpoint, mistakes)
{
    double number = 0;
    char text[4] = "1234";
    int64_t step = -1;
    tarn_module *model = tarn_nn_relu();
    const tarn_checkpoint_number twice[] = {{"a", &number}, {"a", &number}, {NULL, NULL}},
                                 null[] = {{"a", NULL}, {NULL, NULL}};
    const tarn_checkpoint_text endless[] = {{"t", text, sizeof text}, {NULL, NULL, 0}};
    tarn_checkpoint all = {.model = model, .numbers = twice};
    assert_mistake(tarn_checkpoint_save(NULL, path), "checkpoint_save: the checkpoint is NULL");
    assert_mistake(tarn_checkpoint_save(&all, NULL), "checkpoint_save: the path is NULL");
    assert_mistake(tarn_checkpoint_save(&all, path), "two numbers are called a");
    all.numbers = null;
    assert_mistake(tarn_checkpoint_load(&all, path), "the number a is NULL");
    all = (tarn_checkpoint){.model = model, .texts = endless};
    assert_mistake(tarn_checkpoint_save(&all, path), "the text t is NULL or has no end");
    text[3] = '\0';
    const tarn_checkpoint_text same[] = {{"t", text, 4}, {"t", text, 4}, {NULL, NULL, 0}};
    all.texts = same;
    assert_mistake(tarn_checkpoint_save(&all, path), "two texts are called t");
    all = (tarn_checkpoint){.model = model, .step = &step};
    assert_mistake(tarn_checkpoint_save(&all, path), "step is -1, expects at least 0");
    tarn_nn_free(model);
}

/* Numbers that JSON does not have, and what stands behind a text. */
Test(checkpoint, of_odd_numbers_and_texts)
{
    double numbers[] = {NAN, -INFINITY, -0.0, 1e-310}, read[4] = {0};
    char text[16] = "h\xc3\xa9\n\"", other[16];
    memset(other, 'x', sizeof other - 1);
    other[15] = '\0';
    strcpy(text + 8, "secret");
    tarn_module *model = tarn_nn_relu();
    tarn_checkpoint_number list[] = {{"a", numbers},
                                     {"\"b\"", numbers + 1},
                                     {"c:d", numbers + 2},
                                     {"", numbers + 3},
                                     {NULL, NULL}};
    tarn_checkpoint_text texts[] = {{"t", text, sizeof text}, {NULL, NULL, 0}};
    const tarn_checkpoint all = {.model = model, .numbers = list, .texts = texts};
    cr_assert(tarn_checkpoint_save(&all, path), "%s", tarn_error());
    cr_assert_eq(text[8], '\0');
    for (int i = 0; i < 4; i++)
        list[i].number = read + i;
    texts[0].text = other;
    cr_assert(tarn_checkpoint_load(&all, path), "%s", tarn_error());
    cr_assert_arr_eq(read, numbers, sizeof read);
    cr_assert_arr_eq(other, text, sizeof text);
    list[0].name = "caf\xe9";
    cr_assert_not(tarn_checkpoint_save(&all, path));
    cr_assert(strstr(tarn_error(), "\"number:caf?\" is not UTF-8"), "%s", tarn_error());
    tarn_nn_free(model);
}
