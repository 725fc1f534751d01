/* Tarn: a minimal autograd deep-learning framework in C. Everything public.
   To read it, begin with core/tensor.h, core/tape.h and core/op.h, then core/ops.h, nn/nn.h,
   optim/optim.h and data/data.h. */
#ifndef TARN_H
#define TARN_H

#include "core/base/error.h"
#include "core/base/precision.h"
#include "core/base/progress.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/base/threads.h"
#include "core/op.h"
#include "core/ops.h"
#include "core/ops/losses.h"
#include "core/tape.h"
#include "core/tensor.h"

#include "nn/checkpoint.h"
#include "nn/confusion.h"
#include "nn/file.h"
#include "nn/init.h"
#include "nn/metrics.h"
#include "nn/module.h"
#include "nn/nn.h"

#include "optim/histogram.h"
#include "optim/optim.h"
#include "optim/rule.h"
#include "optim/schedule.h"

#include "data/data.h"
#include "data/transform.h"

#ifndef TARN_WITHOUT_EXTRAS /* what a library that was built with -Dextras=false has not */
#include "core/inspect/curvature.h"
#include "core/inspect/gradcheck.h"
#include "core/inspect/graph.h"
#include "core/inspect/watch.h"
#include "core/ops/extras.h"
#include "core/ops/places.h"
#include "nn/exchange/export.h"
#include "nn/exchange/import.h"
#include "nn/exchange/inspect.h"
#include "nn/exchange/npy.h"
#include "nn/exchange/state.h"
#include "nn/extras.h"
#include "optim/extras.h"
#elif !defined __cplusplus /* there a call of what is not declared is an error anyway */
#pragma GCC diagnostic error "-Wimplicit-function-declaration"
#endif

#endif
