/*
 * Files: opening one to read, and replacing one as a whole or not at all. The data is written to a
 * new file in the same folder, which takes the old one's name when all of it is on the disk. A
 * process that is killed meanwhile leaves that new file, and the next to replace a file in the
 * folder removes it; several at once do not disturb each other.
 */
#ifndef TARN_CORE_BASE_FILE_H
#define TARN_CORE_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Opens a regular file for reading and gives its size in bytes. NULL with tarn_error() set,
   naming the path, if there is none; never waits, as opening a pipe would. */
FILE *tarn__open_regular(const char *path, int64_t *size);

typedef struct tarn__replacement {
    const char *path; /* as given, for messages; borrowed until commit or abort */
    char *target;     /* what the path stands for, symbolic links followed */
    char *temporary;  /* the new file; NULL while there is none */
    FILE *stream;     /* writes to it */
    uint64_t room;    /* how many bytes more the process may write to it, see RLIMIT_FSIZE */
} tarn__replacement;

/* Starts to replace the file, or to make it if there is none: with the old permissions, or those
   that any new file gets. Refuses what is not a regular file, may not be written, or is a symbolic
   link to nothing. */
bool tarn__replace_begin(tarn__replacement *r, const char *path);

/* Appends to the new file. What is beyond the limit of the process is refused before it is written:
   the signal for it would end the program, and leave the new file. */
bool tarn__replace_write(tarn__replacement *r, const void *data, size_t size);

/* Puts the new file, safely on the disk, in the place of the old one. */
bool tarn__replace_commit(tarn__replacement *r);

/* Removes the new file; the old one stays as it was. begin, write and commit do this themselves
   when they fail: they return false, with tarn_error() set, and so do all later calls. */
void tarn__replace_abort(tarn__replacement *r);

#endif
