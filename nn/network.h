/* What files say of a network, under TARN__NETWORK:

       {"version": 1, "network": MODULE, "input": [28, 28, 1], "classes": ["cat", "dog"],
        "mean": [0.5], "deviation": [0.25]}            all but the first two may be missing
       MODULE: {"type": "Linear", "numbers": {"in": 4, "out": 2, "bias": true}, "children": [...]}
       child:  the same with its "name"; a module of a type that is not the library's has
               "own": true
       a graph (nn/exchange/graph.h): {"type": "Graph", "output": 8,
               "held": [{"name": "conv1.weight", "shape": [3, 3, 1, 4], "trained": true}, ...],
               "steps": [{"op": "conv2d", "in": [5, 0, -1], "stride": 1, "dilation": 1,
                          "groups": 1}, ...]}
               value i is what it holds as number i, then comes its input, then what the steps
               give; -1 is an input that is left out */
#ifndef TARN_NN_NETWORK_H
#define TARN_NN_NETWORK_H

#include "nn/file.h"
#include "nn/module.h"
#include "nn/reader.h"

/* MODULE. Whether memory ran out shows in tarn__json_failed(), which must be asked to watch. */
json_t *tarn__network_to_json(const tarn_module *module);

/* Builds it. NULL with tarn_error() set, beginning with the path, if it cannot be built. bytes is
   the size of the file's data: a network with much more, or
   of more than 16,384 modules, is not built. */
tarn_module *tarn__network_from_json(const char *path, json_t *network, size_t bytes);

/* Whether the file's network is the module's, in all types and numbers; if not, says where they
   differ. Options that it does not name, as a file of an older version, get their defaults. */
bool tarn__network_equals(const char *path, json_t *network, const tarn_module *module);

/* The metadata of a file that holds the module, for tarn__write_safetensors(), which takes NULL
   when memory runs out. */
json_t *tarn__metadata_of(const tarn_module *module, tarn_layout layout);

#endif
