#include "core/ops/shared/pair.h"

#include <stdio.h>

tarn__pair_text tarn__pair_to_text(tarn__pair p)
{
    tarn__pair_text t;
    if (p.h == p.w)
        snprintf(t.text, sizeof t.text, "%d", p.h);
    else
        snprintf(t.text, sizeof t.text, "%d x %d", p.h, p.w);
    return t;
}
