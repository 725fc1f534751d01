/* What is asked of steps and of their modules: names, numbers, windows, who reads a value. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/exchange/steps.h"
#include "nn/layer.h"

static size_t write_name(const tarn_module *model, const tarn_module *module, char *text,
                         size_t size)
{
    if (module == model || !module->parent)
        return 0;
    const size_t used = write_name(model, module->parent, text, size);
    for (int i = 0; i < module->parent->part_count; i++)
        if (module->parent->parts[i].child == module && used < size)
            snprintf(text + used, size - used, "%s%s", used > 0 ? "." : "",
                     module->parent->parts[i].name);
    return strlen(text);
}

tarn__module_name tarn__name_in(const tarn_module *model, const tarn_module *module)
{
    tarn__module_name name = {""};
    write_name(model, module, name.text, sizeof name.text);
    return name;
}

/* As it stands in the module; NaN if it has none of that name. */
static double raw_number(const tarn_module *module, const char *name)
{
    const tarn_module_numbers *numbers = &module->type->numbers;
    for (int i = 0; i < numbers->list.count; i++)
        if (strcmp(numbers->list.options[i].name, name) == 0)
            return tarn_option_get(&numbers->list.options[i], (const char *)module + numbers->at);
    return NAN;
}

double tarn__number_of(const tarn_module *module, const char *name)
{
    char other[24] = "kernel"; /* what "stride" is as */
    const double value = raw_number(module, name);
    const size_t length = strlen(name);
    if (value != TARN_AS_HEIGHT || length >= sizeof other)
        return value;
    if (length > 2 && !strcmp(name + length - 2, "_w")) {
        snprintf(other, sizeof other, "%.*s", (int)length - 2, name);
        if (raw_number(module, other) == TARN_AS_KERNEL)
            strcpy(other, "kernel_w");
    }
    return tarn__number_of(module, other);
}

static int number_or(const tarn_module *module, const char *name, int other)
{
    const double number = tarn__number_of(module, name);
    return isnan(number) ? other : (int)number;
}

/* Whether the numbers of both axes are the same. */
static bool is_square(const tarn__geometry *g)
{
    return g->kernel[0] == g->kernel[1] && g->stride[0] == g->stride[1] &&
           g->dilation[0] == g->dilation[1] && g->before[0] == g->before[1] &&
           g->before[0] == g->after[0] && g->before[0] == g->after[1];
}

tarn__geometry tarn__geometry_of(const tarn_module *m)
{
    static const char *const names[2][4] = {{"kernel", "stride", "dilation", "padding"},
                                            {"kernel_w", "stride_w", "dilation_w", "padding_w"}};
    tarn__geometry g = {.plain = true};
    for (int i = 0; i < 2; i++) {
        g.kernel[i] = number_or(m, names[i][0], i ? g.kernel[0] : 1);
        g.stride[i] = number_or(m, names[i][1], i ? g.stride[0] : 1);
        g.dilation[i] = number_or(m, names[i][2], i ? g.dilation[0] : 1);
        g.before[i] = g.after[i] = number_or(m, names[i][3], i ? (int)g.before[0] : 0);
        const int64_t reach = (int64_t)g.dilation[i] * (g.kernel[i] - 1);
        if (number_or(m, "same", 0)) {
            g.before[i] = reach / 2;
            g.after[i] = reach - reach / 2;
        }
    }
    const bool gaps = m->type == &tarn__nn_max_pool2d && g.dilation[0] > 1;
    const bool counts = number_or(m, "count_include_pad", 1);
    for (int i = 0; i < 2; i++)
        g.counted[i] = counts ? g.before[i] : 0;
    g.mode = number_or(m, "mode", number_or(m, "padding_mode", TARN_PAD_CONSTANT));
    g.plain = g.mode == TARN_PAD_CONSTANT && counts && is_square(&g) && !gaps &&
              !number_or(m, "ceil_mode", 0);
    return g;
}

const tarn_tensor *tarn__part_of(const tarn_module *module, const char *name)
{
    for (int i = 0; i < module->part_count; i++) {
        const tarn_module_part *part = &module->parts[i];
        if (!part->child && strcmp(part->name, name) == 0)
            return part->parameter ? part->parameter : part->buffer;
    }
    return NULL;
}

bool tarn__steps_joins(const tarn_module_type *type)
{
    return type == &tarn__nn_residual || type == &tarn__nn_concat || type == &tarn__nn_sum;
}

int tarn__steps_readers(const tarn__steps *steps, int value)
{
    int count = steps->output == value;
    for (int i = 0; i < steps->count; i++)
        count += (steps->steps[i].input == value) + (steps->steps[i].other == value);
    return count;
}
