#include "tests/support/golden.h"

UNARY_TESTS(exp, ANY)
