#include "examples/playground/report.h"

#include <stdio.h>

#include <tarn.h>

static char problem[1000];

static void handle(const char *message, void *context)
{
    (void)context;
    report(message);
}

void report_begin(void)
{
    tarn_set_error_handler(handle, NULL);
    *problem = '\0';
}

void report(const char *message)
{
    snprintf(problem, sizeof problem, "%s", message);
}

bool report_any(void)
{
    return *problem;
}

const char *report_text(bool ok)
{
    if (!ok && !*problem)
        report(tarn_error());
    return ok ? "" : problem;
}
