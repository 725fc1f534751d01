#define _DEFAULT_SOURCE /* syscall() */

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <tarn.h>

#include "core/base/file.h"

/* Each test works in a folder of its own, which is the current one. */
static char folder[] = "/tmp/tarn-test-file-XXXXXX";

static void enter(void)
{
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static int files_here(void)
{
    DIR *here = opendir(".");
    int count = 0;
    for (struct dirent *entry; (entry = readdir(here));)
        count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    closedir(here);
    return count;
}

static void leave(void)
{
    DIR *here = opendir(".");
    for (struct dirent *entry; (entry = readdir(here));)
        if (remove(entry->d_name) != 0)
            continue;
    closedir(here);
    cr_assert_eq(rmdir(folder), 0, "files are left");
}

TestSuite(file, .init = enter, .fini = leave);

static bool replace(const char *path, const char *text)
{
    tarn__replacement r;
    return tarn__replace_begin(&r, path) && tarn__replace_write(&r, text, strlen(text)) &&
           tarn__replace_commit(&r);
}

static void assert_holds(const char *path, const char *text)
{
    char found[100] = "";
    int64_t size = -1;
    FILE *file = tarn__open_regular(path, &size);
    cr_assert(file, "%s", tarn_error());
    cr_assert_eq(fread(found, 1, sizeof found - 1, file), strlen(text));
    cr_assert_eq(size, (int64_t)strlen(text));
    cr_assert_str_eq(found, text);
    fclose(file);
}

/* The expression is false and tarn_error() holds the words. */
#define assert_error(expression, words)                                                            \
    do {                                                                                           \
        cr_assert(!(expression), "%s was accepted", #expression);                                  \
        cr_assert(strstr(tarn_error(), words), "\"%s\" does not hold \"%s\"", tarn_error(),        \
                  words);                                                                          \
    } while (0)

Test(file, makes_and_replaces)
{
    cr_assert(replace("a", "first"));
    assert_holds("a", "first");
    cr_assert(replace("./a", "the second"));
    assert_holds("a", "the second");
    cr_assert_eq(files_here(), 1);
}

Test(file, the_old_one_stands_until_commit)
{
    tarn__replacement r;
    cr_assert(replace("a", "old"));
    cr_assert(tarn__replace_begin(&r, "a"));
    cr_assert(tarn__replace_write(&r, "new", 3));
    assert_holds("a", "old");
    cr_assert_eq(files_here(), 2);
    tarn__replace_abort(&r);
    tarn__replace_abort(&r);
    cr_assert_not(tarn__replace_write(&r, "new", 3));
    cr_assert_not(tarn__replace_commit(&r));
    assert_holds("a", "old");
    cr_assert_eq(files_here(), 1);
}

Test(file, two_at_once)
{
    tarn__replacement r, s;
    cr_assert(tarn__replace_begin(&r, "a") && tarn__replace_begin(&s, "a"));
    cr_assert(tarn__replace_write(&r, "r", 1) && tarn__replace_write(&s, "s", 1));
    cr_assert(tarn__replace_commit(&r) && tarn__replace_commit(&s));
    assert_holds("a", "s");
    cr_assert_eq(files_here(), 1);
}

/* One that another process was killed over is removed, and one that is written to is left alone. */
Test(file, left_overs)
{
    tarn__replacement r;
    const pid_t child = fork();
    if (child == 0)
        _exit(tarn__replace_begin(&r, "a") ? 0 : 1);
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    cr_assert_eq(files_here(), 1);
    cr_assert(tarn__replace_begin(&r, "b"));
    cr_assert(replace("a", "a"));
    cr_assert(tarn__replace_write(&r, "b", 1) && tarn__replace_commit(&r));
    assert_holds("a", "a");
    assert_holds("b", "b");
    cr_assert_eq(files_here(), 2);
}

static int synced_files, synced_folders;

/* Before that of the C library. */
int fsync(int descriptor)
{
    struct stat status;
    fstat(descriptor, &status);
    synced_folders += S_ISDIR(status.st_mode);
    synced_files += S_ISREG(status.st_mode);
    return (int)syscall(SYS_fsync, descriptor);
}

Test(file, file_and_folder_are_synced)
{
    cr_assert(replace("a", "x"));
    cr_assert_eq(synced_files, 1);
    cr_assert_eq(synced_folders, 1);
    cr_assert_eq(mkdir("inner", 0777), 0);
    cr_assert(replace("inner/a", "x") && remove("inner/a") == 0);
    cr_assert_eq(synced_folders, 2);
}

enum { STATE = 300000 };

static void replace_forever(void)
{
    static char state[STATE];
    for (int i = 0;; i++) {
        tarn__replacement r;
        memset(state, 'a' + i % 26, sizeof state);
        if (!tarn__replace_begin(&r, "a") || !tarn__replace_write(&r, state, sizeof state) ||
            !tarn__replace_commit(&r))
            _exit(1);
    }
}

static void assert_whole(void)
{
    static char state[STATE];
    int64_t size;
    FILE *file = tarn__open_regular("a", &size);
    cr_assert(file, "%s", tarn_error());
    cr_assert_eq(size, STATE);
    cr_assert_eq(fread(state, 1, sizeof state, file), sizeof state);
    for (size_t i = 1; i < sizeof state; i++)
        cr_assert_eq(state[i], state[0]);
    fclose(file);
}

/* Processes that replace one file are killed at any moment: it is one of the states as a whole, and
   of each process one file more is left at most, but not for good. */
Test(file, killed)
{
    enum { WRITERS = 2, ROUNDS = 40 };
    static char state[STATE];
    tarn__replacement r;
    cr_assert(tarn__replace_begin(&r, "a") && tarn__replace_write(&r, state, sizeof state) &&
              tarn__replace_commit(&r));
    srand(1);
    for (int round = 0; round < ROUNDS; round++) {
        pid_t children[WRITERS];
        for (int i = 0; i < WRITERS; i++)
            if ((children[i] = fork()) == 0)
                replace_forever();
        nanosleep(&(struct timespec){.tv_nsec = 1000L * (rand() % 20000)}, NULL);
        for (int i = 0; i < WRITERS; i++) {
            int status = -1;
            kill(children[i], SIGKILL);
            waitpid(children[i], &status, 0);
            cr_assert(WIFSIGNALED(status), "a writer failed");
        }
        assert_whole();
        cr_assert_leq(files_here(), 1 + WRITERS);
    }
    cr_assert(tarn__replace_begin(&r, "a"));
    cr_assert(replace("b", "x"));
    tarn__replace_abort(&r);
    cr_assert_eq(files_here(), 2);
}

Test(file, permissions)
{
    struct stat status;
    umask(027);
    cr_assert(replace("new", "x"));
    stat("new", &status);
    cr_assert_eq(status.st_mode & 0777, 0640);
    const mode_t modes[] = {0600, 0666, 0777};
    for (int i = 0; i < 3; i++) {
        chmod("new", modes[i]);
        cr_assert(replace("new", "y"));
        stat("new", &status);
        cr_assert_eq(status.st_mode & 0777, modes[i], "%o", (unsigned)status.st_mode);
    }
    chmod("new", 0444);
    if (geteuid() != 0)
        assert_error(replace("new", "z"), "new: cannot be written: Permission denied");
}

Test(file, a_link_stays_a_link)
{
    struct stat status;
    cr_assert(replace("target", "old"));
    cr_assert_eq(symlink("target", "link"), 0);
    cr_assert(replace("link", "new"));
    assert_holds("target", "new");
    cr_assert_eq(lstat("link", &status), 0);
    cr_assert(S_ISLNK(status.st_mode));
    cr_assert_eq(symlink("nothing", "dangling"), 0);
    assert_error(replace("dangling", "new"),
                 "dangling: cannot be written: it is a symbolic link to a file that does not");
}

Test(file, refuses_what_is_not_a_regular_file)
{
    assert_error(replace(".", "x"), ".: cannot be written: it is not a regular file");
    assert_error(replace("/dev/full", "x"), "/dev/full: cannot be written: it is not a regular");
    cr_assert_eq(mkfifo("pipe", 0600), 0);
    assert_error(replace("pipe", "x"), "pipe: cannot be written: it is not a regular file");
    assert_error(replace("", "x"), "the path of the file to write is empty, expects a name");
    assert_error(replace("no/where", "x"),
                 "no/where: cannot be written: no file can be made in its folder: No such file");
    assert_error(replace("new/", "x"), "new/: cannot be written");
    cr_assert(replace("plain", "x"));
    assert_error(replace("plain/x", "x"), "plain/x: cannot be written: Not a directory");
    cr_assert_eq(files_here(), 2);
}

Test(file, long_names)
{
    char name[260];
    memset(name, 'n', 255);
    name[255] = '\0';
    cr_assert(replace(name, "x"), "%s", tarn_error());
    assert_holds(name, "x");
    memset(name, 'n', 256);
    name[256] = '\0';
    assert_error(replace(name, "x"), "File name too long");
}

static void limit_files(rlim_t size)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size < limit.rlim_max ? size : limit.rlim_max;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A limit on the size of files that comes after begin() stands for a full disk. */
Test(file, a_failed_write_leaves_the_old_file)
{
    static char large[200000];
    tarn__replacement r;
    cr_assert(replace("a", "old"));
    signal(SIGXFSZ, SIG_IGN);
    cr_assert(tarn__replace_begin(&r, "a"));
    limit_files(1000);
    assert_error(tarn__replace_write(&r, large, sizeof large),
                 "a: cannot be written: File too large");
    cr_assert_not(tarn__replace_commit(&r));
    /* Little enough to stay in the stream's buffer until commit. */
    limit_files(RLIM_INFINITY);
    cr_assert(tarn__replace_begin(&r, "a"));
    limit_files(1000);
    cr_assert(tarn__replace_write(&r, large, 2000));
    assert_error(tarn__replace_commit(&r), "a: cannot be written: File too large");
    limit_files(RLIM_INFINITY);
    assert_holds("a", "old");
    cr_assert_eq(files_here(), 1);
}

/* SIGXFSZ, which is at its default here, would end the program and leave the new file. */
Test(file, the_limit_of_the_process_is_no_signal)
{
    static char large[200000];
    tarn__replacement r;
    cr_assert(replace("a", "old"));
    limit_files(1000);
    for (size_t size = 1001; size <= sizeof large; size += sizeof large - 1001) {
        cr_assert(tarn__replace_begin(&r, "a"));
        assert_error(tarn__replace_write(&r, large, size), "a: cannot be written: File too large");
    }
    cr_assert(tarn__replace_begin(&r, "a"));
    cr_assert(tarn__replace_write(&r, large, 999) && tarn__replace_write(&r, large, 1));
    assert_error(tarn__replace_write(&r, large, 1), "a: cannot be written: File too large");
    limit_files(RLIM_INFINITY);
    assert_holds("a", "old");
    cr_assert_eq(files_here(), 1);
}

Test(file, reads_regular_files_only)
{
    int64_t size;
    assert_error(tarn__open_regular("none", &size),
                 "none: cannot be read: No such file or directory");
    assert_error(tarn__open_regular(".", &size), ".: is not a regular file");
    assert_error(tarn__open_regular("/dev/zero", &size), "/dev/zero: is not a regular file");
    cr_assert_eq(mkfifo("pipe", 0600), 0);
    assert_error(tarn__open_regular("pipe", &size), "pipe: is not a regular file");
}
