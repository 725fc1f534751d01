#include "nn/json.h"

#include <pthread.h>

static json_malloc_t allocate;
static _Thread_local bool failed;

static void *watched(size_t size)
{
    void *block = allocate(size);
    failed |= !block;
    return block;
}

/* For the whole process and for good, since jansson has one function for all threads. It passes on
   to the one that was there, so that what was allocated before and after is of one kind. */
static void begin(void)
{
    json_free_t release;
    json_get_alloc_funcs(&allocate, &release);
    json_set_alloc_funcs(watched, release);
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
