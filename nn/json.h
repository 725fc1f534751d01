/* JSON where memory may run out, which jansson forgets now and then: it leaves a key out of what it
   writes and reports success, and a character out of what it reads, where it then stops the program
   or reads on behind the end. */
#ifndef TARN_NN_JSON_H
#define TARN_NN_JSON_H

#include <stdbool.h>

#include <jansson.h>

/* Begins to look, in this thread. */
void tarn__json_watch(void);

/* Whether an allocation of jansson's has failed in this thread since then. */
bool tarn__json_failed(void);

/* Parses an object, in which no key stands twice. NULL with tarn_error() set otherwise, "<path>:
   <what> is not a JSON object: <reason>", when memory runs out, and for
   a text that would take more than 24 times its size in memory, as one of empty objects. */
json_t *tarn__json_parse(const char *path, const char *what, const char *text, size_t size);

/* Text from a file, fit for a message: cut, and unprintable bytes replaced. */
typedef struct tarn__quoted {
    char text[300];
} tarn__quoted;
tarn__quoted tarn__quote(const char *text);

#endif
