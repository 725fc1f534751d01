/* Failing: a process says why, and ends with it all others. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "machines/notes.h"
#include "machines/team.h"

static tarn__team *const team = &tarn__team_own;

void tarn__team_expect(int status, const char *what)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    if (status == MPI_SUCCESS)
        return;
    MPI_Error_string(status, text, &length);
    const int gone = tarn__notes_gone();
    if (gone >= 0)
        tarn__team_die("%s is gone; %s: %.200s", tarn__team_name(gone), what, text);
    tarn__team_die("%s cannot go on; %s: %.200s", tarn__team_name(team->rank), what, text);
}

void tarn__team_die(const char *format, ...)
{
    char sentence[TARN__NOTE_LENGTH];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    tarn__team_speak(sentence);
    tarn__notes_tell(sentence);
    tarn__team_abort();
}

void tarn__team_die_alike(const char *format, ...)
{
    char sentence[TARN__NOTE_LENGTH];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    tarn__team_speak(sentence);
    tarn__notes_meet();
    tarn__team_abort();
}

void tarn_mpi_fail(const char *format, ...)
{
    char reason[TARN__NOTE_LENGTH / 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    if (!team->begun || team->size == 1) {
        team->begun = false; /* nobody else is to hear of it */
        fprintf(stderr, "tarn: %s\n", reason);
        exit(1);
    }
    tarn__team_die("%s has failed: %s", tarn__team_name(team->rank), reason);
}
