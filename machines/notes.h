/* Notes between the processes: small messages, on a communicator of their own, by which one that
   fails tells the others why, and by which those who wait for too long find out who is silent. */
#ifndef TARN_MACHINES_NOTES_H
#define TARN_MACHINES_NOTES_H

enum { TARN__NOTE_LENGTH = 1024 };

/* Tells all others the sentence, and waits a few seconds for those that say they know. */
void tarn__notes_tell(const char *sentence);

/* Waits a few seconds for all others to come here too. */
void tarn__notes_meet(void);

/* Asks all others whether they are there; who answers is heard, and says what it waits for
   (machines/team.h). */
void tarn__notes_ask(void);

/* Reads and answers what has come. Does not return if it is that another process has failed. */
void tarn__notes_listen(void);

/* The first rank whose process is seen to be gone; -1 for none. */
int tarn__notes_gone(void);

#endif
