#include "tests/support/golden.h"

UNARY_TESTS(softsign, ANY)
