/* What every public header needs: symbol visibility and C linkage, opened and closed in pairs. */
#ifndef TARN_CORE_API_H
#define TARN_CORE_API_H

#ifdef __cplusplus
#define TARN_API_BEGIN                                                                             \
    _Pragma("GCC visibility push(default)") extern "C"                                             \
    {
#define TARN_API_END                                                                               \
    }                                                                                              \
    _Pragma("GCC visibility pop")
#else
#define TARN_API_BEGIN _Pragma("GCC visibility push(default)")
#define TARN_API_END _Pragma("GCC visibility pop")
#endif

/* Lets the compiler check printf-style arguments. */
#define TARN_PRINTF(format_index, first_argument)                                                  \
    __attribute__((format(printf, format_index, first_argument)))

#endif
