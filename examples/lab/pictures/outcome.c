#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/pictures/pictures.h"

enum { SHOWN = 24 }; /* mistakes in the report */

/* What is collected over the validation pictures. */
typedef struct outcome {
    tarn_confusion *confusion;
    int64_t seen; /* pictures so far, in their order */
    int mistake_count;
    report_mistake mistakes[SHOWN]; /* the surest first; each owns its pixels */
} outcome;

/* ---- Mistakes */

/* The pixels of picture i of the batch as bytes, normalization undone. */
static uint8_t *pixels_of(const tarn_tensor *images, int i, const picture_data *d)
{
    const int64_t size = tarn_size(images) / tarn_dim(images, 0);
    const tarn_real *values = tarn_values(images) + i * size;
    uint8_t *pixels = malloc((size_t)size);
    if (!pixels)
        die("out of memory for a picture of the report");
    for (int64_t k = 0; k < size; k++) {
        const int64_t c = k % d->channels;
        const double value = (double)values[k] * d->deviation[c] + d->mean[c];
        pixels[k] = (uint8_t)lround(255 * fmin(fmax(value, 0), 1));
    }
    return pixels;
}

/* Keeps the mistake if it is among the surest so far. Its pixels become the outcome's. */
static void add_mistake(outcome *o, report_mistake m)
{
    int place = o->mistake_count;
    while (place > 0 && o->mistakes[place - 1].probability < m.probability)
        place--;
    if (place == SHOWN) {
        free((void *)m.pixels);
        return;
    }
    if (o->mistake_count == SHOWN)
        free((void *)o->mistakes[--o->mistake_count].pixels);
    memmove(&o->mistakes[place + 1], &o->mistakes[place],
            (size_t)(o->mistake_count - place) * sizeof m);
    o->mistakes[place] = m;
    o->mistake_count++;
}

static int largest(const tarn_real *values, int count)
{
    int best = 0;
    for (int c = 1; c < count; c++)
        if (values[c] > values[best])
            best = c;
    return best;
}

static void look_at(outcome *o, tarn_module *model, tarn_batch batch, const picture_data *d)
{
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *logits = tarn_nn_forward(model, batch.images);
    tarn_tensor *probabilities = tarn_softmax(logits);
    if (!tarn_confusion_add(o->confusion, logits, batch.labels))
        die("%s", tarn_error());
    const int classes = (int)tarn_dim(probabilities, 1);
    for (int i = 0; i < batch.count; i++) {
        const tarn_real *row = tarn_values(probabilities) + (int64_t)i * classes;
        const int guess = largest(row, classes), truth = batch.labels.ids[i];
        const double sure = (double)row[guess];
        const bool full = o->mistake_count == SHOWN;
        if (guess != truth && tarn_ndim(batch.images) == 4 &&
            !(full && sure <= o->mistakes[SHOWN - 1].probability))
            add_mistake(o, (report_mistake){pixels_of(batch.images, i, d),
                                            tarn_data_path(d->validation, o->seen + i), truth,
                                            guess, sure});
    }
    o->seen += batch.count;
    tarn_tape_end(tape);
}

static outcome look_at_all(picture_training *t, const picture_data *d)
{
    outcome o = {.confusion = tarn_confusion_new(tarn_data_classes(d->validation))};
    if (!o.confusion)
        die("%s", tarn_error());
    tarn_nn_train(t->base.model, false);
    tarn_batch batch;
    while (tarn_loader_next(t->validation_loader, &batch))
        look_at(&o, t->base.model, batch, d);
    if (tarn_loader_failed(t->validation_loader))
        die("%s", tarn_error());
    return o;
}

/* ---- The report */

enum { SETTINGS = 16 };

static void set(report_setting *to, const char *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    snprintf(to->name, sizeof to->name, "%s", name);
    vsnprintf(to->value, sizeof to->value, format, arguments);
    va_end(arguments);
}

