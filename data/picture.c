/* A picture in the form that a dataset asks for, and as it is. */
#include "data/picture.h"

#include <stdlib.h>

#include "core/base/error.h"

bool tarn__form_check(const char *function, const tarn_pictures_args *args)
{
    enum { MOST = 10000 };
    if (args->height < 1 || args->width < 1 || args->height > MOST || args->width > MOST)
        return tarn_fail("%s: pictures of %d x %d pixels, expects 1 to %d", function, args->height,
                         args->width, MOST);
    if (args->channels != 1 && args->channels != 3)
        return tarn_fail("%s: %d channels, expects 1 or 3", function, args->channels);
    if (args->resize != TARN_RESIZE_CROP && args->resize != TARN_RESIZE_STRETCH &&
        args->resize != TARN_RESIZE_PAD)
        return tarn_fail("%s: resize is %d, expects TARN_RESIZE_CROP, TARN_RESIZE_STRETCH or "
                         "TARN_RESIZE_PAD",
                         function, (int)args->resize);
    return args->background <= 0xFFFFFF || tarn_fail("%s: background is 0x%X, expects 0xRRGGBB",
                                                     function, (unsigned)args->background);
}

tarn__form tarn__form_of(const tarn_pictures_args *args)
{
    const uint32_t b = args->background;
    return (tarn__form){args->height,
                        args->width,
                        args->channels,
                        args->resize,
                        {(uint8_t)(b >> 16), (uint8_t)(b >> 8), (uint8_t)b}};
}

bool tarn__picture_elements(const char *path, const tarn__form *form, void *to, bool *is_deep)
{
    tarn__image picture;
    if (!tarn__picture_read(&picture, path, true))
        return false;
    *is_deep = picture.is_deep;
    const bool good = tarn__picture_fit(&picture, form, path, to);
    free(picture.pixels);
    return good;
}

/* Bytes, or what is deep, as numbers from 0 to 1. */
static void to_numbers(const void *elements, bool is_deep, int64_t count, tarn_real *to)
{
    for (int64_t k = 0; k < count; k++)
        to[k] = is_deep ? (tarn_real)(((const uint16_t *)elements)[k] / 65535.0)
                        : (tarn_real)(((const uint8_t *)elements)[k] / 255.0);
}

bool tarn__picture_numbers(const char *path, const tarn__form *form, tarn_real *to)
{
    const int64_t size = (int64_t)form->height * form->width * form->channels;
    uint16_t *elements = malloc((size_t)size * sizeof *elements);
    bool is_deep;
    if (!elements)
        return tarn_set_error("%s: out of memory", path);
    const bool good = tarn__picture_elements(path, form, elements, &is_deep);
    if (good)
        to_numbers(elements, is_deep, size, to);
    free(elements);
    return good;
}

tarn_tensor *tarn_data_picture_with(tarn_pictures_args args)
{
    if (!args.path)
        return tarn_fail("data_picture: the path is NULL");
    if (!tarn__form_check("data_picture", &args))
        return NULL;
    const tarn__form form = tarn__form_of(&args);
    tarn_tensor *picture = tarn_zeros(tarn_shape(1, args.height, args.width, args.channels));
    if (picture && tarn__picture_numbers(args.path, &form, tarn_values(picture)))
        return picture;
    tarn_free(picture);
    return NULL;
}

tarn_tensor *tarn_data_pixels(const char *path)
{
    tarn__image picture;
    if (!path)
        return tarn_fail("data_pixels: the path is NULL");
    if (!tarn__picture_read(&picture, path, true))
        return NULL;
    tarn_tensor *pixels = tarn_zeros(tarn_shape(picture.height, picture.width, picture.channels));
    to_numbers(picture.pixels, picture.is_deep, tarn_size(pixels), tarn_values(pixels));
    free(picture.pixels);
    return pixels;
}
