#include "data/dataset.h"
#include "data/normalize.h"

#include <criterion/criterion.h>

enum { MOST = 7 * 5 * 25 };

/* Mean and deviation of a channel. */
static double mean_of(int c)
{
    return 0.1 * c - 0.3;
}

static double deviation_of(int c)
{
    return 0.7 + 0.3 * c;
}

static void normalize(tarn_dataset *set, int channels)
{
    double mean[25], deviation[25];
    for (int c = 0; c < channels; c++) {
        mean[c] = mean_of(c);
        deviation[c] = deviation_of(c);
    }
    cr_assert(tarn_data_normalize_channels(set, mean, deviation));
}

/* Two samples of so many pixels, as bytes and as the same numbers: element by element what the
   formula says, however many channels there are and whether blocks of them fill the sample. */
static void check(int height, int width, int channels)
{
    const int size = height * width * channels;
    uint8_t bytes[2 * MOST];
    tarn_real numbers[2 * MOST], sample[MOST];
    for (int i = 0; i < 2 * size; i++) {
        bytes[i] = (uint8_t)(i * 37 + channels);
        numbers[i] = (tarn_real)bytes[i] / 255;
    }
    const tarn_shape shape = tarn_shape(2, height, width, channels);
    tarn_dataset *sets[] = {tarn_data_from_bytes(shape, bytes, NULL, 1),
                            tarn_data_from_numbers(shape, numbers, NULL, 1)};
    for (int s = 0; s < 2; s++) {
        normalize(sets[s], channels);
        cr_assert(tarn__dataset_read_normalized(sets[s], 1, sample));
        for (int k = 0; k < size; k++) {
            const int c = k % channels;
            const double value = s == 0 ? bytes[size + k] / 255.0 : (double)numbers[size + k];
            cr_assert_eq(sample[k], (tarn_real)((value - mean_of(c)) / deviation_of(c)),
                         "%d x %d x %d, element %d", height, width, channels, k);
        }
        tarn_dataset_free(sets[s]);
    }
}

Test(normalize, each_channel_by_its_own)
{
    for (int channels = 1; channels <= 6; channels++)
        for (int width = 1; width <= 5; width++)
            check(width == 4 ? 6 : 7, width, channels);
    check(2, 3, 8);
    check(2, 2, 24);
    check(3, 1, 25);
}