static int list_settings(const picture_training *t, const picture_settings *s,
                         const picture_data *d, report_setting list[SETTINGS])
{
    int n = 0;
    double seconds = 0;
    for (int i = 0; i < t->epoch_count; i++)
        seconds += t->epochs[i].seconds;
    set(&list[n++], "pictures", "%s", source_name(s));
    set(&list[n++], "trained on", "%lld, validated on %lld",
        (long long)tarn_data_count(d->training), (long long)tarn_data_count(d->validation));
    set(&list[n++], "size", "%s", tarn_shape_to_text(tarn_data_sample_shape(d->training)).text);
    set(&list[n++], "network", "%s, %lld parameters", s->model,
        (long long)tarn_nn_parameter_count(t->base.model));
    set(&list[n++], "optimizer", "%s", s->optimizer);
    set(&list[n++], "learning rate", "%g, falling to 0", s->lr);
    set(&list[n++], "batch size", "%ld", s->batch_size);
    if (s->validation >= 0)
        set(&list[n++], "validation", "on %g of each class", s->validation);
    set(&list[n++], "epochs", "%ld at most, until %ld bring no better network", s->epochs,
        s->patience);
    if (s->label)
        set(&list[n++], "label", "%s", s->label);
    if (s->augment)
        set(&list[n++], "augmentation", "%s", s->augment);
    set(&list[n++], "seed", "%ld", s->seed);
    set(&list[n++], "threads", "%d, workers %ld", tarn_threads(), s->workers);
    set(&list[n++], "training took", "%.1f s, %.0f pictures a second", seconds,
        (double)tarn_data_count(d->training) * t->epoch_count / seconds);
    return n;
}

/* The share of the most frequent class: what always answering it would reach. */
static double share_of_largest(const tarn_dataset *dataset)
{
    int64_t most = 0;
    for (int c = 0; c < tarn_data_classes(dataset); c++)
        if (tarn_data_count_of(dataset, c) > most)
            most = tarn_data_count_of(dataset, c);
    return (double)most / (double)tarn_data_count(dataset);
}

void write_outcome(picture_training *t, const picture_settings *s, const picture_data *d)
{
    if (!tarn_nn_load(t->base.model, output_in(s->out, RUN_NETWORK).text))
        die("%s", tarn_error());
    outcome o = look_at_all(t, d);
    report_setting settings[SETTINGS];
    char title[512];
    snprintf(title, sizeof title, "%s on %s", s->model, source_name(s));
    const tarn_shape shape = tarn_data_sample_shape(d->training);
    const output_path path = output_in(s->out, RUN_REPORT);
    const output_path samples = output_in(s->out, RUN_SAMPLES);
    const bool are_pictures = shape.ndim == 3;
    if (are_pictures && !tarn_data_show(d->training, d->transforms, samples.text, .rows = 6,
                                        .columns = 8, .seed = (uint64_t)s->seed))
        die("%s", tarn_error());
    report_write(&(report){.title = title,
                           .setting_count = list_settings(t, s, d, settings),
                           .settings = settings,
                           .epoch_count = t->epoch_count,
                           .epochs = t->epochs,
                           .best = (int)t->stopping.best_step,
                           .classes = tarn_data_classes(d->training),
                           .class_names = tarn_data_class_names(d->training),
                           .confusion = o.confusion,
                           .height = (int)shape.dim[0],
                           .width = (int)shape.dim[1],
                           .channels = d->channels,
                           .mistake_count = o.mistake_count,
                           .mistakes = o.mistakes,
                           .sheet = are_pictures ? samples.text : NULL},
                 path.text);
    const double accuracy = tarn_confusion_accuracy(o.confusion);
    for (int i = 0; i < o.mistake_count; i++)
        free((void *)o.mistakes[i].pixels);
    tarn_confusion_free(o.confusion);
    end_run(s);
    printf("%s: the report; %s: the network\n", path.text, output_in(s->out, RUN_NETWORK).text);
    printf("validation accuracy: %.1f%%\n", 100 * accuracy);
    if (accuracy <= share_of_largest(d->validation))
        die("the network has learned nothing: always answering the most frequent class is right as "
            "often; more --epochs or a smaller --lr may help");
}
