#include "tests/support/golden.h"

UNARY_TESTS(square, ANY)
