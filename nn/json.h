/* Whether memory ran out in jansson, which forgets it now and then: it leaves a key out of what it
   writes, or a character out of what it reads, and reports success or another mistake. */
#ifndef TARN_NN_JSON_H
#define TARN_NN_JSON_H

#include <stdbool.h>

#include <jansson.h>

/* Begins to look, in this thread. */
void tarn__json_watch(void);

/* Whether an allocation of jansson's has failed in this thread since then. */
bool tarn__json_failed(void);

#endif
