/* The library is loaded as a plugin, and unloaded. */
#include <dlfcn.h>
#include <time.h>

#include <criterion/criterion.h>

#include <tarn.h>

/* Functions do not fit into the void * that dlsym() gives but by their bytes. */
#define FIND(library, function) *(void **)&(function) = dlsym(library, "tarn_" #function)

static void use_and_unload(void)
{
    tarn_tensor *(*randn)(tarn_shape);
    void (*free)(tarn_tensor *);
    void *library = dlopen(TARN_LIBRARY, RTLD_NOW);
    cr_assert(library, "%s", dlerror());
    FIND(library, randn);
    FIND(library, free);
    cr_assert(randn && free);
    free(randn((tarn_shape){1, {1000000}})); /* enough for all threads */
    cr_assert_eq(dlclose(library), 0);
}

/* OpenMP's threads, which the library has started, outlive it. */
Test(dlclose, threads_go_on)
{
    for (int i = 0; i < 3; i++) {
        use_and_unload();
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
}
