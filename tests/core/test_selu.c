#include "tests/support/golden.h"

UNARY_TESTS(selu, ANY)
