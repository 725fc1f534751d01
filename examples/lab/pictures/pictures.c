/* Trains a network on a folder of pictures. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/pictures/pictures.h"

static bool is_one_of(const char *text, const char *const *list)
{
    while (*list && !is(text, *list))
        list++;
    return *list;
}

/* The value of --data, in this argument or the one behind it; NULL: it is another option. */
static const char *data_of(char **argv)
{
    return is(argv[0], "--data")                 ? argv[1]
           : strncmp(argv[0], "--data=", 7) == 0 ? argv[0] + 7
                                                 : NULL;
}

/* A folder, an option that training on digits does not have, or such a source. What else has a
   colon is a source by mistake, unless there is such a file. */
bool wants_pictures(int argc, char **argv)
{
    static const char *const own[] = {"--resume",  "--overwrite", "--size",       "--gray",
                                      "--label",   "--augment",   "--validation", "--patience",
                                      "--workers", NULL};
    static const char *const flags[] = {"--anomaly", "--find-lr", "--watch", "--help", "-h", NULL};
    for (int i = 1; i < argc; i++) {
        const char *data = data_of(argv + i);
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(argv[i], "="), argv[i]);
        if (argv[i][0] != '-' || is_one_of(name, own))
            return true;
        if (is(argv[i], "--"))
            return i + 1 < argc;
        if (data && strchr(data, ':') && access(data, F_OK) != 0)
            return true;
        i += !strchr(argv[i], '=') && !is_one_of(argv[i], flags); /* its value */
    }
    return false;
}

int train_pictures(int argc, char **argv)
{
    picture_settings s = read_picture_settings(argc, argv);
    if (s.threads)
        tarn_set_threads((int)s.threads);
    claim_folder(&s, false);
    /* Static, so that what they hold is no leak where the program ends with a sentence. */
    static picture_data d;
    static picture_training t;
    d = read_pictures(&s);
    t = begin_training(&s, &d);
    printf("%s with %lld parameters, %s, seed %ld, %d thread%s\n", s.model,
           (long long)tarn_nn_parameter_count(t.base.model), s.optimizer, s.seed, tarn_threads(),
           tarn_threads() == 1 ? "" : "s");
    train_pictures_to_end(&t, &s);
    write_outcome(&t, &s, &d);
    free_training(&t);
    free_pictures(&d);
    check_stdout();
    return 0;
}
