#include "tests/support/golden.h"

UNARY_TESTS(floor, ANY)
UNARY_TESTS(ceil, ANY)
UNARY_TESTS(round, ANY)
