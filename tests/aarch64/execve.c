/* Criterion starts each test as a new process of the same program. Where the program runs in an
   emulator of another processor, the system could not run it: so the emulator is started instead.
 */
#define _GNU_SOURCE /* syscall */
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_ARGUMENTS = 64 };

int execve(const char *path, char *const arguments[], char *const environment[])
{
    const char *line[MOST_ARGUMENTS] = {TARN_EMULATOR, path};
    int count = 0;
    while (line[count])
        count++;
    for (int i = 1; arguments[i] && count < MOST_ARGUMENTS - 1; i++)
        line[count++] = arguments[i];
    return (int)syscall(SYS_execve, line[0], line, environment);
}
