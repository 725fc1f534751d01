/*
 * Arguments by name, and lists of arguments.
 *
 *     tarn_nn_conv2d(1, 32, 3, .padding = 1)
 *
 * What is mandatory comes first, without names; what has a default is named, in any order (in C++,
 * in the order of the list). Every option has its real default: one that is 0 is 0. A mandatory
 * argument that is forgotten and a misspelt name are compile errors.
 *
 * Each such function X has a list of its options, from which all the rest comes:
 *
 *     #define X_OPTIONS(OPTION)                                        type, name, default
 *         OPTION(int, stride, 1)
 *         OPTION(bool, bias, true)
 *     typedef struct X_args {
 *         tarn_tensor *x;                                              what is mandatory
 *         int in, out;
 *         TARN_OPTIONS(X_OPTIONS)                                      and the options
 *     } X_args;
 *     tarn_module *X_with(X_args args);                                the function behind it
 *     #define X(x_, in_, ...)
 *         TARN_CALL(X_with, X_args, X_OPTIONS, .x = (x_), .in = TARN_WHOLE(in_),
 *                   .out = TARN_WHOLE_FIRST(__VA_ARGS__))
 *
 * The last that is mandatory takes the options with it; it is .x = __VA_ARGS__ if it is no number.
 * To call X_with() itself, as from another language, set all members: it knows no defaults.
 * TARN_DEFAULTS(X_OPTIONS) initializes a struct with them.
 */
#ifndef TARN_CORE_BASE_OPTIONS_H
#define TARN_CORE_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/api.h"

#ifdef __cplusplus

extern "C++" {
struct tarn__no_name {
    tarn__no_name() = default;
    template <class Value> tarn__no_name(Value) = delete;
};
}

/* In C++ the members themselves have the defaults. */
#define TARN__MEMBER_OF(type, name, value, ...) type name = value;
#define TARN__NO_NAME [[no_unique_address]] tarn__no_name no_name = {}
#define TARN__EMPTY                                                                                \
    {                                                                                              \
    }
#define TARN_CALL(function, args, options, ...) function(args{__VA_ARGS__})
#define TARN_DEFAULTS(options)                                                                     \
    {                                                                                              \
    }

#else

__extension__ typedef struct tarn__no_name {
} tarn__no_name;

#define TARN__MEMBER_OF(type, name, value, ...) type name;
#define TARN__NO_NAME __extension__ tarn__no_name no_name
#define TARN__EMPTY                                                                                \
    {                                                                                              \
        0                                                                                          \
    }

/* In C the defaults stand before what the caller says, which overrides them. That is meant, so the
   compilers' warnings about it, and no others, are off meanwhile; that a conversion loses what is
   behind a point is an error. The temporary has a name of its own, since an argument may be such a
   call too. */
#define TARN_CALL(function, args, options, ...)                                                    \
    TARN__CALL(TARN__JOIN(tarn_args_, __COUNTER__), function, args, options, __VA_ARGS__)
#define TARN__CALL(name, function, args, options, ...)                                             \
    __extension__({                                                                                \
        TARN__OVERRIDE_BEGIN                                                                       \
        args name = {options(TARN__DEFAULT) __VA_ARGS__};                                          \
        TARN__WHOLE_END                                                                            \
        function(name);                                                                            \
    })
#define TARN__DEFAULT(type, ...) TARN__DEFAULT_OF(__VA_ARGS__, )
#define TARN__DEFAULT_OF(name, value, ...) .name = value,
#define TARN__JOIN(a, b) TARN__JOIN_EXPANDED(a, b)
#define TARN__JOIN_EXPANDED(a, b) a##b
#define TARN_DEFAULTS(options)                                                                     \
    {                                                                                              \
        options(TARN__DEFAULT)                                                                     \
    }

#ifdef __clang__
#define TARN__OVERRIDE_BEGIN TARN__WHOLE_BEGIN TARN__OVERRIDE
#define TARN__OVERRIDE _Pragma("clang diagnostic ignored \"-Winitializer-overrides\"")
#define TARN__WHOLE_BEGIN                                                                          \
    _Pragma("clang diagnostic push") _Pragma("clang diagnostic error \"-Wfloat-conversion\"")      \
        _Pragma("clang diagnostic error \"-Wliteral-conversion\"")
#define TARN__WHOLE_END _Pragma("clang diagnostic pop")
#else
#define TARN__OVERRIDE_BEGIN TARN__WHOLE_BEGIN TARN__OVERRIDE
#define TARN__OVERRIDE _Pragma("GCC diagnostic ignored \"-Woverride-init\"")
#define TARN__WHOLE_BEGIN                                                                          \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic error \"-Wfloat-conversion\"")
#define TARN__WHOLE_END _Pragma("GCC diagnostic pop")
#endif

#endif

/* A mandatory argument that is a whole number, and the last such one with the options behind it:
   2.5, which C would round without a word, is a compile error. So it is for a named option that is
   one, by the compiler's warning, made an error (gcc's is also for a double that becomes a float,
   as where it is given to a function of floats within the call; clang gives none where Tarn's
   headers are taken for the system's). */
#define TARN_WHOLE(number) ((number) | 0)
#define TARN_WHOLE_FIRST(...) TARN__WHOLE_FIRST(__VA_ARGS__, )
#define TARN__WHOLE_FIRST(first, ...) TARN_WHOLE(first), __VA_ARGS__

