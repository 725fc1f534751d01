/*
 * Brings a network from one file into another, of another kind or layout, or shows what is in one.
 * What the kinds are is told by the endings of the files, in one table.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/lab/convert/samples.h"
#include "examples/lab/convert/words.h"
#include "examples/lab/lib/options.h"

/* An option that is not given is NULL or false. */
typedef struct settings {
    files files; /* IN and OUT */
    bool inspect, fold;
    const char *network, *in_layout, *layout, *in_names, *names, *input, *type, *calibrate;
} settings;

static const char *const layouts[] = {"tarn", "torch", NULL};
static const char *const types[] = {"float", "int8", NULL};

static tarn_layout layout_of(const char *text, tarn_layout otherwise)
{
    return !text ? otherwise : is(text, "torch") ? TARN_LAYOUT_TORCH : TARN_LAYOUT_TARN;
}

/* ---- What can be done with each kind of file */

typedef struct kind {
    const char *ending;
    tarn_module *(*read)(const settings *s, const char *path);
    bool (*write)(const settings *s, const tarn_module *model, const char *path);
    bool (*inspect)(const char *path, FILE *stream);
} kind;

/* Names and numbers: the network is the one that the file describes, or another. */
static tarn_module *read_tensors(const settings *s, const char *path)
{
    static names n;
    const tarn_nn_name *list = names_of("in-names", s->in_names, &n);
    const tarn_layout layout = layout_of(s->in_layout, TARN_LAYOUT_STATED);
    if (!s->network)
        return tarn_nn_from_file(path, .layout = layout, .names = list);
    tarn_module *model = tarn_nn_from_file(s->network);
    if (model && !tarn_nn_load(model, path, .layout = layout, .names = list)) {
        tarn_nn_free(model);
        return NULL;
    }
    return model;
}

/* It says all of its network itself, and names and layout are its own. */
static tarn_module *read_onnx(const settings *s, const char *path)
{
    if (s->network || s->in_layout || s->in_names)
        die("%s: --network, --in-layout and --in-names are for .safetensors and .npz", path);
    return tarn_nn_from_onnx(path);
}

static bool write_tensors(const settings *s, const tarn_module *model, const char *path)
{
    static names n;
    return tarn_nn_save(model, path, .layout = layout_of(s->layout, TARN_LAYOUT_TARN),
                        .names = names_of("names", s->names, &n));
}

/* The shape of a sample, which the network's file says, or --input. */
static tarn_shape sample_of(const settings *s, const tarn_module *model)
{
    const tarn_shape said = tarn_nn_info(model)->input;
    if (said.ndim < 0 && !s->input)
        die("%s: the network's file does not say which shape a sample has, which this needs: "
            "--input 28,28,1",
            s->files.paths[1]);
    if (!s->input)
        return said;
    const tarn_shape sample = shape_of("input", s->input);
    if (said.ndim >= 0 && !tarn_shape_equal(said, sample))
        die("--input %s: the network's file says that a sample is %s", s->input,
            tarn_shape_to_text(said).text);
    return sample;
}

static bool write_onnx(const settings *s, const tarn_module *model, const char *path)
{
    return tarn_nn_export_onnx((tarn_module *)model, sample_of(s, model), path, .fold = s->fold);
}

static void write_text(const char *path, const char *text, size_t size)
{
    FILE *stream = fopen(path, "w");
    const bool written = stream && fwrite(text, 1, size, stream) == size;
    if (!stream || fclose(stream) != 0 || !written)
        die("%s: cannot be written (%s)", path, strerror(errno));
}

static bool export_c(const settings *s, tarn_module *model, FILE *stream, tarn_nn_c_sizes *sizes)
{
    const tarn_shape sample = sample_of(s, model);
    if (!s->calibrate)
        return tarn_nn_export_c(model, sample, stream, .sizes = sizes);
    static tarn_tensor *samples; /* no leak where it dies */
    samples = read_calibration(s->calibrate, model, sample);
    const bool done = tarn_nn_export_c(model, sample, stream, .type = TARN_C_INT8,
                                       .calibration = samples, .sizes = sizes);
    tarn_free(samples);
    samples = NULL;
    return done;
}

static bool write_c(const settings *s, const tarn_module *model, const char *path)
{
    tarn_nn_c_sizes sizes;
    static char *text;
    size_t size = 0;
    if ((s->type && is(s->type, "int8")) != (s->calibrate != NULL))
        die("--type int8 goes with --calibrate, the samples that its scales are chosen by");
    /* In memory first: a file that was there stays as it is where this fails. */
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        die("%s: out of memory", path);
    const bool done = export_c(s, (tarn_module *)model, stream, &sizes);
    if (fclose(stream) != 0)
        die("%s: out of memory", path);
    if (done) {
        write_text(path, text, size);
        printf("%lld bytes of constants, a buffer of %lld bytes\n", (long long)sizes.constants,
               (long long)sizes.work);
    }
    free(text);
    text = NULL;
    return done;
}

