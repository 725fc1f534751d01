#include "data/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/file.h"

bool tarn__input_open(tarn__input *input, const char *path)
{
    *input = (tarn__input){.path = path};
    if (!path)
        return tarn_fail("data: the path of a file is NULL");
    input->stream = tarn__open_regular(path, &input->size);
    if (!input->stream)
        return false;
    if (input->size > 0)
        return true;
    tarn__input_close(input);
    return tarn_set_error("%s: is empty", path);
}

void tarn__input_close(tarn__input *input)
{
    fclose(input->stream);
    input->stream = NULL;
}

bool tarn__input_read(tarn__input *input, int64_t offset, void *to, int64_t count)
{
    errno = 0;
    size_t got = fseeko(input->stream, (off_t)offset, SEEK_SET) == 0
                     ? fread(to, 1, (size_t)count, input->stream)
                     : 0;
    if (got == (size_t)count)
        return true;
    if (errno != 0)
        return tarn_set_error("%s: cannot be read: %s", input->path, strerror(errno));
    return tarn_set_error("%s: ended after %lld bytes while it was read, expects %lld", input->path,
                          (long long)offset + (long long)got, (long long)(offset + count));
}

uint8_t *tarn__input_load(tarn__input *input, int64_t offset)
{
    int64_t count = input->size - offset;
    uint8_t *bytes = malloc((size_t)count + 1); /* never 0 bytes */
    if (!bytes)
        tarn_set_error("%s: out of memory for its %lld bytes", input->path, (long long)input->size);
    else if (!tarn__input_read(input, offset, bytes, count)) {
        free(bytes);
        bytes = NULL;
    }
    return bytes;
}

char *tarn__path(const char *dir, const char *name, const char *suffix)
{
    if (!dir)
        return tarn_fail("data: the path of a folder is NULL");
    size_t size = strlen(dir) + 1 + strlen(name) + strlen(suffix) + 1;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s/%s%s", dir, name, suffix);
    else
        tarn_set_error("out of memory: a path needs %zu bytes", size);
    return path;
}
