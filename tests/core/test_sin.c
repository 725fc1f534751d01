#include "tests/support/golden.h"

UNARY_TESTS(sin, ANY)
