#include "tests/support/golden.h"

UNARY_TESTS(mish, ANY)