static const kind kinds[] = {
    {".safetensors", read_tensors, write_tensors, tarn_nn_inspect},
    {".index.json", read_tensors, NULL, tarn_nn_inspect}, /* of safetensors in several files */
    {".npz", read_tensors, write_tensors, tarn_nn_inspect},
    {".npy", NULL, NULL, tarn_nn_inspect},
    {".onnx", read_onnx, write_onnx, tarn_nn_inspect},
    {".c", NULL, write_c, NULL},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* ".safetensors, .npz": those that can be read, written or looked at. */
static const char *endings(char what)
{
    static char text[200];
    text[0] = '\0';
    for (int i = 0; i < KINDS; i++)
        if (what == 'r'   ? kinds[i].read != NULL
            : what == 'w' ? kinds[i].write != NULL
                          : kinds[i].inspect != NULL) {
            strcat(text, *text ? ", " : "");
            strcat(text, kinds[i].ending);
        }
    return text;
}

static const kind *kind_of(const char *path, char what)
{
    const size_t length = strlen(path);
    for (int i = 0; i < KINDS; i++) {
        const kind *k = &kinds[i];
        const size_t end = strlen(k->ending);
        const bool can = what == 'r'   ? k->read != NULL
                         : what == 'w' ? k->write != NULL
                                       : k->inspect != NULL;
        if (can && length > end && strcmp(path + length - end, k->ending) == 0)
            return k;
    }
    die("%s: its name ends in none of %s, which can be %s", path, endings(what),
        what == 'r'   ? "read"
        : what == 'w' ? "written"
                      : "looked at");
}

/* ---- The program */

/* Dies of an option that says nothing of that file, or of files that are shown. */
static void check_options(const settings *s)
{
    const struct {
        bool given;
        const char *name, *endings; /* of the OUT that it is for */
    } all[] = {
        {s->layout, "layout", ".safetensors and .npz"},
        {s->names, "names", ".safetensors and .npz"},
        {s->input, "input", ".onnx and .c"},
        {s->fold, "fold", ".onnx"},
        {s->type, "type", ".c"},
        {s->calibrate, "calibrate", ".c"},
        {s->in_layout, "in-layout", NULL},
        {s->in_names, "in-names", NULL},
        {s->network, "network", NULL},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].given && s->inspect)
            die("--%s: does not go with --inspect, which shows files as they are", all[i].name);
        if (all[i].given && all[i].endings &&
            !strstr(all[i].endings, kind_of(s->files.paths[1], 'w')->ending))
            die("%s: --%s is for %s", s->files.paths[1], all[i].name, all[i].endings);
    }
}

static void convert(const settings *s)
{
    const char *in = s->files.paths[0], *out = s->files.paths[1];
    const kind *from = kind_of(in, 'r'), *to = kind_of(out, 'w');
    static tarn_module *model; /* so that a leak checker finds it where the program ends early */
    model = from->read(s, in);
    if (!model)
        die("%s%s", tarn_error(),
            s->network || from->read != read_tensors ? "" : "; --network FILE describes it");
    if (!to->write(s, model, out))
        die("%s", tarn_error());
    tarn_nn_free(model);
    model = NULL;
}

int main(int argc, char **argv)
{
    settings s = {.network = NULL};
    const option table[] = {
        OPTION_FILES_AT(&s.files, "IN OUT", "the network's file, and the one to be written"),
        OPTION_FLAG_AT(&s.inspect, "inspect", "show what is in files instead"),
        OPTION_CHOICE_AT(&s.layout, "layout", "tarn|torch",
                         "of OUT, a .safetensors or .npz; default: tarn", layouts),
        OPTION_TEXT_AT(&s.names, "names", "OWN=FILE,...",
                       "what parts are called in OUT: 0=features.0,7=classifier.1"),
        OPTION_CHOICE_AT(&s.in_layout, "in-layout", "tarn|torch", "of IN, if the file says none",
                         layouts),
        OPTION_TEXT_AT(&s.in_names, "in-names", "OWN=FILE,...", "what parts are called in IN"),
        OPTION_TEXT_AT(&s.network, "network", "FILE",
                       "a file of Tarn's that describes the network, if IN does not"),
        OPTION_TEXT_AT(&s.input, "input", "SHAPE",
                       "of a sample, 28,28,1, if the network's file does not say it; .onnx and .c"),
        OPTION_FLAG_AT(&s.fold, "fold", "batch normalization into the layer before; .onnx"),
        OPTION_CHOICE_AT(&s.type, "type", "float|int8", "what a .c computes in; default: float",
                         types),
        OPTION_TEXT_AT(&s.calibrate, "calibrate", "SAMPLES",
                       "for int8: a folder of pictures, FILE.npy, mnist, fashion or sample"),
        OPTIONS_END};
    parse_options(argc, argv,
                  "Brings a network from one file into another, by their endings: .safetensors, "
                  ".index.json, .npz, .onnx, and to .c.",
                  table);
    if (!s.inspect && s.files.count != 2)
        die("expects two files, IN and OUT, or --inspect and files");
    check_options(&s);
    if (!s.inspect)
        convert(&s);
    for (int i = 0; s.inspect && i < s.files.count; i++) {
        if (s.files.count > 1)
            printf("%s%s\n", i ? "\n" : "", s.files.paths[i]);
        if (!kind_of(s.files.paths[i], 'i')->inspect(s.files.paths[i], stdout))
            die("%s", tarn_error());
    }
    check_stdout();
    return 0;
}
