#include "examples/lab/optimizers_settings.h"

#include <stdio.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/output.h"

settings read_settings(int argc, char **argv)
{
    settings s = {.factor = 1,
                  .epochs = 2,
                  .every = 50,
                  .seed = 1,
                  .folder = OUTPUT_FOLDER,
                  .rates = 9,
                  .sweep_steps = 500,
                  .decades = 2};
    const char *names = NULL;
    char which[640];
    snprintf(which, sizeof which, "only these of %s", rule_names(false));
    const option table[] = {
        DIGITS_OPTIONS(&s.digits),
        OPTION_TEXT_AT(&names, "optimizers", "NAME,...", which),
        OPTION_NUMBER_AT(&s.factor, "factor", "X",
                         "multiply every optimizer's rate by this; default 1", 1e-9, 1e9),
        OPTION_COUNT_AT(&s.epochs, "epochs", "N", "default 2", 1, MAX_EPOCHS),
        OPTION_COUNT_AT(&s.every, "every", "N", "test after every N steps; default 50", 1, 1e9),
        OPTION_FLAG_AT(&s.sweep, "sweep", "also train each at a grid of rates around its own"),
        OPTION_COUNT_AT(&s.rates, "rates", "N", "how many rates the sweep tries; default 9", 2, 99),
        OPTION_NUMBER_AT(&s.decades, "decades", "X",
                         "how many powers of ten the sweep goes down and up; default 2", 0.1, 9),
        OPTION_COUNT_AT(&s.sweep_steps, "sweep-steps", "N",
                        "how long the sweep trains at each rate; default 500", 1, 1e6),
        OPTION_COUNT_AT(&s.seed, "seed", "N", "of weights and batches; default 1", 0, 1e15),
        OPTION_COUNT_AT(&s.threads, "threads", "N", "default: all cores", 1, 1024),
        OUTPUT_OPTION(&s.folder),
        {.name = NULL},
    };
    parse_options(argc, argv,
                  "Trains the same network on the same batches of digits by every optimizer.",
                  table);
    s.count = read_rules(names, s.optimizers);
    return s;
}
