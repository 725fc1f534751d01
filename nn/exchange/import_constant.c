/* The operator Constant: a tensor, or numbers, in the node. */
#include <math.h>
#include <string.h>

#include "nn/exchange/import_internal.h"

bool tarn__import_constant(tarn__importer *c)
{
    tarn__import_value *y = tarn__import_out(c, 0);
    tarn__onnx_tensor *tensor = &c->constants[c->node - c->file.nodes];
    const tarn__bytes message = tarn__import_tensor_of(c, "value");
    enum { MOST = 64 };
    int64_t list[MOST];
    if (!y)
        return true;
    if (message.size > 0) {
        y->constant = tensor;
        const bool parsed = tarn__onnx_parse_tensor(&c->file, message, tensor);
        y->shape = tensor->shape;
        return parsed;
    }
    const int count = tarn__import_ints_of(c, "value_ints", MOST, list);
    const int64_t number = tarn__import_int_of(c, "value_int", TARN__ONNX_ANY_SIZE);
    const double real = tarn__import_float_of(c, "value_float", NAN);
    if (count >= 0 && count <= MOST) {
        tarn__import_whole *whole = tarn__import_make_whole(c, tarn_shape(count));
        if (whole)
            memcpy(whole->numbers, list, (size_t)count * sizeof *list);
        return whole;
    }
    if (number != TARN__ONNX_ANY_SIZE) {
        tarn__import_whole *whole = tarn__import_make_whole(c, tarn_shape());
        if (whole)
            whole->numbers[0] = number;
        return whole;
    }
    if (isnan(real))
        return tarn__import_fail(c, "has no value, expects a tensor, numbers or a number");
    y->number = real;
    y->is_number = true;
    return tarn__import_give(c, tarn__import_hold_number(c, real), tarn_shape(),
                             tarn__import_plain());
}
