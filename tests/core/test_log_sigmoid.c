#include "tests/support/golden.h"

UNARY_TESTS(log_sigmoid, ANY)
