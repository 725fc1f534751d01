/*
 * Prints every option of every function that has any (but lists of parameters), with its default:
 * in C, and compiled as C++20, where it must print the same. Then calls every optimizer and most
 * of the others as a program would, options in the order of the lists, as C++ wants them. With one
 * of the names that check.sh gives defined, it holds a mistake that must not compile.
 */
#include <tarn.h>

#include <stdio.h>
#include <string.h>

/* A text as what it says, since its address is another in each program; else the bytes. */
static void show(const char *function, const char *type, const char *option, const void *value,
                 size_t size)
{
    const unsigned char *bytes = (const unsigned char *)value;
    printf("%s .%s", function, option);
    if (!strcmp(type, "const char *")) {
        const char *text = *(const char *const *)value;
        printf(" %s\n", text ? text : "NULL");
        return;
    }
    for (size_t i = 0; i < size; i++)
        printf(" %02x", bytes[i]);
    printf("\n");
}

#define SHOW_OPTION(type, ...) SHOW_NAMED(type, __VA_ARGS__, )
#define SHOW_NAMED(type, name, value, ...)                                                         \
    show(function, #type, #name, &args.name, sizeof args.name);
#define SHOW(which, list)                                                                          \
    {                                                                                              \
        const char *function = #which;                                                             \
        which##_args args = TARN_DEFAULTS(list);                                                   \
        list(SHOW_OPTION)                                                                          \
    }

static void show_all(void)
{
    SHOW(tarn_leaky_relu, TARN_LEAKY_RELU_OPTIONS)
    SHOW(tarn_elu, TARN_ELU_OPTIONS)
    SHOW(tarn_celu, TARN_CELU_OPTIONS)
    SHOW(tarn_reduce, TARN_REDUCE_OPTIONS)
    SHOW(tarn_var, TARN_VAR_OPTIONS)
    SHOW(tarn_var_axes, TARN_VAR_AXES_OPTIONS)
    SHOW(tarn_pad, TARN_PAD_OPTIONS)
    SHOW(tarn_linear, TARN_LINEAR_OPTIONS)
    SHOW(tarn_conv2d, TARN_CONV2D_OPTIONS)
    SHOW(tarn_conv_transpose2d, TARN_CONV_TRANSPOSE2D_OPTIONS)
    SHOW(tarn_max_pool2d, TARN_MAX_POOL2D_OPTIONS)
    SHOW(tarn_avg_pool2d, TARN_AVG_POOL2D_OPTIONS)
    SHOW(tarn_upsample_bilinear2d, TARN_UPSAMPLE_BILINEAR2D_OPTIONS)
    SHOW(tarn_upsample_bicubic2d, TARN_UPSAMPLE_BILINEAR2D_OPTIONS)
    SHOW(tarn_batch_norm2d, TARN_BATCH_NORM2D_OPTIONS)
    SHOW(tarn_layer_norm, TARN_NORM_OPTIONS)
    SHOW(tarn_rms_norm, TARN_RMS_NORM_OPTIONS)
    SHOW(tarn_group_norm, TARN_NORM_OPTIONS)
    SHOW(tarn_cross_entropy, TARN_CROSS_ENTROPY_OPTIONS)
    SHOW(tarn_cross_entropy_soft, TARN_CROSS_ENTROPY_SOFT_OPTIONS)
    SHOW(tarn_binary_cross_entropy, TARN_BINARY_CROSS_ENTROPY_OPTIONS)
    SHOW(tarn_argsort_axis, TARN_ARGSORT_OPTIONS)
    SHOW(tarn_backward, TARN_BACKWARD_OPTIONS)
    SHOW(tarn_nll, TARN_NLL_OPTIONS)
    SHOW(tarn_loss, TARN_REDUCTION_OPTIONS)
    SHOW(tarn_huber, TARN_HUBER_OPTIONS)
    SHOW(tarn_hessian_product, TARN_HESSIAN_PRODUCT_OPTIONS)
    SHOW(tarn_hessian_eigenvalues, TARN_HESSIAN_EIGENVALUES_OPTIONS)
    SHOW(tarn_gradcheck, TARN_GRADCHECK_OPTIONS)
    SHOW(tarn_nn_linear, TARN_NN_LINEAR_OPTIONS)
    SHOW(tarn_nn_conv2d, TARN_NN_CONV2D_OPTIONS)
    SHOW(tarn_nn_conv_transpose2d, TARN_NN_CONV_TRANSPOSE2D_OPTIONS)
    SHOW(tarn_nn_max_pool2d, TARN_MAX_POOL2D_OPTIONS)
    SHOW(tarn_nn_avg_pool2d, TARN_AVG_POOL2D_OPTIONS)
    SHOW(tarn_nn_upsample2d, TARN_NN_UPSAMPLE2D_OPTIONS)
    SHOW(tarn_nn_leaky_relu, TARN_LEAKY_RELU_OPTIONS)
    SHOW(tarn_nn_elu, TARN_ELU_OPTIONS)
    SHOW(tarn_nn_softplus, TARN_NN_SOFTPLUS_OPTIONS)
    SHOW(tarn_nn_prelu, TARN_NN_PRELU_OPTIONS)
    SHOW(tarn_nn_batch_norm2d, TARN_NN_BATCH_NORM2D_OPTIONS)
    SHOW(tarn_nn_layer_norm, TARN_NN_NORM_OPTIONS)
    SHOW(tarn_nn_rms_norm, TARN_NN_RMS_NORM_OPTIONS)
    SHOW(tarn_nn_local_response_norm, TARN_NN_LOCAL_RESPONSE_NORM_OPTIONS)
    SHOW(tarn_nn_pad2d, TARN_NN_PAD2D_OPTIONS)
    SHOW(tarn_nn_residual, TARN_NN_RESIDUAL_OPTIONS)
    SHOW(tarn_optim_sgd, TARN_OPTIM_SGD_OPTIONS)
    SHOW(tarn_optim_adagrad, TARN_OPTIM_ADAGRAD_OPTIONS)
    SHOW(tarn_optim_rmsprop, TARN_OPTIM_RMSPROP_OPTIONS)
    SHOW(tarn_optim_adadelta, TARN_OPTIM_ADADELTA_OPTIONS)
    SHOW(tarn_optim_adam, TARN_OPTIM_ADAM_OPTIONS)
    SHOW(tarn_optim_adamw, TARN_OPTIM_ADAMW_OPTIONS)
    SHOW(tarn_optim_adamax, TARN_OPTIM_ADAMAX_OPTIONS)
    SHOW(tarn_optim_nadam, TARN_OPTIM_NADAM_OPTIONS)
    SHOW(tarn_optim_radam, TARN_OPTIM_RADAM_OPTIONS)
    SHOW(tarn_optim_lion, TARN_OPTIM_LION_OPTIONS)
    SHOW(tarn_optim_muon, TARN_OPTIM_MUON_OPTIONS)
    SHOW(tarn_optim_group, TARN_OPTIM_GROUP_OPTIONS)
    SHOW(tarn_ema, TARN_EMA_OPTIONS)
    SHOW(tarn_schedule_warmup, TARN_SCHEDULE_WARMUP_OPTIONS)
    SHOW(tarn_schedule_linear, TARN_SCHEDULE_LINEAR_OPTIONS)
    SHOW(tarn_schedule_polynomial, TARN_SCHEDULE_POLYNOMIAL_OPTIONS)
    SHOW(tarn_schedule_cosine, TARN_SCHEDULE_COSINE_OPTIONS)
    SHOW(tarn_schedule_cosine_restarts, TARN_SCHEDULE_COSINE_RESTARTS_OPTIONS)
    SHOW(tarn_schedule_one_cycle, TARN_SCHEDULE_ONE_CYCLE_OPTIONS)
    SHOW(tarn_plateau, TARN_PLATEAU_OPTIONS)
    SHOW(tarn_early_stopping, TARN_EARLY_STOPPING_OPTIONS)
    SHOW(tarn_loader, TARN_LOADER_OPTIONS)
    SHOW(tarn_data_show, TARN_DATA_SHOW_OPTIONS)
    SHOW(tarn_cross_entropy_soft, TARN_REDUCTION_OPTIONS)
    SHOW(tarn_map, TARN_BORDER_OPTIONS)
    SHOW(tarn_transform_scale, TARN_BORDER_OPTIONS)
    SHOW(tarn_transform_resized_crop, TARN_TRANSFORM_RESIZED_CROP_OPTIONS)
    SHOW(tarn_transform_crop, TARN_BORDER_OPTIONS)
    SHOW(tarn_transform_elastic, TARN_BORDER_OPTIONS)
    SHOW(tarn_transform_cutout, TARN_TRANSFORM_CUTOUT_OPTIONS)
    SHOW(tarn_transform_erase, TARN_TRANSFORM_ERASE_OPTIONS)
    SHOW(tarn_graph, TARN_GRAPH_OPTIONS)
    SHOW(tarn_checkpoint_keep, TARN_CHECKPOINT_KEEP_OPTIONS)
    SHOW(tarn_nn_export_c, TARN_NN_EXPORT_C_OPTIONS)
    SHOW(tarn_nn_export_onnx, TARN_NN_EXPORT_ONNX_OPTIONS)
    SHOW(tarn_nn_from_onnx, TARN_NN_FROM_ONNX_OPTIONS)
    SHOW(tarn_nn_load_optim, TARN_NN_LOAD_OPTIONS)
    SHOW(tarn_nn_save_optim, TARN_NN_SAVE_OPTIM_OPTIONS)
    SHOW(tarn_nn_describe, TARN_NN_DESCRIPTION_OPTIONS)
    SHOW(tarn_nn_from_file, TARN_NN_LOAD_OPTIONS)
    SHOW(tarn_nn_load_partial, TARN_NN_LOAD_PARTIAL_OPTIONS)
    SHOW(tarn_nn_lsuv, TARN_NN_LSUV_OPTIONS)
    SHOW(tarn_nn_save, TARN_NN_SAVE_OPTIONS)
    SHOW(tarn_nn_load, TARN_NN_LOAD_OPTIONS)
    SHOW(tarn_clip_grad_norm, TARN_CLIP_GRAD_NORM_OPTIONS)
    SHOW(tarn_clip_grad_adaptive, TARN_CLIP_GRAD_ADAPTIVE_OPTIONS)
    SHOW(tarn_schedule_constant, TARN_SCHEDULE_CONSTANT_OPTIONS)
    SHOW(tarn_schedule_one_cycle_momentum, TARN_SCHEDULE_ONE_CYCLE_MOMENTUM_OPTIONS)
    SHOW(tarn_schedule_cyclic, TARN_SCHEDULE_CYCLIC_OPTIONS)
    SHOW(tarn_schedule_wsd, TARN_SCHEDULE_WSD_OPTIONS)
    SHOW(tarn_data_contact_sheet, TARN_DATA_CONTACT_SHEET_OPTIONS)
    SHOW(tarn_pictures, TARN_PICTURES_OPTIONS)
    SHOW(tarn_data_csv, TARN_DATA_CSV_OPTIONS)
    SHOW(tarn_data_cifar100, TARN_DATA_CIFAR100_OPTIONS)
#ifndef TARN_WITHOUT_EXTRAS
    SHOW(tarn_optim_rprop, TARN_OPTIM_RPROP_OPTIONS)
    SHOW(tarn_optim_asgd, TARN_OPTIM_ASGD_OPTIONS)
    SHOW(tarn_optim_lars, TARN_OPTIM_LARS_OPTIONS)
    SHOW(tarn_optim_lamb, TARN_OPTIM_LAMB_OPTIONS)
    SHOW(tarn_optim_adafactor, TARN_OPTIM_ADAFACTOR_OPTIONS)
    SHOW(tarn_optim_schedule_free_sgd, TARN_OPTIM_SCHEDULE_FREE_SGD_OPTIONS)
    SHOW(tarn_optim_schedule_free_adamw, TARN_OPTIM_SCHEDULE_FREE_ADAMW_OPTIONS)
    SHOW(tarn_sam, TARN_SAM_OPTIONS)
    SHOW(tarn_lbfgs, TARN_LBFGS_OPTIONS)
#endif
}

static tarn_module *network(void)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(2, 4, 3, .padding = 1), tarn_nn_relu(), tarn_nn_max_pool2d(2),
        tarn_nn_leaky_relu(), tarn_nn_leaky_relu(.slope = 0), tarn_nn_elu(.alpha = 2),
        tarn_nn_batch_norm2d(4, .affine = false), tarn_nn_group_norm(2, 4),
        tarn_nn_sum(TARN_NN_IDENTITY, tarn_nn_local_response_norm(3, .k = 2)),
        tarn_nn_residual(tarn_nn_sequential(tarn_nn_conv2d(4, 4, 1, .bias = false)), .relu = true),
        tarn_nn_flatten(), tarn_nn_layer_norm(16, .eps = 1e-6), tarn_nn_linear(16, 3));
}

