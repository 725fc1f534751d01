/* What every public header needs: symbol visibility and C linkage, opened and closed in pairs, and
   the element type. */
#ifndef TARN_CORE_BASE_API_H
#define TARN_CORE_BASE_API_H

#ifdef __cplusplus
/* Clang says of structs whose members have defaults in C++ that C cannot return them. It can: what
   they hold is the same. */
#ifdef __clang__
#define TARN__API_PUSH _Pragma("clang diagnostic push") TARN__API_QUIET
#define TARN__API_QUIET _Pragma("clang diagnostic ignored \"-Wreturn-type-c-linkage\"")
#define TARN__API_POP _Pragma("clang diagnostic pop")
#else
#define TARN__API_PUSH
#define TARN__API_POP
#endif
#define TARN_API_BEGIN                                                                             \
    TARN__API_PUSH _Pragma("GCC visibility push(default)") extern "C"                              \
    {
#define TARN_API_END                                                                               \
    }                                                                                              \
    _Pragma("GCC visibility pop") TARN__API_POP
#else
#define TARN_API_BEGIN _Pragma("GCC visibility push(default)")
#define TARN_API_END _Pragma("GCC visibility pop")
#endif

/* The element type. The library also builds in double (pkg-config module tarn-double, which
   defines TARN_DOUBLE), so that gradients can be checked to 1e-6 rather than 1e-2. */
#ifdef TARN_DOUBLE
typedef double tarn_real;
/* Code compiled for one element type and linked with the other must not link: every program
   opens a tape, so one renamed symbol is enough. */
#define tarn_tape_begin tarn_tape_begin_double
#else
typedef float tarn_real;
#endif

/* Lets the compiler check printf-style arguments. */
#define TARN_PRINTF(format_index, first_argument)                                                  \
    __attribute__((format(printf, format_index, first_argument)))

#endif
