/* What the function of a C file may be called. */
#ifndef TARN_NN_EXCHANGE_C_NAMES_H
#define TARN_NN_EXCHANGE_C_NAMES_H

#include <stdbool.h>

/* Letters, digits and _, beginning with a letter, since what begins with _ is reserved; less than
   64. */
bool tarn__c_is_identifier(const char *name);

/* Whether the language or its library has the name. */
bool tarn__c_is_reserved(const char *name);

/* Whether the text, of C, has a function of that name, or calls one. */
bool tarn__c_is_called(const char *text, const char *name);

#endif
