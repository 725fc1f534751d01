#include "tests/support/golden.h"

UNARY_TESTS(sqrt, POSITIVE)
