#include "nn/exchange/onnx_tensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/error.h"
#include "data/input.h"
#include "nn/exchange/onnx_numbers.h"

tarn__dtype tarn__onnx_dtype(int type)
{
    static const tarn__dtype types[] = {
        TARN__NO_DTYPE, TARN__F32, TARN__U8, TARN__I8,   TARN__U16, TARN__I16,
        TARN__I32,      TARN__I64, 0,        TARN__BOOL, TARN__F16, TARN__F64,
        TARN__U32,      TARN__U64, 0,        0,          TARN__BF16};
    enum { COUNT = sizeof types / sizeof *types, TEXTS = 8, COMPLEX = 14, COMPLEX_DOUBLE };
    const bool known =
        type > 0 && type < COUNT && type != TEXTS && type != COMPLEX && type != COMPLEX_DOUBLE;
    return known ? types[type] : TARN__NO_DTYPE;
}

static bool fail(const tarn__onnx_file *f, const tarn__onnx_tensor *t, const char *what)
{
    return tarn_set_error("%s: tensor \"%s\" %s", f->path, tarn__onnx_quote(t->name).text, what);
}

/* ---- In another file */

typedef struct place {
    char file[256];
    uint64_t offset, length;
    bool has_length;
} place;

/* Digits alone. */
static bool read_number(tarn__bytes text, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || *number > UINT64_MAX / 20)
            return false;
        *number = 10 * *number + (uint64_t)(text.at[i] - '0');
    }
    return text.size > 0;
}

/* A key and its value: location, offset, length; others do not matter for reading. */
static bool read_entry(tarn__bytes message, place *p)
{
    tarn__fields fields = tarn__fields_of(message);
    tarn__field x;
    tarn__bytes key = {.size = 0}, value = {.size = 0};
    while (tarn__next_field(&fields, &x)) {
        key = x.number == ENTRY_KEY ? x.bytes : key;
        value = x.number == ENTRY_VALUE ? x.bytes : value;
    }
    if (tarn__bytes_are(key, "location") && value.size > 0 && value.size < sizeof p->file) {
        memcpy(p->file, value.at, value.size);
        p->file[value.size] = '\0';
        return strlen(p->file) == value.size;
    }
    if (tarn__bytes_are(key, "offset"))
        return read_number(value, &p->offset);
    if (tarn__bytes_are(key, "length"))
        return p->has_length = read_number(value, &p->length);
    return !tarn__bytes_are(key, "location") && !*fields.broken;
}

/* Files lie beside the model, and nowhere else: no folder, and no link to another place. */
static bool is_beside(const char *file)
{
    return *file && !strchr(file, '/') && strcmp(file, ".") != 0 && strcmp(file, "..") != 0;
}

