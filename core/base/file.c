#define _XOPEN_SOURCE 700 /* realpath() */

#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"

FILE *tarn__open_regular(const char *path, int64_t *size)
{
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
        tarn_set_error("%s: cannot be read: %s", path, strerror(errno));
    } else if (!S_ISREG(status.st_mode)) {
        tarn_set_error("%s: is not a regular file", path);
    } else {
        FILE *file = fdopen(descriptor, "rb");
        *size = status.st_size;
        if (file)
            return file;
        tarn_set_error("%s: cannot be read: %s", path, strerror(errno));
    }
    if (descriptor >= 0)
        close(descriptor);
    return NULL;
}

static bool fail(tarn__replacement *r, const char *reason)
{
    tarn_set_error("%s: cannot be written: %s", r->path, reason);
    tarn__replace_abort(r);
    return false;
}

/* Sets the target, and the permissions that the old file has; -1 if there is none. */
static bool find_target(tarn__replacement *r, int *old_mode)
{
    struct stat old;
    *old_mode = -1;
    if (!*r->path)
        return tarn_set_error("the path of the file to write is empty, expects a name");
    if (stat(r->path, &old) == 0) {
        if (!S_ISREG(old.st_mode))
            return fail(r, "it is not a regular file");
        if (access(r->path, W_OK) != 0)
            return fail(r, strerror(errno));
        *old_mode = (int)(old.st_mode & 0777);
        r->target = realpath(r->path, NULL);
    } else if (errno != ENOENT) {
        return fail(r, strerror(errno));
    } else if (lstat(r->path, &old) == 0) {
        return fail(r, "it is a symbolic link to a file that does not exist");
    } else {
        r->target = strdup(r->path);
    }
    return r->target || fail(r, strerror(errno));
}

/* How much of the path is the folder, its last slash included. */
static int folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash + 1 - path) : 0;
}

static bool is_named(int descriptor, const char *name)
{
    struct stat open_one, named;
    return fstat(descriptor, &open_one) == 0 && lstat(name, &named) == 0 &&
           open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

/* Whoever writes to a temporary file holds a lock, which ends with the process. One without was
   left by a process that was killed. Returns whether it was removed. */
static bool remove_left_over(const char *name)
{
    int descriptor = open(name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0)
        return errno == ENOENT;
    bool removed = flock(descriptor, LOCK_EX | LOCK_NB) == 0 && is_named(descriptor, name) &&
                   unlink(name) == 0;
    close(descriptor);
    return removed;
}

/* Not by mkstemp(): only open() applies the umask, which a thread cannot ask for without changing
   it. Returns -1 with errno, which is EEXIST if the name is taken. */
static int make_temporary(const char *name, int mode)
{
    int descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    if (descriptor < 0)
        return -1;
    /* Before it had its lock, another process may have found it left over. A file system that knows
       no locks gives other errors. */
    bool lost = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!lost && is_named(descriptor, name))
        return descriptor;
    close(descriptor);
    errno = EEXIST;
    return -1;
}

/* Makes a file in the target's folder, by the first name that nobody else writes to. Returns its
   descriptor, or -1 with errno. */
static int open_temporary(tarn__replacement *r, int mode)
{
    const int folder = folder_length(r->target);
    size_t size = (size_t)folder + 32;
    char *name = malloc(size);
    int descriptor = -1;
    for (int i = 0; name && i < 1000; i++) {
        snprintf(name, size, "%.*s.tarn-%d", folder, r->target, i);
        descriptor = make_temporary(name, mode);
        const bool taken = descriptor < 0 && errno == EEXIST;
        if (taken && remove_left_over(name))
            descriptor = make_temporary(name, mode);
        if (descriptor >= 0 || !taken)
            break;
    }
    if (descriptor >= 0)
        r->temporary = name;
    else
        free(name);
    return descriptor;
}

static uint64_t largest_file(void)
{
    struct rlimit limit;
    const bool limited = getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    return limited ? limit.rlim_cur : UINT64_MAX;
}

bool tarn__replace_begin(tarn__replacement *r, const char *path)
{
    *r = (tarn__replacement){.path = path, .room = largest_file()};
    int old_mode;
    if (!find_target(r, &old_mode))
        return false;
    int descriptor = open_temporary(r, old_mode < 0 ? 0666 : old_mode);
    if (descriptor < 0) {
        tarn_set_error("%s: cannot be written: no file can be made in its folder: %s", path,
                       strerror(errno));
        tarn__replace_abort(r);
        return false;
    }
    bool mode_set = old_mode < 0 || fchmod(descriptor, (mode_t)old_mode) == 0;
    r->stream = mode_set ? fdopen(descriptor, "wb") : NULL;
    if (r->stream)
        return true;
    fail(r, strerror(errno));
    close(descriptor);
    return false;
}

bool tarn__replace_write(tarn__replacement *r, const void *data, size_t size)
{
    if (!r->stream)
        return false;
    if (size > r->room)
        return fail(r, strerror(EFBIG));
    r->room -= size;
    /* fwrite() wants an array of no bytes, too. */
    return size == 0 || fwrite(data, 1, size, r->stream) == size || fail(r, strerror(errno));
}

/* So that the new name, too, is on the disk. The file is in its place already and some file systems
   cannot do it, so what comes back is not looked at. */
static void sync_folder(tarn__replacement *r)
{
    const int length = folder_length(r->target);
    r->target[length] = '\0';
    int folder = open(length > 0 ? r->target : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        fsync(folder);
        close(folder);
    }
}

/* Ends with the file, whatever its name is, and so with the lock. */
static void release(tarn__replacement *r)
{
    if (r->stream)
        fclose(r->stream);
    free(r->temporary);
    free(r->target);
    *r = (tarn__replacement){0};
}

bool tarn__replace_commit(tarn__replacement *r)
{
    if (!r->stream)
        return false;
    if (fflush(r->stream) != 0 || fsync(fileno(r->stream)) != 0 ||
        rename(r->temporary, r->target) != 0)
        return fail(r, strerror(errno));
    sync_folder(r);
    release(r);
    return true;
}

void tarn__replace_abort(tarn__replacement *r)
{
    if (r->temporary)
        unlink(r->temporary);
    release(r);
}
