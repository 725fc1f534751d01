#include "tests/support/golden.h"

UNARY_TESTS(cos, ANY)
