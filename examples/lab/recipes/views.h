/* A network that looks several times, when it is tested. */
#ifndef TARN_LAB_VIEWS_H
#define TARN_LAB_VIEWS_H

#include <tarn.h>

/* Pictures (N,H,W,C) as they look the i-th time; the first time as they are. */
typedef tarn_tensor *view(tarn_tensor *pictures, int i);

/* While it is trained, the network: (N,H,W,C) to (N,classes). Else the mean, over so many views, of
   the logarithms of what the network takes each to be. Owns the network. Dies without memory. */
tarn_module *views_of(tarn_module *network, view *look, int views);

#endif
