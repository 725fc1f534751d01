/* Initializing what names match, see nn/init.h. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/tensor_internal.h"
#include "nn/init.h"
#include "nn/module_internal.h"

static bool needs_fans(tarn_nn_initializer *how)
{
    return how == tarn_init_kaiming_normal || how == tarn_init_kaiming_uniform ||
           how == tarn_init_xavier_normal || how == tarn_init_xavier_uniform ||
           how == tarn_init_kaiming_normal_out || how == tarn_init_kaiming_uniform_out ||
           how == tarn_init_dirac || how == tarn_init_orthogonal;
}

/* The names that there are, as far as they fit. */
static void *report_no_match(const char *pattern, bool fans, const tarn_params *list)
{
    char names[200] = "none";
    size_t used = 0;
    int i = 0;
    for (; i < list->count && i < 4 && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s\"%s\"", i ? ", " : "",
                                 list->names[i]);
    return tarn_fail("nn_init: no parameter%s matches \"%s\"; there are %s%s",
                     fans ? " of two dimensions or more" : "", pattern, names,
                     i < list->count ? ", ..." : "");
}

int tarn_nn_init(tarn_module *model, const char *pattern, tarn_nn_initializer *how, double number)
{
    if (!model)
        return 0;
    if (!pattern || !how) {
        tarn_fail("nn_init: the %s is NULL", pattern ? "initializer" : "pattern");
        return 0;
    }
    const tarn_params list = tarn__nn_list(model, false);
    const bool fans = needs_fans(how);
    int matching = 0, set = 0;
    for (int i = 0; i < list.count && set == matching; i++)
        if ((!fans || list.tensors[i]->shape.ndim >= 2) &&
            fnmatch(pattern, list.names[i], 0) == 0) {
            matching++;
            set += how(list.tensors[i], number);
        }
    if (matching == 0 && list.tensors)
        report_no_match(pattern, fans, &list);
    free(list.tensors);
    return set == matching ? set : 0;
}
