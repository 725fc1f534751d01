/* NULL for every argument of the interface that is a pointer: a result such as NULL or false,
   perhaps after a report to the handler, and never a signal. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/mistakes.h"

/* At most one report, whatever the result is. */
#define CALL(...)                                                                                  \
    do {                                                                                           \
        record_mistakes();                                                                         \
        cr_expect(true);                                                                           \
        (void)(__VA_ARGS__);                                                                       \
        cr_expect_leq(mistakes(), 1, "%s", #__VA_ARGS__);                                          \
    } while (0)

/* Lists that say they have elements, and have none. */
static const tarn_params none = {.count = 2};
static const tarn_labels no_ids = {.count = 2};

static tarn_tensor *x;
static tarn_module *model;

static void begin(void)
{
    x = tarn_zeros(tarn_shape(2, 3));
    model = tarn_nn_linear(3, 2);
}

static void end(void)
{
    tarn_free(x);
    tarn_nn_free(model);
}

static tarn_tensor *first_input(tarn_tensor *const *inputs, void *context)
{
    (void)context;
    return tarn_neg(inputs[0]);
}

static tarn_tensor *no_loss(void *context)
{
    (void)context;
    return NULL;
}

TestSuite(null, .init = begin, .fini = end);

Test(null, tensors_and_tapes)
{
    CALL(tarn_shape_of(2, NULL));
    CALL(tarn_axes_of(2, NULL));
    CALL(tarn_labels_of(2, NULL));
    CALL(tarn_utf8_length(NULL));
    CALL(tarn_is_utf8(NULL));
    CALL(tarn_progress_begin(NULL));
    CALL(tarn_progress_show(NULL, 1, 1, 0));
    CALL(tarn_progress_end(NULL));
    CALL(tarn_from_array(tarn_shape(2), NULL));
    CALL(tarn_clone(NULL));
    CALL(tarn_free(NULL));
    CALL(tarn_requires_grad(NULL, true));
    CALL(tarn_values(NULL));
    CALL(tarn_gradients(NULL));
    CALL(tarn_zero_grad(NULL));
    CALL(tarn_ndim(NULL));
    CALL(tarn_dim(NULL, 0));
    CALL(tarn_size(NULL));
    CALL(tarn_shape_get(NULL));
    CALL(tarn_item(NULL));
    CALL(tarn_backward(NULL));
    CALL(tarn_tape_end(NULL));
    CALL(tarn_tape_time(NULL, true));
    CALL(tarn_tape_last(NULL));
    CALL(tarn_tape_print(NULL, NULL));
    CALL(tarn_tape_dot(NULL, NULL));
    double two[2] = {0};
    CALL(tarn_hessian_product(NULL, none, NULL, NULL));
    CALL(tarn_hessian_product(no_loss, none, two, two));
    CALL(tarn_hessian_product(no_loss, tarn_params_of(x, NULL), two, two));
    CALL(tarn_hessian_eigenvalues(NULL, none, 1, NULL));
    CALL(tarn_hessian_eigenvalues(no_loss, tarn_params_of(x, NULL), 1, two));
    CALL(tarn_gradcheck(NULL, none));
    CALL(tarn_gradcheck(first_input, none));
    CALL(tarn_gradcheck(first_input, tarn_params_of(x, NULL)));
    CALL(tarn_set_error_handler(NULL, NULL));
    tarn_tape *tape = tarn_tape_begin();
    CALL(tarn_tape_print(tape, NULL));
    CALL(tarn_tape_dot(tape, NULL));
    tarn_tape_end(tape);
}

/* But for those whose tests are UNARY_TESTS or BINARY_TESTS, which look at NULL. */
Test(null, operations)
{
    static const tarn_op op = {"op", NULL};
    tarn_tape *tape = tarn_tape_begin();
    bool add;
    CALL(tarn_leaky_relu(NULL));
    CALL(tarn_elu(NULL));
    CALL(tarn_celu(NULL));
    CALL(tarn_glu(NULL));
    CALL(tarn_detach(NULL));
    CALL(tarn_sign(NULL));
    CALL(tarn_floor(NULL));
    CALL(tarn_ceil(NULL));
    CALL(tarn_round(NULL));
    CALL(tarn_power(NULL, NULL));
    CALL(tarn_power(x, NULL));
    CALL(tarn_gt(NULL, NULL));
    CALL(tarn_gt(x, NULL));
    CALL(tarn_ge(x, NULL));
    CALL(tarn_lt(x, NULL));
    CALL(tarn_le(x, NULL));
    CALL(tarn_eq(x, NULL));
    CALL(tarn_ne(x, NULL));
    CALL(tarn_one_hot(no_ids, 2));
    CALL(tarn_std(NULL));
    CALL(tarn_std_axes(NULL, tarn_axes(0)));
    CALL(tarn_norm(NULL));
    CALL(tarn_norm_axes(NULL, tarn_axes(0)));
    CALL(tarn_prod(NULL));
    CALL(tarn_prod_axis(NULL, 0));
    CALL(tarn_cumsum(NULL, 0));
    CALL(tarn_max_axes(NULL, tarn_axes(0)));
    CALL(tarn_min_axes(NULL, tarn_axes(0)));
    CALL(tarn_logsumexp(NULL));
    CALL(tarn_rms_norm(NULL, NULL));
    CALL(tarn_rms_norm(x, NULL));
    CALL(tarn_argsort_axis(NULL, 0, NULL));
    CALL(tarn_argsort_axis(x, 0, NULL));
    CALL(tarn_index_select(NULL, 0, no_ids));
    CALL(tarn_index_select(x, 0, no_ids));
    CALL(tarn_gather(NULL, 0, no_ids));
    CALL(tarn_gather(x, 0, no_ids));
    CALL(tarn_scatter_add(NULL, 0, no_ids, NULL));
    CALL(tarn_scatter_add(x, 0, no_ids, x));
    CALL(tarn_slice_step(NULL, 0, 0, 1, 1));
    CALL(tarn_flip(NULL, 0));
    CALL(tarn_roll(NULL, 0, 1));
    CALL(tarn_repeat(NULL, 0, 2));
    CALL(tarn_tril(NULL, 0));
    CALL(tarn_triu(NULL, 0));
    CALL(tarn_bernoulli_nll(NULL, NULL));
    CALL(tarn_bernoulli_nll(x, NULL));
    CALL(tarn_sum(NULL));
    CALL(tarn_mean(NULL));
    CALL(tarn_sum_axes(NULL, tarn_axes(0)));
    CALL(tarn_mean_axes(NULL, tarn_axes(0)));
    CALL(tarn_var(NULL));
    CALL(tarn_var_axes(NULL, tarn_axes(0)));
    CALL(tarn_max(NULL));
    CALL(tarn_min(NULL));
    CALL(tarn_flatten(NULL));
    CALL(tarn_global_avg_pool2d(NULL));
    CALL(tarn_softmax(NULL));
    CALL(tarn_log_softmax(NULL));
    CALL(tarn_add_relu(NULL, NULL));
    CALL(tarn_add_relu(x, NULL));
    CALL(tarn_matmul(NULL, NULL));
    CALL(tarn_matmul(x, NULL));
    CALL(tarn_binary_cross_entropy(NULL, NULL));
    CALL(tarn_binary_cross_entropy(x, NULL));
    CALL(tarn_mse(NULL, NULL));
    CALL(tarn_mse(x, NULL));
    CALL(tarn_l1(NULL, NULL));
    CALL(tarn_l1(x, NULL));
    CALL(tarn_huber(NULL, NULL));
    CALL(tarn_huber(x, NULL));
    CALL(tarn_cross_entropy_soft(NULL, NULL));
    CALL(tarn_cross_entropy_soft(x, NULL));
    CALL(tarn_kl_div(NULL, NULL));
    CALL(tarn_kl_div(x, NULL));
    CALL(tarn_where(NULL, NULL, NULL));
    CALL(tarn_where(x, x, NULL));
    CALL(tarn_scale(NULL, 1));
    CALL(tarn_pow(NULL, 1));
    CALL(tarn_clamp(NULL, 0, 1));
    CALL(tarn_dropout(NULL, 0.5));
    CALL(tarn_dropout2d(NULL, 0.5));
    CALL(tarn_sum_axis(NULL, 0));
    CALL(tarn_mean_axis(NULL, 0));
    CALL(tarn_max_axis(NULL, 0));
    CALL(tarn_min_axis(NULL, 0));
    CALL(tarn_argmax_axis(NULL, 0, NULL));
    CALL(tarn_argmax_axis(x, 0, NULL));
    CALL(tarn_argmin_axis(NULL, 0, NULL));
    CALL(tarn_argmin_axis(x, 0, NULL));
    CALL(tarn_reshape(NULL, tarn_shape(1)));
    CALL(tarn_slice(NULL, 0, 0, 1));
    CALL(tarn_permute(NULL, tarn_axes(0)));
    CALL(tarn_transpose(NULL, 0, 1));
    CALL(tarn_concat_of(0, 2, NULL));
    CALL(tarn_concat(0, x, NULL));
    CALL(tarn_stack_of(0, 2, NULL));
    CALL(tarn_stack(0, x, NULL));
    CALL(tarn_pad(NULL, tarn_shape(1), tarn_shape(1)));
    CALL(tarn_gather_rows(NULL, no_ids));
    CALL(tarn_gather_rows(x, no_ids));
    CALL(tarn_linear(NULL, NULL, NULL));
    CALL(tarn_linear(x, NULL, NULL));
    CALL(tarn_conv2d(NULL, NULL, NULL));
    CALL(tarn_conv2d(x, NULL, NULL));
    CALL(tarn_conv_transpose2d(NULL, NULL, NULL));
    CALL(tarn_max_pool2d(NULL, 2));
    CALL(tarn_avg_pool2d(NULL, 2));
    CALL(tarn_pixel_shuffle(NULL, 1));
    CALL(tarn_pixel_unshuffle(NULL, 1));
    CALL(tarn_adaptive_avg_pool2d(NULL, 1, 1));
    CALL(tarn_adaptive_max_pool2d(NULL, 1, 1));
    CALL(tarn_global_max_pool2d(NULL));
    CALL(tarn_upsample_nearest2d(NULL, 1, 1));
    CALL(tarn_upsample_bilinear2d(NULL, 1, 1));
    CALL(tarn_upsample_bicubic2d(NULL, 1, 1));
    tarn_batch_norm_together(NULL, NULL);
    CALL(tarn_batch_norm2d(NULL, NULL, NULL, NULL, NULL));
    CALL(tarn_batch_norm2d(x, x, x, x, NULL));
    CALL(tarn_layer_norm(NULL, NULL, NULL));
    CALL(tarn_layer_norm(x, x, NULL));
    CALL(tarn_group_norm(NULL, 1, NULL, NULL));
    CALL(tarn_group_norm(x, 1, x, NULL));
    CALL(tarn_cross_entropy(NULL, no_ids));
    CALL(tarn_cross_entropy(x, no_ids));
    CALL(tarn_nll(NULL, no_ids));
    CALL(tarn_nll(x, no_ids));
    CALL(tarn_op_result_of(NULL, tarn_shape(2), 2, NULL));
    CALL(tarn_op_result_of(&op, tarn_shape(2), 2, NULL));
    CALL(tarn_op_save(NULL, 1));
    CALL(tarn_op_operations(NULL, 1));
    CALL(tarn_op_gradient(NULL));
    CALL(tarn_op_gradient_to_write(NULL, &add));
    CALL(tarn_op_gradient_to_write(x, NULL));
    tarn_tape_end(tape);
}

Test(null, layers_and_metrics)
{
    static const tarn_module_type type = {.name = "Type"};
    tarn_running_mean mean = {0};
    CALL(tarn_init_constant(NULL, 1));
    CALL(tarn_init_normal(NULL, 1));
    CALL(tarn_init_uniform(NULL, 1));
    CALL(tarn_init_kaiming_normal(NULL, 1));
    CALL(tarn_init_kaiming_uniform(NULL, 1));
    CALL(tarn_init_xavier_normal(NULL, 1));
    CALL(tarn_init_xavier_uniform(NULL, 1));
    CALL(tarn_init_orthogonal(NULL, 1));
    CALL(tarn_nn_init(NULL, NULL, NULL, 1));
    CALL(tarn_nn_init(model, NULL, NULL, 1));
    CALL(tarn_nn_init(model, "*", NULL, 1));
    CALL(tarn_nn_new(NULL, sizeof(tarn_module)));
    CALL(tarn_nn_new(&type, sizeof(tarn_module)));
    CALL(tarn_nn_add_parameter(NULL, NULL, NULL));
    CALL(tarn_nn_add_parameter(model, NULL, NULL));
    CALL(tarn_nn_add_parameter(model, NULL, tarn_zeros(tarn_shape(1))));
    CALL(tarn_nn_add_buffer(NULL, NULL, NULL));
    CALL(tarn_nn_add_buffer(model, NULL, tarn_zeros(tarn_shape(1))));
    CALL(tarn_nn_add_child(NULL, NULL, NULL));
    CALL(tarn_nn_add_child(model, NULL, tarn_nn_relu()));
    CALL(tarn_nn_at(NULL, NULL));
    CALL(tarn_nn_at(model, NULL));
    CALL(tarn_nn_child(NULL, 0));
    CALL(tarn_nn_residual(NULL));
    CALL(tarn_nn_recompute(NULL));
    CALL(tarn_nn_sequential_of(2, NULL));
    CALL(tarn_nn_sequential(tarn_nn_relu(), NULL));
    CALL(tarn_nn_concat_of(1, NULL));
    CALL(tarn_nn_sum_of(1, NULL));
    CALL(tarn_nn_concat(tarn_nn_relu(), NULL));
    CALL(tarn_nn_sum(NULL, tarn_nn_relu()));
    CALL(tarn_nn_forward(NULL, NULL));
    CALL(tarn_nn_forward(model, NULL));
    CALL(tarn_nn_train(NULL, true));
    CALL(tarn_nn_parameters(NULL));
    CALL(tarn_nn_tensors(NULL));
    CALL(tarn_nn_recalibrate(NULL, NULL, 0));
    CALL(tarn_init_truncated_normal(NULL, 1));
    CALL(tarn_init_kaiming_normal_out(NULL, 1));
    CALL(tarn_init_kaiming_uniform_out(NULL, 1));
    CALL(tarn_init_gain(NULL, 0));
    CALL(tarn_init_dirac(NULL, 1));
    CALL(tarn_nn_lsuv(NULL, NULL));
    CALL(tarn_nn_lsuv(model, NULL));
    CALL(tarn_nn_recalibrate(model, NULL, 0));
    CALL(tarn_nn_parameter_count(NULL));
    CALL(tarn_nn_summary(NULL, tarn_shape(1, 3), NULL));
    CALL(tarn_nn_summary(model, tarn_shape(1, 3), NULL));
    CALL(tarn_nn_save(NULL, NULL));
    CALL(tarn_nn_save(model, NULL));
    CALL(tarn_nn_can_save(NULL));
    CALL(tarn_checkpoint_save(NULL, "/nowhere"));
    CALL(tarn_checkpoint_save(&(tarn_checkpoint){.model = model}, NULL));
    CALL(tarn_checkpoint_save(&(tarn_checkpoint){.model = NULL}, "/nowhere"));
    CALL(tarn_checkpoint_load(NULL, "/nowhere"));
    CALL(tarn_checkpoint_load(&(tarn_checkpoint){.model = model}, NULL));
    CALL(tarn_checkpoint_keep(NULL, "/nowhere", 1));
    CALL(tarn_checkpoint_keep(&(tarn_checkpoint){.model = model}, NULL, 1));
    CALL(tarn_checkpoint_load_last(NULL, NULL));
    CALL(tarn_nn_from_file(NULL));
    CALL(tarn_nn_inspect(NULL, NULL));
    CALL(tarn_nn_inspect("/nowhere", NULL));
    CALL(tarn_npy_load(NULL));
    CALL(tarn_npy_save(NULL, NULL));
    CALL(tarn_npy_save(NULL, "/nowhere/x"));
    CALL(tarn_npz_load(NULL));
    CALL(tarn_npz_save((tarn_params){.count = -1}, NULL));
    CALL(tarn_npz_list(NULL));
    CALL(tarn_npz_get(NULL, NULL));
    CALL(tarn_npz_free(NULL));
    CALL(tarn_nn_load_optim(NULL, NULL, NULL));
    CALL(tarn_nn_load_optim(NULL, model, "/nowhere"));
    CALL(tarn_nn_save_optim(NULL, NULL, NULL));
    CALL(tarn_nn_save_optim(NULL, model, "/nowhere"));
    CALL(tarn_nn_load_partial(NULL, "/nowhere"));
    CALL(tarn_nn_load_partial(model, NULL));
    CALL(tarn_nn_load_partial(model, "/nowhere", .from = NULL));
    CALL(tarn_nn_freeze(NULL, true));
    CALL(tarn_nn_describe(NULL));
    CALL(tarn_nn_describe(model, .class_count = 2));
    CALL(tarn_nn_describe(model, .channels = 1));
    CALL(tarn_nn_info(NULL));
    CALL(tarn_nn_register(NULL));
    CALL(tarn_nn_export_c(NULL, tarn_shape(3), NULL));
    CALL(tarn_nn_export_c(model, tarn_shape(3), NULL));
    CALL(tarn_nn_export_c(model, tarn_shape(3), stdout, .name = NULL));
    CALL(tarn_nn_from_onnx(NULL));
    CALL(tarn_nn_export_onnx(NULL, tarn_shape(3), NULL));
    CALL(tarn_onnx_node(NULL, NULL, NULL, 2, NULL));
    CALL(tarn_onnx_float(NULL, NULL, 1));
    CALL(tarn_onnx_int(NULL, NULL, 1));
    CALL(tarn_onnx_ints(NULL, NULL, 2, NULL));
    CALL(tarn_onnx_text(NULL, NULL, NULL));
    CALL(tarn_onnx_tensor(NULL, NULL, tarn_shape(2), NULL));
    CALL(tarn_onnx_tensor_of_ints(NULL, NULL, 2, NULL));
    CALL(tarn_nn_export_onnx(model, tarn_shape(3), NULL));
    CALL(tarn_nn_export_onnx(model, tarn_shape(3), "/nowhere/x", .input_name = NULL));
    CALL(tarn_nn_describe_numbers(NULL, NULL, 0));
    CALL(tarn_nn_describe_numbers(model, NULL, 3));
    CALL(tarn_nn_load(NULL, NULL));
    CALL(tarn_nn_load(model, NULL));
    CALL(tarn_nn_free(NULL));
    CALL(tarn_count_correct(NULL, no_ids));
    CALL(tarn_count_correct(x, no_ids));
    CALL(tarn_count_top_k(NULL, no_ids, 1));
    CALL(tarn_count_top_k(x, no_ids, 1));
    CALL(tarn_accuracy(NULL, no_ids));
    CALL(tarn_accuracy(x, no_ids));
    CALL(tarn_running_mean_add(NULL, 1, 1));
    CALL(tarn_running_mean_get(NULL));
    CALL(tarn_running_mean_get(&mean));
    CALL(tarn_confusion_add(NULL, NULL, no_ids));
    CALL(tarn_confusion_count(NULL, 0, 0));
    CALL(tarn_confusion_accuracy(NULL));
    CALL(tarn_confusion_recall(NULL, 0));
    CALL(tarn_confusion_precision(NULL, 0));
    CALL(tarn_confusion_print(NULL, NULL, NULL));
    CALL(tarn_confusion_clear(NULL));
    CALL(tarn_confusion_free(NULL));
    tarn_confusion *confusion = tarn_confusion_new(3);
    CALL(tarn_confusion_add(confusion, NULL, no_ids));
    CALL(tarn_confusion_add(confusion, x, no_ids));
    CALL(tarn_confusion_print(confusion, NULL, NULL));
    tarn_confusion_free(confusion);
}

Test(null, optimizers_and_schedules)
{
    static const tarn_optim_rule rule = {.name = "rule"};
    CALL(tarn_optim_sgd(none));
    CALL(tarn_optim_adagrad(none));
    CALL(tarn_optim_rmsprop(none));
    CALL(tarn_optim_adadelta(none));
    CALL(tarn_optim_adam(none));
    CALL(tarn_optim_adamw(none));
    CALL(tarn_optim_adamax(none));
    CALL(tarn_optim_nadam(none));
    CALL(tarn_optim_radam(none));
    CALL(tarn_optim_lion(none));
    CALL(tarn_optim_muon(none));
    CALL(tarn_optim_new(NULL, sizeof(tarn_optim), 0, (tarn_optim_common){.params = none}));
    CALL(tarn_optim_check(NULL, NULL));
    CALL(tarn_optim_check(&rule, NULL));
    CALL(tarn_fail_null(NULL));
    CALL(tarn_optim_entry_of(NULL));
    CALL(tarn_optim_by_name(NULL, none, NULL));
    CALL(tarn_optim_by_name("sgd", none, NULL));
    CALL(tarn_optim_zero_grad(NULL));
    CALL(tarn_optim_step(NULL));
    CALL(tarn_optim_set_lr(NULL, 1));
    CALL(tarn_optim_lr(NULL));
    CALL(tarn_optim_state_bytes(NULL));
    CALL(tarn_optim_group(NULL, NULL));
    CALL(tarn_optim_group_of(NULL, none));
    CALL(tarn_optim_add(NULL, none));
    CALL(tarn_optim_set(NULL, NULL, 1));
    CALL(tarn_optim_get(NULL, NULL));
    CALL(tarn_optim_watch(NULL, NULL, NULL));
    tarn_optim_histogram histogram = {0};
    CALL(tarn_optim_count(NULL, 1));
    CALL(tarn_optim_count_updates(NULL, NULL));
    CALL(tarn_optim_count_updates(&histogram, NULL));
    CALL(tarn_optim_count_rates(NULL, NULL));
    CALL(tarn_optim_count_rates(&histogram, NULL));
    CALL(tarn_optim_quantile(NULL, 0.5));
    CALL(tarn_optim_free(NULL));
    CALL(tarn_clip_grad_norm(none, 1));
    CALL(tarn_clip_grad_value(none, 1));
    CALL(tarn_clip_grad_adaptive(none, 1));
    CALL(tarn_swa_new(none));
    CALL(tarn_ema_put(NULL));
#ifndef TARN_WITHOUT_EXTRAS
    CALL(tarn_optim_rprop(none));
    CALL(tarn_optim_asgd(none));
    CALL(tarn_optim_lars(none));
    CALL(tarn_optim_lamb(none));
    CALL(tarn_optim_adafactor(none));
    CALL(tarn_optim_schedule_free_sgd(none));
    CALL(tarn_optim_schedule_free_adamw(none));
    CALL(tarn_optim_swap(NULL));
    CALL(tarn_sam_new(none));
    CALL(tarn_sam_climb(NULL));
    CALL(tarn_sam_return(NULL));
    CALL(tarn_sam_free(NULL));
    CALL(tarn_lbfgs_new(none));
    CALL(tarn_lbfgs_step(NULL, NULL, NULL));
    CALL(tarn_lbfgs_free(NULL));
#endif
    CALL(tarn_ema_new(none));
    CALL(tarn_ema_update(NULL));
    CALL(tarn_ema_swap(NULL));
    CALL(tarn_ema_free(NULL));
    CALL(tarn_schedule_by_name(NULL, 1, 1));
    CALL(tarn_optim_entry_of(NULL));
    CALL(tarn_optim_by_name(NULL, (tarn_params){0}, NULL));
    CALL(tarn_plateau_update(NULL, 1));
    CALL(tarn_early_stopping_update(NULL, 1));
    CALL(tarn_schedule_multi_step_of(1, 0.1, 2, NULL));
    tarn_optim *optimizer = tarn_optim_sgd(tarn_nn_parameters(model));
    CALL(tarn_optim_group(optimizer, NULL));
    CALL(tarn_optim_group_of(optimizer, none));
    CALL(tarn_optim_watch(optimizer, NULL, NULL));
    tarn_optim_free(optimizer);
}

Test(null, data)
{
    const uint8_t bytes[2] = {0};
    tarn_batch batch;
    CALL(tarn_data_mnist(NULL, TARN_TRAIN));
    CALL(tarn_data_samples(NULL, TARN_TRAIN));
    CALL(tarn_data_idx(NULL, NULL, 10));
    CALL(tarn_data_cifar10(NULL, TARN_TRAIN));
    CALL(tarn_data_cifar100(NULL, TARN_TRAIN));
    CALL(tarn_data_contact_sheet(NULL, NULL));
    CALL(tarn_data_csv(NULL));
    CALL(tarn_data_folder(NULL, 2, 2));
    CALL(tarn_data_list(NULL, 2, 2));
    CALL(tarn_data_picture(NULL, 2, 2));
    CALL(tarn_data_pixels(NULL));
    CALL(tarn_data_skipped(NULL));
    CALL(tarn_data_path(NULL, 0));
    CALL(tarn_data_sheet(NULL, NULL, 28, 28, 10));
    CALL(tarn_data_from_bytes(tarn_shape(2, 1), NULL, NULL, 10));
    CALL(tarn_dataset_free(tarn_data_from_bytes(tarn_shape(2, 1), bytes, NULL, 10)));
    CALL(tarn_data_from_numbers(tarn_shape(2, 1), NULL, NULL, 10));
    double number;
    tarn_dataset *part, *rest;
    CALL(tarn_data_normalize(NULL, 0, 1));
    CALL(tarn_data_normalize_channels(NULL, NULL, NULL));
    CALL(tarn_data_normalization(NULL, NULL, NULL));
    CALL(tarn_data_statistics(NULL, &number, NULL));
    CALL(tarn_data_label(NULL, 0));
    CALL(tarn_data_count_of(NULL, 0));
    CALL(tarn_data_class_names(NULL));
    CALL(tarn_data_set_class_names(NULL, NULL));
    CALL(tarn_data_set_targets(NULL, tarn_shape(), NULL));
    CALL(tarn_data_target_shape(NULL));
    CALL(tarn_data_print(NULL, NULL));
    CALL(tarn_data_subset(NULL, NULL, 1));
    CALL(tarn_data_split(NULL, 0.5, 1, NULL, NULL));
    CALL(tarn_data_split(NULL, 0.5, 1, &part, &rest));
    CALL(tarn_data_concat(NULL));
    CALL(tarn_data_concat_of(1, NULL));
    CALL(tarn_data_count(NULL));
    CALL(tarn_data_classes(NULL));
    CALL(tarn_data_sample_shape(NULL));
    CALL(tarn_dataset_free(NULL));
    CALL(tarn_loader_new(NULL, 1));
    CALL(tarn_loader_next(NULL, NULL));
    CALL(tarn_loader_next(NULL, &batch));
    CALL(tarn_loader_batches(NULL));
    CALL(tarn_loader_options(NULL));
    CALL(tarn_loader_skipped(NULL, NULL));
    CALL(tarn_loader_failed(NULL));
    CALL(tarn_loader_tell(NULL));
    CALL(tarn_loader_seek(NULL, (tarn_loader_position){0, 0}));
    CALL(tarn_loader_free(NULL));
    const int32_t labels[2] = {0};
    tarn_dataset *dataset = tarn_data_from_bytes(tarn_shape(2, 1), bytes, labels, 10);
    CALL(tarn_data_show(NULL, (tarn_transforms){.count = 0}, "nowhere/a.png"));
    CALL(tarn_data_show(dataset, (tarn_transforms){.count = 0}, NULL));
    tarn_loader *loader = tarn_loader_new(dataset, 1);
    cr_assert(loader);
    CALL(tarn_loader_next(loader, NULL));
    tarn_transforms list = tarn_transforms_of(tarn_transform_flip(1));
    CALL(tarn_transforms_list(2, NULL).count);
    CALL(tarn_transforms_print(NULL, NULL));
    CALL(tarn_transforms_print(&list, NULL));
    CALL(tarn_transforms_apply(NULL, NULL, 1));
    CALL(tarn_transforms_apply(&list, NULL, 1));
    CALL(tarn_sample_uniform(NULL, 0, 1));
    CALL(tarn_sample_swap(NULL));
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

/* ---- That no function is left out */

static char *text_of(const char *path)
{
    char name[1024];
    snprintf(name, sizeof name, "%s/%s", TARN_SOURCE_DIR, path);
    FILE *stream = fopen(name, "r");
    cr_assert(stream, "%s", name);
    char *text = calloc(1, 1 << 18);
    cr_assert(text && fread(text, 1, (1 << 18) - 1, stream) > 0 && feof(stream), "%s", name);
    fclose(stream);
    return text;
}

/* Whether a declaration, from its first to its last character, is that of a function that takes a
   pointer, or a struct of arguments if these count. Then name is how a test calls it: conv2d_with
   as conv2d. Those that print are left out: the compiler checks formats. */
static bool takes_pointer(const char *from, const char *to, bool structs, char name[64])
{
    const char *open = memchr(from, '(', (size_t)(to - from));
    if (!open || strncmp(from, "typedef", 7) == 0)
        return false;
    char arguments[1024];
    snprintf(arguments, sizeof arguments, "%.*s", (int)(to - open), open);
    if (strstr(arguments, "*format") ||
        !(strchr(arguments, '*') || strstr(arguments, "tarn_params ") ||
          (strstr(arguments, "_args ") && structs)))
        return false;
    const char *start = open;
    while (isalnum((unsigned char)start[-1]) || start[-1] == '_')
        start--;
    if (strncmp(start, "tarn_", 5) != 0 || start[5] == '_')
        return false;
    int length = (int)(open - start);
    if (length > 5 && strncmp(open - 5, "_with", 5) == 0)
        length -= 5;
    snprintf(name, 64, "%.*s(", length, start);
    return true;
}

/* Whether it is an operation whose own tests give it NULL for everything. */
static bool is_asked_elsewhere(const char *name)
{
    char path[1024], line[256];
    const int length = (int)strlen(name) - 1; /* but for the parenthesis */
    snprintf(path, sizeof path, "%s/tests/core/test_%.*s.c", TARN_SOURCE_DIR, length - 5, name + 5);
    FILE *stream = fopen(path, "r");
    bool found = false;
    while (stream && !found && fgets(line, sizeof line, stream))
        found = strncmp(line, "UNARY_TESTS(", 12) == 0 || strncmp(line, "BINARY_TESTS(", 13) == 0;
    if (stream)
        fclose(stream);
    return found;
}

/* How many functions of the header take pointers; each must stand in the tests. */
static int check_header(const char *path, const char *tests)
{
    char *header = text_of(path), name[64];
    int count = 0;
    /* Those of layers, schedules and transforms hold numbers alone. */
    const bool structs = strcmp(path, "nn/nn.h") != 0 && strcmp(path, "nn/extras.h") != 0 &&
                         strcmp(path, "optim/schedule.h") != 0 &&
                         strcmp(path, "data/transform.h") != 0;
    for (char *line = header; (line = strchr(line, '\n')); line++)
        if (islower((unsigned char)line[1]) && /* not TARN_API_BEGIN */
            takes_pointer(line + 1, line + 1 + strcspn(line + 1, ";{"), structs, name)) {
            cr_expect(strstr(tests, name) || is_asked_elsewhere(name),
                      "%s: %s) is not called with NULL", path, name);
            count++;
        }
    free(header);
    return count;
}

/* Of tarn.h's headers, and of those that data/data.h and optim/optim.h include. */
Test(null, every_function_is_called)
{
    char *tests = text_of("tests/core/test_null.c"), *all = text_of("tarn.h");
    int count = check_header("data/formats.h", tests) + check_header("optim/clip.h", tests) +
                check_header("optim/ema.h", tests) + check_header("optim/rules.h", tests);
    for (const char *at = all; (at = strstr(at, "#include \""));) {
        char path[64];
        at += strlen("#include \"");
        snprintf(path, sizeof path, "%.*s", (int)strcspn(at, "\""), at);
        count += check_header(path, tests);
    }
    free(all);
    free(tests);
    cr_assert_geq(count, 150, "found only %d functions", count);
}
