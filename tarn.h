/* Tarn: a minimal autograd deep-learning framework in C. Everything public, in reading order. */
#ifndef TARN_H
#define TARN_H

#include "core/error.h"
#include "core/gradcheck.h"
#include "core/graph.h"
#include "core/op.h"
#include "core/ops.h"
#include "core/random.h"
#include "core/tape.h"
#include "core/tensor.h"
#include "core/threads.h"

#include "nn/init.h"
#include "nn/metrics.h"
#include "nn/module.h"
#include "nn/nn.h"

#include "optim/optim.h"
#include "optim/rule.h"
#include "optim/schedule.h"

#include "data/data.h"

#endif
