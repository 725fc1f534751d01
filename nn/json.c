#include "nn/json.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"

static json_malloc_t allocate;
static json_free_t release;
static _Thread_local bool failed;

/* While a text is parsed: memory for what jansson asks for after the first failure. It asks for
   little then, since the text ends there for it. */
static _Thread_local struct {
    char *block;
    size_t size, used;
} reserve;

/* While a text is parsed: how much jansson may ask for yet, and whether it wanted more. What files
   say of tensors and networks takes up to 16 times its size; empty objects would take 80 times. */
enum { MOST_TIMES = 24, MOST_BESIDE = 4096 };
static _Thread_local struct {
    bool counts, exceeded;
    size_t left;
} budget;

static void *take_from_reserve(size_t size)
{
    const size_t padded = (size + 15) / 16 * 16;
    if (!reserve.block || padded > reserve.size - reserve.used)
        return NULL;
    reserve.used += padded;
    return reserve.block + reserve.used - padded;
}

static bool spend(size_t size)
{
    if (budget.counts && size > budget.left)
        budget.exceeded = true;
    else
        budget.left -= budget.counts ? size : 0;
    return !budget.exceeded;
}

static void *watched(size_t size)
{
    void *block = spend(size) ? allocate(size) : NULL;
    failed |= !block;
    return block ? block : take_from_reserve(size);
}

static void released(void *block)
{
    const uintptr_t at = (uintptr_t)block, begin = (uintptr_t)reserve.block;
    if (!reserve.block || at < begin || at >= begin + reserve.size)
        release(block);
}

/* For the whole process and for good, since jansson has one function for all threads. It passes on
   to the one that was there, so that what was allocated before and after is of one kind. */
static void begin(void)
{
    json_get_alloc_funcs(&allocate, &release);
    json_set_alloc_funcs(watched, released);
}

void tarn__json_watch(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, begin);
    failed = false;
}

bool tarn__json_failed(void)
{
    return failed;
}

typedef struct source {
    const char *text, *end;
} source;

/* One character a call, since jansson would go on with all that it was given. */
static size_t next_character(void *buffer, size_t size, void *context)
{
    source *from = context;
    if (size == 0 || from->text == from->end || failed)
        return 0;
    *(char *)buffer = *from->text++;
    return 1;
}

tarn__quoted tarn__quote(const char *text)
{
    tarn__quoted q = {""};
    for (size_t i = 0; i < sizeof q.text - 1 && text[i]; i++)
        q.text[i] = (char)(text[i] < ' ' || text[i] > '~' ? '?' : text[i]);
    return q;
}

json_t *tarn__json_parse(const char *path, const char *what, const char *text, size_t size)
{
    json_error_t error = {.text = "expects '{' first"};
    tarn__json_watch();
    /* The token that is being read, twice as large, and its value; and what is on the way. */
    reserve.size = 4 * size + 4096;
    reserve.used = 0;
    reserve.block = malloc(reserve.size);
    budget.counts = true;
    budget.exceeded = false;
    budget.left = MOST_TIMES * size + MOST_BESIDE;
    source from = {text, text + size};
    json_t *json = NULL;
    if (reserve.block && size > 0 && text[0] == '{')
        json = json_load_callback(next_character, &from, JSON_REJECT_DUPLICATES, &error);
    const bool complete = reserve.block && !failed;
    if (!complete) {
        json_decref(json);
        json = NULL;
    }
    if (budget.exceeded) {
        tarn_set_error("%s: %s is no description of tensors or of a network: its %zu bytes of JSON "
                       "would take more than %d times that in memory",
                       path, what, size, MOST_TIMES);
    } else if (!complete) {
        tarn_set_error("%s: out of memory for %zu bytes of JSON", path, size);
    } else if (!json) {
        tarn_set_error("%s: %s is not a JSON object: %s", path, what, tarn__quote(error.text).text);
    }
    free(reserve.block);
    reserve.block = NULL;
    budget.counts = budget.exceeded = false;
    return json;
}
