#include "tests/support/golden.h"

UNARY_TESTS(sigmoid, ANY)
