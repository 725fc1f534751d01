/* Tarn: a minimal autograd deep-learning framework in C. Everything public.
   To read it, begin with core/tensor.h, core/tape.h and core/op.h, then core/ops.h, nn/nn.h,
   optim/optim.h and data/data.h. */
#ifndef TARN_H
#define TARN_H

#include "core/base/error.h"
#include "core/base/precision.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/base/threads.h"
#include "core/inspect/curvature.h"
#include "core/inspect/gradcheck.h"
#include "core/inspect/graph.h"
#include "core/inspect/watch.h"
#include "core/op.h"
#include "core/ops.h"
#include "core/tape.h"
#include "core/tensor.h"

#include "nn/checkpoint.h"
#include "nn/confusion.h"
#include "nn/exchange/export.h"
#include "nn/exchange/import.h"
#include "nn/exchange/inspect.h"
#include "nn/exchange/npy.h"
#include "nn/exchange/state.h"
#include "nn/file.h"
#include "nn/init.h"
#include "nn/metrics.h"
#include "nn/module.h"
#include "nn/nn.h"

#include "optim/histogram.h"
#ifndef TARN_WITHOUT_EXTRAS /* a library built with -Dextras=false */
#include "optim/extras.h"
#endif
#include "optim/optim.h"
#include "optim/rule.h"
#include "optim/schedule.h"

#include "data/data.h"
#include "data/transform.h"

#endif
