#include "tests/support/golden.h"

UNARY_TESTS(softplus, ANY)