/* A call of a function that takes a list, "how many, and where they are":
 *
 *     #define X(...) TARN_LIST(X_of, int64_t, __VA_ARGS__)                      X_of(count, list)
 *     #define Y(a, ...) TARN_LIST_AFTER(Y_of, (a), tarn_tensor *, __VA_ARGS__)  Y_of(a, count,
 * list)
 *
 * The list lives as long as the call. What stands in it is computed in its order, so that layers
 * draw the same first weights in C and in C++, and is written out once, so that calls can be nested
 * deeply. TARN_NUMBERS and TARN_NUMBERS_AFTER are the same for whole numbers, and refuse what may
 * not be one, as 2.9 or a double: in C as for options, in C++ also a type wider than the list's.
 */
#ifdef __cplusplus
extern "C++" {
template <class T> struct tarn__whole {
    T value;
    tarn__whole() = default;
    template <class V>
    requires(sizeof(V) <= sizeof(T)) && requires(V v)
    {
        v % 1;
    }
    tarn__whole(V v) : value(static_cast<T>(v))
    {
    }
    operator T() const
    {
        return value;
    }
};

/* How an element of a list arrives, and the list itself as an array. */
template <class T> struct tarn__arrives {
    using type = T;
};
template <> struct tarn__arrives<int64_t> {
    using type = tarn__whole<int64_t>;
};
template <> struct tarn__arrives<int> {
    using type = tarn__whole<int>;
};
template <class T> using tarn__arriving = typename tarn__arrives<T>::type[];

template <class T, size_t N> struct tarn__list {
    T values[N];
    template <class V> explicit tarn__list(V (&&from)[N])
    {
        for (size_t i = 0; i < N; i++)
            values[i] = from[i];
    }
};

/* Calls the function with what stands before the list, and the list but for its first. */
template <class F, class T, size_t N> struct tarn__call {
    F *function;
    tarn__list<T, N> list;
    template <class... First> auto operator()(First... first)
    {
        return function(first..., static_cast<int>(N) - 1, list.values + 1);
    }
};
template <class T, class F, class V, size_t N>
tarn__call<F, T, N> tarn__call_with(F *function, V (&&from)[N])
{
    return {function, tarn__list<T, N>(static_cast<V(&&)[N]>(from))};
}
}
#define TARN_LIST_AFTER(function, first, type, ...)                                                \
    tarn__call_with<type>(function, tarn__arriving<type>{{}, __VA_ARGS__}) first
#define TARN_LIST(function, type, ...) TARN_LIST_AFTER(function, (), type, __VA_ARGS__)
#define TARN_NUMBERS TARN_LIST
#define TARN_NUMBERS_AFTER TARN_LIST_AFTER

#else

#define TARN_LIST(function, type, ...)                                                             \
    TARN__LIST(TARN__JOIN(tarn_list_, __COUNTER__), function, type, __VA_ARGS__)
#define TARN__LIST(name, function, type, ...)                                                      \
    __extension__({                                                                                \
        type name[] = {(type){0}, __VA_ARGS__};                                                    \
        function((int)(sizeof name / sizeof *name) - 1, name + 1);                                 \
    })
#define TARN_LIST_AFTER(function, first, type, ...)                                                \
    TARN__LIST_AFTER(TARN__JOIN(tarn_list_, __COUNTER__), function, first, type, __VA_ARGS__)
#define TARN__LIST_AFTER(name, function, first, type, ...)                                         \
    __extension__({                                                                                \
        type name[] = {(type){0}, __VA_ARGS__};                                                    \
        function(TARN__BARE first, (int)(sizeof name / sizeof *name) - 1, name + 1);               \
    })
#define TARN__BARE(...) __VA_ARGS__

#define TARN_NUMBERS(function, type, ...)                                                          \
    TARN__NUMBERS(TARN__JOIN(tarn_list_, __COUNTER__), function, type, __VA_ARGS__)
#define TARN__NUMBERS(name, function, type, ...)                                                   \
    __extension__({                                                                                \
        TARN__WHOLE_BEGIN                                                                          \
        type name[] = {(type){0}, __VA_ARGS__};                                                    \
        TARN__WHOLE_END                                                                            \
        function((int)(sizeof name / sizeof *name) - 1, name + 1);                                 \
    })
#define TARN_NUMBERS_AFTER(function, first, type, ...)                                             \
    TARN__NUMBERS_AFTER(TARN__JOIN(tarn_list_, __COUNTER__), function, first, type, __VA_ARGS__)
#define TARN__NUMBERS_AFTER(name, function, first, type, ...)                                      \
    __extension__({                                                                                \
        TARN__WHOLE_BEGIN                                                                          \
        type name[] = {(type){0}, __VA_ARGS__};                                                    \
        TARN__WHOLE_END                                                                            \
        function(TARN__BARE first, (int)(sizeof name / sizeof *name) - 1, name + 1);               \
    })

#endif

/* The options as members of the struct of arguments. An option without its name, as in
   tarn_nn_conv2d(1, 32, 3, 2), would land in the member before them, which nothing can initialize
   and which takes no room: an error from clang and in C++, from gcc a warning in C ("excess
   elements"). */
#define TARN_OPTIONS(options)                                                                      \
    TARN__NO_NAME;                                                                                 \
    options(TARN__MEMBER)
/* What an option has beside these three is for others, see core/base/option_list.h. */
#define TARN__MEMBER(type, ...) TARN__MEMBER_OF(type, __VA_ARGS__, )

#endif
