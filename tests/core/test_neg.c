#include "tests/support/golden.h"

UNARY_TESTS(neg, ANY)
