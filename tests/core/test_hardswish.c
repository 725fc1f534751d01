#include "tests/support/golden.h"

UNARY_TESTS(hardswish, ANY)
