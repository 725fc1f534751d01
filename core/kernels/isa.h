/* The fast kernels are compiled once for each instruction set, with TARN_ISA defined to its name,
   which is appended to the name of every function: ISA(gemm) is tarn__gemm_avx2. */
#ifndef TARN_CORE_KERNELS_ISA_H
#define TARN_CORE_KERNELS_ISA_H

#include "core/kernels/kernels.h"

#define ISA_PASTE(name, isa) tarn__##name##_##isa
#define ISA_EXPAND(name, isa) ISA_PASTE(name, isa)
#define ISA(name) ISA_EXPAND(name, TARN_ISA)

size_t ISA(gemm_workspace)(const tarn__gemm *g);
void ISA(gemm)(const tarn__gemm *g, void *workspace);

size_t ISA(conv2d_forward_workspace)(const tarn__conv2d *s);
size_t ISA(conv2d_backward_workspace)(const tarn__conv2d *s);
void ISA(conv2d_forward)(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                         const tarn_real *bias, tarn_real *y, uint8_t *winners, void *workspace);
void ISA(conv2d_statistics)(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                            const tarn_real *bias, tarn_real *sums, double *distance,
                            double *variance, void *workspace);
void ISA(conv2d_backward)(const tarn__conv2d *s, const tarn__conv2d_gradients *g, void *workspace);

tarn__map_kernel ISA(round), ISA(exp), ISA(log), ISA(tanh), ISA(sigmoid), ISA(elu), ISA(gelu),
    ISA(sine), ISA(cosine);
tarn__times_kernel ISA(times_sigmoid), ISA(times_sigmoid_slope), ISA(times_tanh_slope),
    ISA(times_gelu_slope);
void ISA(power)(int64_t n, const tarn_real *x, tarn_real p, tarn_real *y);
double ISA(sum)(int64_t n, const tarn_real *x, double base);
double ISA(sum_of_squares)(int64_t n, const tarn_real *x, double base);
double ISA(dot)(int64_t n, const tarn_real *a, tarn_real base, const tarn_real *b);
void ISA(add_rows)(int64_t rows, int64_t apart, int64_t width, const tarn_real *x, double *sums);
void ISA(softmax_gradient)(int64_t n, const tarn_real *y, const tarn_real *dy, tarn__target dx);
void ISA(copy_rows)(int64_t rows, int64_t width, const tarn_real *from, int64_t from_row,
                    tarn_real *to, int64_t to_row);
void ISA(resample_rows)(const tarn__tap *taps, int64_t count, int64_t size, const tarn_real *x,
                        double *line);
void ISA(resample_pixels)(const int64_t *start, const tarn__tap *taps, int64_t pixels, int64_t c,
                          const double *line, tarn__target y);
void ISA(dropout)(const tarn__dropout *d, int64_t n, const tarn_real *x, tarn__target y);

size_t ISA(batch_norm_workspace)(const tarn__batch_norm *s);
void ISA(batch_norm_statistics)(const tarn__batch_norm *s, const tarn_real *x, double *distance,
                                double *variance, void *workspace);
void ISA(batch_norm_forward)(const tarn__batch_norm *s, const tarn_real *x, tarn_real *y,
                             void *workspace);
void ISA(batch_norm_gradient_sums)(const tarn__batch_norm *s, const tarn_real *x,
                                   const tarn_real *dy, double *sum, double *product,
                                   void *workspace);
void ISA(batch_norm_input_gradient)(const tarn__batch_norm *s, const tarn__batch_norm_back *back,
                                    const tarn_real *x, const tarn_real *dy, tarn__target dx,
                                    void *workspace);

static inline int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static inline int64_t divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

#endif
