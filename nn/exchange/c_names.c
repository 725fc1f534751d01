#include "nn/exchange/c_names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char keywords[] =
    " alignas alignof asm auto bool break case char const constexpr continue default do double "
    "else "
    "enum extern false float for goto if inline int long main nullptr register restrict return "
    "short signed sizeof static static_assert struct switch thread_local true typedef typeof "
    "typeof_unqual union unsigned void volatile while ";

/* Functions of the C library, which compilers know, linkers find, and <math.h> declares. */
static const char library[] =
    " abort abs atexit atof atoi atol atoll bsearch calloc div exit free getenv labs ldiv llabs "
    "lldiv malloc mblen qsort rand realloc srand strtod strtof strtol strtold strtoll strtoul "
    "strtoull system memchr memcmp memcpy memmove memset strcat strchr strcmp strcoll strcpy "
    "strcspn strerror strlen strncat strncmp strncpy strpbrk strrchr strspn strstr strtok strxfrm "
    "clearerr fclose feof ferror fflush fgetc fgetpos fgets fopen fprintf fputc fputs fread "
    "freopen fscanf fseek fsetpos ftell fwrite getc getchar gets perror printf putc putchar puts "
    "remove rename rewind scanf setbuf setvbuf snprintf sprintf sscanf tmpfile tmpnam ungetc "
    "vfprintf vfscanf vprintf vscanf vsnprintf vsprintf vsscanf isalnum isalpha isascii isblank "
    "iscntrl isdigit isgraph islower isprint ispunct isspace isupper isxdigit toascii tolower "
    "toupper time clock signal raise longjmp setjmp alloca bcmp bcopy bzero ffs index rindex "
    "stpcpy strdup strndup execl execlp execle execv execvp execve fork gettext gamma j0 j1 jn "
    "y0 y1 yn isfinite isinf isnan isnormal signbit fpclassify isgreater isgreaterequal isless "
    "islessequal islessgreater isunordered ";

/* These are there with f and l behind them, too. */
static const char mathematics[] =
    " acos acosh asin asinh atan atan2 atanh cabs cacos cacosh carg casin casinh catan catanh cbrt "
    "ccos ccosh ceil cexp cimag clog conj copysign cos cosh cpow cproj creal csin csinh csqrt "
    "ctan ctanh drem erf erfc exp exp10 exp2 expm1 fabs fdim floor fma fmax fmin fmod frexp "
    "gamma huge_val hypot ilogb j0 j1 jn ldexp lgamma llrint llround log log10 log1p log2 logb "
    "lrint lround modf nan nearbyint nextafter nexttoward pow pow10 remainder remquo rint round "
    "scalb scalbln scalbn significand sin sincos sinh sqrt tan tanh tgamma trunc y0 y1 yn ";

/* Whether the word, of so many letters, is in the list. */
static bool is_in(const char *list, const char *word, size_t length)
{
    char spaced[70];
    snprintf(spaced, sizeof spaced, " %.*s ", (int)length, word);
    return strstr(list, spaced) != NULL;
}

static bool begins(const char *name, const char *with)
{
    return strncmp(name, with, strlen(with)) == 0;
}

static bool ends(const char *name, const char *with)
{
    const size_t length = strlen(name), end = strlen(with);
    return length >= end && strcmp(name + length - end, with) == 0;
}

/* As types do; as the macros of <stdint.h> do. */
static bool is_of_headers(const char *name)
{
    return ends(name, "_t") || ((begins(name, "INT") || begins(name, "UINT")) &&
                                (ends(name, "_MAX") || ends(name, "_MIN") || ends(name, "_C")));
}

bool tarn__c_is_identifier(const char *name)
{
    const bool starts = name && isalpha((unsigned char)*name);
    for (const char *c = starts ? name : ""; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '_')
            return false;
    return starts && strlen(name) < 64;
}

bool tarn__c_is_reserved(const char *name)
{
    const size_t length = strlen(name);
    const bool longer = ends(name, "f") || ends(name, "l");
    return is_in(keywords, name, length) || is_in(library, name, length) ||
           is_in(mathematics, name, length) || (longer && is_in(mathematics, name, length - 1)) ||
           is_of_headers(name);
}

bool tarn__c_is_called(const char *text, const char *name)
{
    const size_t length = strlen(name);
    for (const char *at = strstr(text, name); at; at = strstr(at + 1, name)) {
        const unsigned char before = at > text ? (unsigned char)at[-1] : ' ';
        if (at[length] == '(' && !isalnum(before) && before != '_')
            return true;
    }
    return false;
}
