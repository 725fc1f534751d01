#include "tests/support/golden.h"

BINARY_TESTS(prelu, ANY)
