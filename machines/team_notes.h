/* Notes between the processes: who has failed and why, who is there. Beside machines/team.h. */
#ifndef TARN_MACHINES_TEAM_NOTES_H
#define TARN_MACHINES_TEAM_NOTES_H

enum { TARN__NOTE_LENGTH = 1024 };

/* Tells all others the sentence, and waits a few seconds for those that say they know. */
void tarn__notes_tell(const char *sentence);

/* What a process does that is told one: says it, and does nothing more. In team.c. */
void tarn__notes_obey(const char *sentence);

/* Waits a few seconds for all others to come here too. */
void tarn__notes_meet(void);

/* The first rank whose process is seen to be gone; -1 for none. */
int tarn__notes_gone(void);

/* Starts a child that speaks for this process if it is killed: before MPI is initialized. Tells it
   who all are; ends it, where there is nothing more for it to say. In team_watch.c. */
void tarn__watch_begin(void);
void tarn__watch_introduce(void);
void tarn__watch_end(void);

#endif
