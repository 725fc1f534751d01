#include "nn/exchange/form.h"

#include <string.h>

#include "core/base/error.h"

#ifdef TARN_DOUBLE
static const tarn__dtype real_type = TARN__F64;
#define REAL_NAME "double"
#else
static const tarn__dtype real_type = TARN__F32;
#define REAL_NAME "float"
#endif

tarn_shape tarn__slot_file_shape(const tarn__slot *slot)
{
    return slot->form ? slot->form->shape : slot->shape;
}

/* Where the file's next element stands in memory; counts up the index of its present one. */
static int64_t next(const tarn__form *form, int64_t index[TARN__FORM_NDIM], int64_t place)
{
    for (int d = TARN__FORM_NDIM - 1; d >= 0; d--) {
        place += form->stride[d];
        if (++index[d] < form->dim[d])
            break;
        place -= form->dim[d] * form->stride[d];
        index[d] = 0;
    }
    return place;
}

void tarn__slot_gather(const tarn__slot *slot, tarn_real *to)
{
    const tarn_real *from = slot->data;
    const int64_t size = tarn_shape_size(slot->shape);
    int64_t index[TARN__FORM_NDIM] = {0}, place = 0;
    for (int64_t i = 0; i < size; i++) {
        to[i] = from[place];
        place = slot->form ? next(slot->form, index, place) : i + 1;
    }
}

void tarn__slot_scatter(const tarn__slot *slot, tarn__dtype type, const void *from)
{
    tarn_real *to = slot->data;
    const int64_t size = tarn_shape_size(slot->shape);
    const size_t bytes = tarn__dtype_bytes(type);
    int64_t index[TARN__FORM_NDIM] = {0}, place = 0;
    if (!slot->form && type == real_type) {
        memcpy(to, from, (size_t)size * bytes);
        return;
    }
    for (int64_t i = 0; i < size; i++) {
        tarn__dtype_to_real(type, (const char *)from + (size_t)i * bytes, &to[place]);
        place = slot->form ? next(slot->form, index, place) : i + 1;
    }
}

bool tarn__slot_can_take(const char *path, const tarn__slot *slot, tarn__dtype type,
                         const void *from)
{
    const int64_t size = type == real_type ? 0 : tarn_shape_size(slot->shape);
    const size_t bytes = tarn__dtype_bytes(type);
    for (int64_t i = 0; i < size; i++) {
        const char *at = (const char *)from + (size_t)i * bytes;
        tarn_real value;
        if (!tarn__dtype_to_real(type, at, &value))
            return tarn_set_error("%s: tensor %s holds %s, which " REAL_NAME " cannot hold", path,
                                  slot->name, tarn__dtype_to_text(type, at).text);
    }
    return true;
}