static bool is_link(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

/* Many small tensors must not make one large file a very large model: each byte is read twice at
   most. */
static bool take(tarn__onnx_file *f, const tarn__onnx_tensor *t, const char *name, int64_t size,
                 int64_t bytes)
{
    enum { MOST_FILES = 512 };
    int i = 0;
    while (i < f->beside_count && strcmp(f->beside[i].name, name) != 0)
        i++;
    if (i == MOST_FILES)
        return fail(f, t, "is in one more file, of too many");
    if (i == f->beside_count) {
        tarn__onnx_beside *larger = realloc(f->beside, ((size_t)i + 1) * sizeof *larger);
        if (!larger)
            return fail(f, t, "does not fit into memory");
        f->beside = larger;
        larger[f->beside_count++].taken = 0;
        strcpy(larger[i].name, name);
    }
    if (f->beside[i].taken > 2 * size - bytes)
        return fail(f, t, "has numbers in another file that too many others have as well");
    f->beside[i].taken += bytes;
    f->external += bytes;
    return true;
}

/* Reads so many bytes. */
static bool read_place(tarn__onnx_file *f, const tarn__onnx_tensor *t, const place *p,
                       const char *path, uint8_t *to, size_t bytes)
{
    tarn__input input;
    if (!tarn__input_open(&input, path))
        return false;
    bool read = false;
    if (p->offset > (uint64_t)input.size || bytes > (uint64_t)input.size - p->offset)
        fail(f, t, "has its numbers behind the end of the file that it names");
    else
        read = tarn__input_read(&input, (int64_t)p->offset, to, (int64_t)bytes);
    tarn__input_close(&input);
    return read;
}

/* The path of a file in the model's folder, which the caller frees. */
static char *path_beside(const tarn__onnx_file *f, const char *file)
{
    const char *slash = strrchr(f->path, '/');
    const size_t folder = slash ? (size_t)(slash + 1 - f->path) : 0;
    char *path = malloc(folder + strlen(file) + 1);
    if (!path) {
        tarn_set_error("%s: out of memory for the path of another file", f->path);
        return NULL;
    }
    memcpy(path, f->path, folder);
    strcpy(path + folder, file);
    return path;
}

static bool check_place(const tarn__onnx_file *f, const tarn__onnx_tensor *t, const place *p,
                        size_t bytes)
{
    char what[420];
    snprintf(what, sizeof what,
             "is said to be in \"%s\", expects the name of a file in the same folder",
             tarn__onnx_quote((tarn__bytes){(const uint8_t *)p->file, strlen(p->file)}).text);
    if (!is_beside(p->file))
        return fail(f, t, what);
    snprintf(what, sizeof what, "has %llu bytes in another file, expects %zu for the shape %s",
             (unsigned long long)p->length, bytes, tarn_shape_to_text(t->shape).text);
    return !p->has_length || p->length == bytes || fail(f, t, what);
}

/* How large the file is that the numbers are in; -1 with the error set if they are not in one that
   may be read. */
static int64_t size_of(const tarn__onnx_file *f, const tarn__onnx_tensor *t, const char *path)
{
    struct stat status;
    if (is_link(path)) {
        fail(f, t, "is in a file that is a link, expects one that lies in the model's folder");
        return -1;
    }
    if (stat(path, &status) == 0)
        return (int64_t)status.st_size;
    fail(f, t, "is in a file beside the model that is not there");
    return -1;
}

static uint8_t *load_external(tarn__onnx_file *f, const tarn__onnx_tensor *t, size_t bytes)
{
    place p = {.offset = 0};
    tarn__fields fields = tarn__fields_of(t->message);
    tarn__field x;
    while (tarn__next_field(&fields, &x))
        if (x.number == TENSOR_EXTERNAL && !read_entry(x.bytes, &p)) {
            fail(f, t, "says in no right way where its numbers are");
            return NULL;
        }
    char *path = check_place(f, t, &p, bytes) ? path_beside(f, p.file) : NULL;
    const int64_t size = path ? size_of(f, t, path) : -1;
    uint8_t *numbers = NULL;
    const bool inside = size >= 0 && bytes <= (uint64_t)size;
    if (size >= 0 && !inside)
        fail(f, t, "has its numbers behind the end of the file that it names");
    else if (inside && take(f, t, p.file, size, (int64_t)bytes) && !(numbers = malloc(bytes + 1)))
        fail(f, t, "does not fit into memory");
    if (numbers && !read_place(f, t, &p, path, numbers, bytes)) {
        free(numbers);
        numbers = NULL;
    }
    free(path);
    return numbers;
}

/* ---- As a list */

/* The low bytes of a number, as in the lists of several kinds, one behind the other; only counts
   them if `to` is NULL. */
static void put(uint8_t **to, int64_t *count, uint64_t value, size_t bytes)
{
    for (size_t i = 0; *to && i < bytes; i++)
        *(*to)++ = (uint8_t)(value >> 8 * i);
    ++*count;
}

/* How many bytes a number of the list takes there; 0 for one of variable size. */
static size_t fixed_size(int field)
{
    return field == TENSOR_FLOATS ? 4 : field == TENSOR_DOUBLES ? 8 : 0;
}

/* The field that holds elements of the type as a list. */
static int list_of(tarn__dtype type)
{
    return type == TARN__F32                        ? TENSOR_FLOATS
           : type == TARN__F64                      ? TENSOR_DOUBLES
           : type == TARN__I64                      ? TENSOR_INT64S
           : type == TARN__U64 || type == TARN__U32 ? TENSOR_UINT64S
                                                    : TENSOR_INT32S;
}

/* The numbers of the list, packed or each a field, at most as many as the tensor has; how many
   there are. */
static int64_t decode(const tarn__onnx_tensor *t, tarn__dtype type, uint8_t *to)
{
    const int list = list_of(type);
    const size_t fixed = fixed_size(list), bytes = tarn__dtype_bytes(type);
    const int64_t most = tarn_shape_size(t->shape);
    tarn__fields fields = tarn__fields_of(t->message);
    tarn__field x;
    int64_t count = 0;
    while (count <= most && tarn__next_field(&fields, &x)) {
        if (x.number != list)
            continue;
        if (x.wire != TARN__LENGTH) {
            put(count < most ? &to : &(uint8_t *){NULL}, &count, x.value, bytes);
            continue;
        }
        tarn__bytes rest = x.bytes;
        while (count <= most && (fixed > 0 ? rest.size >= fixed : rest.size > 0)) {
            uint64_t value = 0;
            if (fixed == 0 && !tarn__next_varint(&rest, &value))
                return -1;
            for (size_t i = 0; i < fixed; i++)
                value |= (uint64_t)rest.at[i] << 8 * i;
            rest.at += fixed;
            rest.size -= fixed;
            put(count < most ? &to : &(uint8_t *){NULL}, &count, value, bytes);
        }
        if (rest.size > 0 && count <= most)
            return -1;
    }
    return count;
}

/* ---- Together */

static bool fail_count(const tarn__onnx_file *f, const tarn__onnx_tensor *t)
{
    char what[300];
    snprintf(what, sizeof what, "has other than the %lld elements of its shape %s",
             (long long)tarn_shape_size(t->shape), tarn_shape_to_text(t->shape).text);
    return fail(f, t, what);
}

/* The elements as they are in memory: in the file, or in *owned, which the caller frees. NULL with
   the error set. */
static const uint8_t *elements(tarn__onnx_file *f, const tarn__onnx_tensor *t, tarn__dtype type,
                               uint8_t **owned)
{
    enum { EXTERNAL = 1 };
    const size_t bytes = (size_t)tarn_shape_size(t->shape) * tarn__dtype_bytes(type);
    tarn__fields fields = tarn__fields_of(t->message);
    tarn__field x;
    tarn__bytes raw = {.size = 0};
    bool external = false;
    while (tarn__next_field(&fields, &x)) {
        raw = x.number == TENSOR_RAW && x.wire == TARN__LENGTH ? x.bytes : raw;
        external |= x.number == TENSOR_LOCATION && x.value == EXTERNAL;
    }
    if (external)
        return *owned = load_external(f, t, bytes);
    if (raw.size == 0 && decode(t, type, NULL) == tarn_shape_size(t->shape)) {
        *owned = malloc(bytes + 1);
        if (!*owned)
            fail(f, t, "does not fit into memory");
        else
            decode(t, type, *owned);
        return *owned;
    }
    if (raw.at && raw.size == bytes)
        return raw.at;
    fail_count(f, t);
    return NULL;
}

tarn_real *tarn__onnx_reals(tarn__onnx_file *f, const tarn__onnx_tensor *t)
{
    const tarn__dtype type = tarn__onnx_dtype(t->type);
    const int64_t count = tarn_shape_size(t->shape);
    uint8_t *owned = NULL;
    if (type == TARN__NO_DTYPE) {
        fail(f, t, "holds elements of a type that Tarn does not read, expects numbers");
        return NULL;
    }
    const uint8_t *from = elements(f, t, type, &owned);
    tarn_real *to = from ? malloc((size_t)count * sizeof *to + 1) : NULL;
    bool right = to || (from && fail(f, t, "does not fit into memory"));
    for (int64_t i = 0; right && i < count; i++)
        right = tarn__dtype_to_real(type, from + (size_t)i * tarn__dtype_bytes(type), &to[i]) ||
                fail(f, t, "holds a number that is not one of those that Tarn's have room for");
    free(owned);
    if (right)
        return to;
    free(to);
    return NULL;
}

int64_t *tarn__onnx_integers(tarn__onnx_file *f, const tarn__onnx_tensor *t)
{
    const tarn__dtype type = tarn__onnx_dtype(t->type);
    const int64_t count = tarn_shape_size(t->shape);
    uint8_t *owned = NULL;
    if (type != TARN__I64 && type != TARN__I32 && type != TARN__BOOL) {
        fail(f, t, "is to hold whole numbers, of type INT64 or INT32");
        return NULL;
    }
    const uint8_t *from = elements(f, t, type, &owned);
    int64_t *to = from ? malloc((size_t)count * sizeof *to + 1) : NULL;
    for (int64_t i = 0; to && i < count; i++) {
        int32_t narrow = 0;
        if (type == TARN__I64)
            memcpy(&to[i], from + 8 * i, sizeof to[i]);
        else if (type == TARN__I32)
            memcpy(&narrow, from + 4 * i, sizeof narrow);
        else
            narrow = from[i] != 0;
        to[i] = type == TARN__I64 ? to[i] : narrow;
    }
    if (from && !to)
        fail(f, t, "does not fit into memory");
    free(owned);
    return to;
}
