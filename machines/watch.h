/* A child of each process that speaks for it if it is killed. */
#ifndef TARN_MACHINES_WATCH_H
#define TARN_MACHINES_WATCH_H

/* Starts it: before MPI is initialized. */
void tarn__watch_begin(void);

/* Tells it who all are, by tarn__team_own. */
void tarn__watch_introduce(void);

/* Ends it: there is nothing more for it to say. */
void tarn__watch_end(void);

#endif
