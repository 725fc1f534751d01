#include "examples/playground/network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "examples/playground/points.h"

static tarn_module *leaky_relu(void)
{
    return tarn_nn_leaky_relu(.slope = 0.1);
}

static tarn_module *softplus(void)
{
    return tarn_nn_softplus();
}

static const struct {
    const char *name;
    tarn_module *(*make)(void);
} activations[] = {{"tanh", tarn_nn_tanh},     {"relu", tarn_nn_relu}, {"sigmoid", tarn_nn_sigmoid},
                   {"leaky_relu", leaky_relu}, {"gelu", tarn_nn_gelu}, {"silu", tarn_nn_silu},
                   {"softplus", softplus}};
enum { ACTIVATIONS = sizeof activations / sizeof *activations };

/* As tarn_nn_init() takes them; without a function the layers stay as they were made. */
static const struct {
    const char *name;
    tarn_nn_initializer *how;
    double number;
} inits[] = {{"default", NULL, 0},
             {"xavier", tarn_init_xavier_normal, 1},
             {"kaiming", tarn_init_kaiming_normal, TARN_GAIN_RELU},
             {"orthogonal", tarn_init_orthogonal, 1},
             {"small", tarn_init_normal, 0.01},
             {"large", tarn_init_normal, 2},
             {"zeros", tarn_init_constant, 0}};
enum { INITS = sizeof inits / sizeof *inits };

static const char *read_layers(network *n, const char *layers)
{
    while (*layers) {
        char *end;
        const long units = strtol(layers, &end, 10);
        if (end == layers || units < 1 || units > NETWORK_UNITS || (*end && *end != ','))
            return "expects 1 to 16 units in each layer, as in 8,8";
        if (n->layers == NETWORK_LAYERS)
            return "expects at most 6 layers";
        n->units[n->layers++] = (int)units;
        layers = *end ? end + 1 : end;
    }
    return NULL;
}

const char *network_make(network *n, const char *layers, const char *activation, const char *init,
                         double dropout)
{
    *n = (network){0};
    int a = 0, k = 0;
    while (a < ACTIVATIONS && strcmp(activations[a].name, activation) != 0)
        a++;
    while (k < INITS && strcmp(inits[k].name, init) != 0)
        k++;
    const char *wrong = read_layers(n, layers);
    if (wrong || a == ACTIVATIONS || k == INITS)
        return wrong              ? wrong
               : a == ACTIVATIONS ? "there is no such activation"
                                  : "there is no such initialization";
    tarn_module *modules[3 * NETWORK_LAYERS + 1];
    int count = 0, in = 2;
    for (int i = 0; i < n->layers; in = n->units[i++]) {
        modules[count++] = tarn_nn_linear(in, n->units[i]);
        modules[count++] = activations[a].make();
        n->output_of[i] = count - 1;
        if (dropout > 0)
            modules[count++] = tarn_nn_dropout(dropout);
    }
    n->output_of[n->layers] = count;
    modules[count++] = tarn_nn_linear(in, 2);
    n->model = tarn_nn_sequential_of(count, modules);
    if (n->model && inits[k].how)
        tarn_nn_init(n->model, "*.weight", inits[k].how, inits[k].number);
    return n->model ? NULL : "out of memory";
}

void network_score(network *n, int part, double score[2])
{
    const tarn_labels labels = tarn_labels(data.counts[part], data.labels[part]);
    tarn_tensor *places = tarn_from_array(tarn_shape(data.counts[part], 2), data.places[part]);
    tarn_nn_train(n->model, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *logits = tarn_nn_forward(n->model, places);
    tarn_tensor *loss = tarn_cross_entropy(logits, labels);
    score[0] = loss ? (double)tarn_item(loss) : NAN;
    score[1] = loss ? (double)tarn_count_correct(logits, labels) / data.counts[part] : NAN;
    tarn_tape_end(tape);
    tarn_nn_train(n->model, true);
    tarn_free(places);
}

void network_free(network *n)
{
    tarn_nn_free(n->model);
    *n = (network){0};
}
