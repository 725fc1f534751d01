#include "nn/module_registry.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "nn/layer.h"

#define TYPE_OF(name) &tarn__nn_##name,
static const tarn_module_type *const library[] = {TARN__LAYERS(TYPE_OF)
#ifndef TARN_WITHOUT_EXTRAS
                                                      TARN__LAYERS_EXTRA(TYPE_OF)
#endif
};
enum { LIBRARY = sizeof library / sizeof *library };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the next two */
static const tarn_module_type **registered;
static int registered_count;

bool tarn__type_is_of_library(const tarn_module_type *type)
{
    for (int i = 0; i < LIBRARY; i++)
        if (library[i] == type)
            return true;
    return false;
}

static const tarn_module_type *find(const tarn_module_type *const *types, int count,
                                    const char *name)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(types[i]->name, name))
            return types[i];
    return NULL;
}

const tarn_module_type *tarn__type_called(const char *name, bool own)
{
    if (!own)
        return find(library, LIBRARY, name);
    pthread_mutex_lock(&lock);
    const tarn_module_type *type = find(registered, registered_count, name);
    pthread_mutex_unlock(&lock);
    return type;
}

static bool add_type(const tarn_module_type *type)
{
    const size_t count = (size_t)registered_count;
    const tarn_module_type **types = realloc(registered, (count + 1) * sizeof *types);
    if (!types)
        return tarn_set_error("nn_register: out of memory for %s", type->name);
    registered = types;
    registered[registered_count++] = type;
    return true;
}

bool tarn_nn_register(const tarn_module_type *type)
{
    if (!type || !type->name || !type->make)
        return tarn_fail("nn_register: the type is NULL, or has no name or no make function");
    pthread_mutex_lock(&lock);
    const tarn_module_type *known = find(registered, registered_count, type->name);
    const bool added = known ? known == type : add_type(type);
    pthread_mutex_unlock(&lock);
    return added || !known ||
           tarn_fail("nn_register: another type called %s is registered already", type->name);
}
