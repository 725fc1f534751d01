/* Reads all pictures of a dataset at once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/base/pool.h"
#include "data/picture_load.h"
#include "data/picture_store.h"

/* What became of a picture. */
enum { AS_BYTES, DEEP, BAD, OUT_OF_MEMORY };

/* Reads one, for its place among the bytes, or to see whether it can be read. */
static uint8_t try_picture(const tarn__picture_store *self, int64_t i)
{
    uint16_t *elements = malloc((size_t)self->size * sizeof *elements);
    bool is_deep = false;
    errno = 0;
    if (!elements)
        return OUT_OF_MEMORY;
    const bool good = tarn__picture_elements(self->files.paths[i], &self->form, elements, &is_deep);
    const uint8_t state = !good     ? (errno == ENOMEM ? OUT_OF_MEMORY : BAD)
                          : is_deep ? DEEP
                                    : AS_BYTES;
    if (state == AS_BYTES && self->bytes)
        memcpy(self->bytes + i * self->size, elements, (size_t)self->size);
    free(elements);
    return state;
}

typedef struct job {
    const tarn__picture_store *self;
    uint8_t *states;
} job;

static void try_pictures(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = first; i < end; i++)
        j->states[i] = try_picture(j->self, i);
}

/* Sets tarn_error() by reading again what could not be read in another thread. */
static bool report(const tarn__file_list *files, int64_t i, uint8_t state)
{
    const char *path = files->paths[i];
    tarn__image picture;
    if (state == OUT_OF_MEMORY)
        return tarn_set_error("%s: out of memory for this picture", path);
    if (tarn__picture_read(&picture, path, true)) {
        free(picture.pixels);
        tarn_set_error("%s: changed while it was read", path);
    }
    return tarn__file_list_blame(files, i);
}

/* Removes what is bad. */
static int64_t skip_bad(tarn__picture_store *self, uint8_t *states)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < self->store.count; i++) {
        if (states[i] == BAD) {
            free(self->files.paths[i]);
            continue;
        }
        tarn__file_list_move(&self->files, i, kept);
        states[kept] = states[i];
        if (self->bytes && kept < i)
            memcpy(self->bytes + kept * self->size, self->bytes + i * self->size,
                   (size_t)self->size);
        kept++;
    }
    const int64_t skipped = self->store.count - kept;
    self->store.count = self->files.count = kept;
    return skipped;
}

/* Numbers in place of bytes, if they are not too many. */
static bool widen(tarn__picture_store *self, const uint8_t *states, int64_t limit)
{
    const int64_t count = self->store.count, size = self->size;
    uint8_t *bytes = self->bytes;
    self->bytes = NULL;
    if (count * size <= limit / (int64_t)sizeof *self->numbers)
        self->numbers = malloc((size_t)(count * size) * sizeof *self->numbers);
    bool good = true;
    for (int64_t i = 0; self->numbers && good && i < count; i++) {
        tarn_real *to = self->numbers + i * size;
        if (states[i] == DEEP)
            good = tarn__picture_numbers(self->files.paths[i], &self->form, to) ||
                   tarn__file_list_blame(&self->files, i);
        else
            for (int64_t k = 0; k < size; k++)
                to[k] = (tarn_real)(bytes[i * size + k] / 255.0);
    }
    free(bytes);
    return good;
}

bool tarn__pictures_load(tarn__picture_store *self, const tarn_pictures_args *args,
                         int64_t *skipped)
{
    const int64_t count = self->store.count, limit = args->in_memory_limit;
    const bool fits = self->size <= limit / count;
    if (!fits && !args->skip_bad)
        return true;
    uint8_t *states = malloc((size_t)count);
    self->bytes = fits ? malloc((size_t)(count * self->size)) : NULL;
    bool good = states && (self->bytes || !fits), any_deep = false;
    if (!good)
        tarn_set_error("%s: out of memory for %lld pictures", args->path, (long long)count);
    else
        tarn__share(count, TARN__SHARE_MIN, try_pictures, &(job){self, states});
    for (int64_t i = 0; good && i < count; i++) {
        any_deep |= states[i] == DEEP;
        if (states[i] == OUT_OF_MEMORY || (states[i] == BAD && !args->skip_bad))
            good = report(&self->files, i, states[i]);
    }
    if (good && args->skip_bad)
        *skipped = skip_bad(self, states);
    if (good && *skipped > 0)
        tarn__told(false); /* what is wrong with them stopped nothing */
    if (good && self->bytes && any_deep)
        good = widen(self, states, limit);
    free(states);
    return good;
}
