#include "tests/support/mistakes.h"

static int count;
static char text[1024];

static void record(const char *message, void *context)
{
    (void)context;
    count++;
    snprintf(text, sizeof text, "%s", message);
}

void record_mistakes(void)
{
    tarn_set_error_handler(record, NULL);
    count = 0;
    text[0] = '\0';
}

int mistakes(void)
{
    int since = count;
    count = 0;
    return since;
}

const char *last_mistake(void)
{
    return text;
}
