/* The library is loaded as a plugin, and unloaded. */
#include <dirent.h>
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

/* Of this process; 0 where the system does not tell. */
static int count_threads(void)
{
    int count = 0;
    DIR *threads = opendir("/proc/self/task");
    while (threads && readdir(threads))
        count++;
    if (threads)
        closedir(threads);
    return count;
}

/* The library's threads end with it; OpenMP's, in a build that uses them, outlive it. */
Test(dlclose, threads_end)
{
    const int threads = count_threads();
    for (int i = 0; i < 3; i++) {
        use_and_unload();
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    if (!TARN_ON_OPENMP)
        cr_assert_eq(count_threads(), threads);
}
