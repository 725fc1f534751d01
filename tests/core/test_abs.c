#include "tests/support/golden.h"

UNARY_TESTS(abs, ANY)
