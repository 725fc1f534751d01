#include "tests/support/golden.h"

UNARY_TESTS(relu6, ANY)
