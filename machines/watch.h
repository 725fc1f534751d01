/* A child of each process that speaks for it if it is killed. */
#ifndef TARN_MACHINES_WATCH_H
#define TARN_MACHINES_WATCH_H

/* Starts it, before MPI is initialized. It ends this process if it hears of no others within the
   timeout of tarn__team_own, and a few seconds. */
void tarn__watch_begin(void);

/* The descriptor, in this process, by which the children of others see it end; -1 for none. */
int tarn__watch_line(void);

/* Tells it who all are, by tarn__team_own. Of one process there is nothing to watch. */
void tarn__watch_introduce(void);

/* Ends it: there is nothing more for it to say. */
void tarn__watch_end(void);

#endif
