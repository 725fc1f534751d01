#include "core/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/base/format.h"

static _Thread_local char last_error[1024];

static void print_and_abort(const char *message, void *context)
{
    (void)context;
    fprintf(stderr, "tarn: %s\n", message);
    abort();
}

static tarn_error_handler *handler = print_and_abort;
static void *handler_context;

const char *tarn_error(void)
{
    return last_error;
}

void tarn_set_error_handler(tarn_error_handler *new_handler, void *context)
{
    handler = new_handler ? new_handler : print_and_abort;
    handler_context = context;
}

/* Formats aside first, since an argument may be tarn_error() itself. */
static void record(const char *format, va_list arguments)
{
    char message[sizeof last_error];
    tarn__format_list(message, sizeof message, format, arguments);
    memcpy(last_error, message, sizeof message);
}

/* Whether last_error is one of the world's that no handler has heard of. */
static _Thread_local bool unheard;

static void call_handler(void)
{
    unheard = false;
    handler(last_error, handler_context);
}

static _Thread_local bool caught;

bool tarn__catch_mistakes(bool all)
{
    const bool before = caught;
    caught = all;
    return before;
}

void *tarn_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    record(format, arguments);
    va_end(arguments);
    if (caught)
        unheard = true;
    else
        call_handler();
    return NULL;
}

bool tarn_fail_null(const char *what)
{
    if (unheard && !caught)
        call_handler();
    else if (!last_error[0])
        tarn_fail("%s is NULL", what ? what : "what was given");
    return false;
}

bool tarn_set_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    record(format, arguments);
    va_end(arguments);
    unheard = true;
    return false;
}