static tarn_tensor *loss_of(tarn_module *model, tarn_tensor *x, tarn_labels labels)
{
    tarn_tensor *y = tarn_nn_forward(model, x);
    tarn_tensor *both = tarn_stack(0, tarn_concat(1, y, y), tarn_concat(1, y, y));
    tarn_tensor *mean = tarn_mean_axes(both, tarn_axes(0, -1), .keepdims = true);
    tarn_tensor *loss = tarn_cross_entropy(y, labels, .label_smoothing = 0.1);
    return tarn_add(loss, tarn_mse(mean, tarn_scale(mean, 2), .reduction = TARN_SUM));
}

/* One step of each optimizer there is. */
static void step(const char *name, tarn_optim *optimizer, const tarn_tensor *w)
{
    tarn_optim_step(optimizer);
    printf("%s %.6f\n", name, (double)tarn_values(w)[0]);
    tarn_optim_free(optimizer);
}

#define STEP(name) step(#name, tarn_optim_##name(tarn_params_of(w), .lr = 0.5), w);

static void step_all(void)
{
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(2, 2), 1), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_backward(tarn_sum(tarn_square(w)));
    tarn_tape_end(tape);
    TARN_OPTIMIZERS(STEP)
    tarn_free(w);
}

int main(void)
{
    show_all();
    step_all();
    tarn_seed(1);
    tarn_module *model = network();
    tarn_tensor *x = tarn_randn(tarn_shape(2, 4, 4, 2));
    tarn_tensor *w = tarn_requires_grad(tarn_zeros(tarn_shape(3)), true);
    const int32_t ids[] = {0, 2};
    tarn_params list = tarn_nn_parameters(model);
    tarn_optim *optimizer = tarn_optim_adam(list, .lr = 1e-3, .beta1 = 0, .weight_decay = 0.1);
    tarn_optim *other = tarn_optim_sgd(tarn_params_of(w), .lr = 0, .momentum = 0.5);
    tarn_optim_group(optimizer, "*.bias", .weight_decay = 0);
    tarn_ema *averages = tarn_ema_new(list, .decay = 0.5);
    tarn_plateau plateau = tarn_plateau(.patience = 2);
    for (int64_t t = 0; t < 3; t++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *loss = loss_of(model, x, tarn_labels(2, ids));
        tarn_optim_zero_grad(optimizer);
        tarn_backward(loss);
        tarn_optim_set_lr(optimizer, 1e-3 * tarn_schedule_cosine(t, 3, .min = 0.1) *
                                         tarn_schedule_multi_step(t, 0.5, 1, 2));
        tarn_optim_step(optimizer);
        tarn_ema_update(averages);
        printf("%.6f %g\n", (double)tarn_item(loss),
               tarn_plateau_update(&plateau, (double)tarn_item(loss)));
        if (t == 2)
            tarn_tape_print(tape, stdout, .params = list);
        tarn_tape_end(tape);
    }
#ifdef FORGOTTEN
    FORGOTTEN;
#endif
    tarn_ema_free(averages);
    tarn_optim_free(other);
    tarn_optim_free(optimizer);
    tarn_free(w);
    tarn_free(x);
    tarn_nn_free(model);
    return 0;
}
