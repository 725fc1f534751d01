/* Stands for this folder where -Dextras=false leaves it out: PyTorch's layout and NumPy's files are
   refused, and no module is a graph. */
#include <stdio.h>

#include "core/base/error.h"
#include "nn/exchange/graph_json.h"
#include "nn/exchange/npz.h"
#include "nn/exchange/torch.h"
#include "nn/layer.h"

#define WITHOUT "takes nn/exchange/, which this library was built without (-Dextras=false)"

bool tarn__torch_forms(const char *who, const tarn_module *module, tarn__travel how,
                       const tarn__slots *slots, struct tarn__form *forms)
{
    (void)module, (void)how, (void)slots, (void)forms;
    return tarn_set_error("%s: PyTorch's layout " WITHOUT, who);
}

static bool refuse(const char *path)
{
    return tarn_set_error("%s: a file of NumPy's " WITHOUT, path);
}

bool tarn__npz_open(tarn__reader *r)
{
    return refuse(r->path);
}

bool tarn__npz_read(tarn__reader *r)
{
    return refuse(r->path);
}

bool tarn__write_npz(const char *path, json_t *metadata, const tarn__slot *slots, int count)
{
    (void)slots, (void)count;
    json_decref(metadata);
    return refuse(path);
}

const tarn_module_type tarn__nn_graph = {.name = "Graph"};

void tarn__graph_to_json(const tarn_module *graph, json_t *object)
{
    (void)graph, (void)object;
}

bool tarn__graph_difference(json_t **a, json_t **b)
{
    (void)a, (void)b;
    return false;
}

tarn_module *tarn__graph_from_json(json_t *object, int *left, tarn__graph_wrong *what)
{
    (void)object, (void)left;
    snprintf(what->text, sizeof what->text, "it " WITHOUT);
    return NULL;
}
