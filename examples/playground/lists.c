/* What there is to choose from, as JSON, for all rooms. */
#include <stdio.h>
#include <stdlib.h>

#include <tarn.h>

static void print_options(FILE *to, tarn_option_list list, const void *args)
{
    static const char *const ranges[] = {"at least 0", "positive", "fraction", "unit",
                                         "count",      "switch",   "any"};
    for (int i = 0; i < list.count; i++) {
        const tarn_option *o = list.options + i;
        fprintf(to, "%s{\"name\":\"%s\",\"range\":\"%s\",\"value\":%.17g}", i ? "," : "", o->name,
                ranges[o->range], args ? tarn_option_get(o, args) : o->value);
    }
}

static char *json;
static size_t json_size;

/* The optimizers, with their presets, and the schedules, each with its options. */
const char *pg_lists(void)
{
    free(json);
    FILE *to = open_memstream(&json, &json_size);
    fputs("{\"optimizers\":[", to);
    const tarn_optim_entry *e;
    for (int i = 0; (e = tarn_optim_entry_at(i)); i++) {
        void *args = calloc(1, e->rule->args_size);
        tarn_options_set_defaults(e->rule->options, args);
        tarn_options_read(e->name, e->rule->options, e->preset, args);
        fprintf(to,
                "%s{\"name\":\"%s\",\"rule\":\"%s\",\"preset\":\"%s\",\"extra\":%s,\"options\":[",
                i ? "," : "", e->name, e->rule->name, e->preset, e->extra ? "true" : "false");
        print_options(to, e->rule->options, args);
        fputs("]}", to);
        free(args);
    }
    fputs("],\"schedules\":[", to);
    const tarn_schedule_entry *s;
    for (int i = 0; (s = tarn_schedule_entry_at(i)); i++) {
        fprintf(to, "%s{\"name\":\"%s\",\"options\":[", i ? "," : "", s->name);
        print_options(to, s->options, NULL);
        fputs("]}", to);
    }
    fputs("]}", to);
    fclose(to);
    return json;
}
