/* Numbers in another file of the model's folder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/error.h"
#include "data/input.h"
#include "nn/exchange/onnx_numbers.h"
#include "nn/exchange/onnx_tensor.h"

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
        return tarn__onnx_tensor_fails(f, t, "is in one more file, of too many");
    if (i == f->beside_count) {
        tarn__onnx_beside *larger = realloc(f->beside, ((size_t)i + 1) * sizeof *larger);
        if (!larger)
            return tarn__onnx_tensor_fails(f, t, "does not fit into memory");
        f->beside = larger;
        larger[f->beside_count++].taken = 0;
        strcpy(larger[i].name, name);
    }
    if (f->beside[i].taken > 2 * size - bytes)
        return tarn__onnx_tensor_fails(
            f, t, "has numbers in another file that too many others have as well");
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
        tarn__onnx_tensor_fails(f, t, "has its numbers behind the end of the file that it names");
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
        return tarn__onnx_tensor_fails(f, t, what);
    snprintf(what, sizeof what, "has %llu bytes in another file, expects %zu for the shape %s",
             (unsigned long long)p->length, bytes, tarn_shape_to_text(t->shape).text);
    return !p->has_length || p->length == bytes || tarn__onnx_tensor_fails(f, t, what);
}

/* How large the file is that the numbers are in; -1 with the error set if they are not in one that
   may be read. */
static int64_t size_of(const tarn__onnx_file *f, const tarn__onnx_tensor *t, const char *path)
{
    struct stat status;
    if (is_link(path)) {
        tarn__onnx_tensor_fails(
            f, t, "is in a file that is a link, expects one that lies in the model's folder");
        return -1;
    }
    if (stat(path, &status) == 0)
        return (int64_t)status.st_size;
    tarn__onnx_tensor_fails(f, t, "is in a file beside the model that is not there");
    return -1;
}

uint8_t *tarn__onnx_load_beside(tarn__onnx_file *f, const tarn__onnx_tensor *t, size_t bytes)
{
    place p = {.offset = 0};
    tarn__fields fields = tarn__fields_of(t->message);
    tarn__field x;
    while (tarn__next_field(&fields, &x))
        if (x.number == TENSOR_EXTERNAL && !read_entry(x.bytes, &p)) {
            tarn__onnx_tensor_fails(f, t, "says in no right way where its numbers are");
            return NULL;
        }
    char *path = check_place(f, t, &p, bytes) ? path_beside(f, p.file) : NULL;
    const int64_t size = path ? size_of(f, t, path) : -1;
    uint8_t *numbers = NULL;
    const bool inside = size >= 0 && bytes <= (uint64_t)size;
    if (size >= 0 && !inside)
        tarn__onnx_tensor_fails(f, t, "has its numbers behind the end of the file that it names");
    else if (inside && take(f, t, p.file, size, (int64_t)bytes) && !(numbers = malloc(bytes + 1)))
        tarn__onnx_tensor_fails(f, t, "does not fit into memory");
    if (numbers && !read_place(f, t, &p, path, numbers, bytes)) {
        free(numbers);
        numbers = NULL;
    }
    free(path);
    return numbers;
}
