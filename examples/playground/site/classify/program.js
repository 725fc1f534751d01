// "Show me the C": the program that prints the losses of this page. The points are those of points.c, line for line.

const sets = {
    spirals: `        const double radius = 0.05 + 0.95 * i / count;
        const double angle = 2 * pi * (1.75 * radius + 0.5 * (i % 2));
        double x = radius * cos(angle), y = radius * sin(angle);`,
    circles: `        const double radius = i % 2 ? 0.75 + 0.25 * (double)u[0] : 0.5 * (double)u[0];
        const double angle = 2 * pi * (double)u[1];
        double x = radius * cos(angle), y = radius * sin(angle);`,
    xor: `        const double side = (i / 4) % 2 ? 1 : -1; /* each quarter as often */
        double x = side * (0.05 + 0.95 * (double)u[0]);
        double y = (i % 2 ? -side : side) * (0.05 + 0.95 * (double)u[1]);`,
    gauss: `        const double side = i % 2 ? 1 : -1, radius = 0.3 * sqrt(-2 * log(1 - (double)u[0]));
        double x = 0.45 * side + radius * cos(2 * pi * (double)u[1]);
        double y = 0.45 * side + radius * sin(2 * pi * (double)u[1]);`,
};

const made = s => `/* ${s.points} points of two classes, i of class i % 2; every second pair is for testing. */
static void make_points(void)
{
    const int count = ${s.points};
${sets[s.set].includes('pi') ? '    const double pi = 3.141592653589793;\n' : ''}    tarn_tensor *uniform = tarn_rand(tarn_shape(count, 2)), *noise = tarn_randn(tarn_shape(count, 2));
    for (int i = 0; i < count; i++) {
        const tarn_real *u = tarn_values(uniform) + 2 * i, *off = tarn_values(noise) + 2 * i;
        (void)u;
${sets[s.set]}
        add(i / 2 % 2, x + ${s.noise} * (double)off[0], y + ${s.noise} * (double)off[1], i % 2);
    }
    tarn_free(uniform);
    tarn_free(noise);
}`;

const drawn = s => `/* The points drawn by hand; each fourth is for testing. */
static void make_points(void)
{
    static const float numbers[][3] = {
${s.drawn.map(p => `        {${p.map(v => (Number.isInteger(v) ? `${v}` : `${v}f`)).join(', ')}},`).join('\n')}
    };
    for (int i = 0; i < ${s.drawn.length}; i++)
        add(i % 4 == 3, (double)numbers[i][0], (double)numbers[i][1], (int)numbers[i][2]);
}`;

const inits = {xavier: 'tarn_init_xavier_normal, 1', kaiming: 'tarn_init_kaiming_normal, TARN_GAIN_RELU', orthogonal: 'tarn_init_orthogonal, 1',
    small: 'tarn_init_normal, 0.01', large: 'tarn_init_normal, 2', zeros: 'tarn_init_constant, 0'};

function modules({layers, activation, dropout}) {
    const act = activation === 'leaky_relu' ? 'tarn_nn_leaky_relu(.slope = 0.1)' : `tarn_nn_${activation}()`;
    const lines = layers.map((units, i) => `tarn_nn_linear(${i ? layers[i - 1] : 2}, ${units}), ${act},${dropout ? ` tarn_nn_dropout(${dropout}),` : ''}`);
    return [...lines, `tarn_nn_linear(${layers.at(-1) || 2}, 2)`].join('\n        ');
}

/** The parts of the program that Landscape's has too: data, and the network. */
export const parts = s => `#include <math.h>
#include <stdio.h>

#include <tarn.h>

enum { MOST = 1000 };
static struct {
    int count;
    tarn_real places[2 * MOST];
    int32_t labels[MOST];
} set[2]; /* to train on, to test on */

static void add(int part, double x, double y, int label)
{
    const int i = set[part].count++;
    set[part].places[2 * i] = (tarn_real)x;
    set[part].places[2 * i + 1] = (tarn_real)y;
    set[part].labels[i] = label;
}

${s.set === 'own' ? drawn(s) : made(s)}

static tarn_module *make_network(void)
{
    tarn_module *model = tarn_nn_sequential(
        ${modules(s)});
${inits[s.init] ? `    tarn_nn_init(model, "*.weight", ${inits[s.init]});\n` : ''}    return model;
}

static double loss_of(tarn_module *model, int part, double *right)
{
    const tarn_labels labels = tarn_labels(set[part].count, set[part].labels);
    tarn_tensor *places = tarn_from_array(tarn_shape(set[part].count, 2), set[part].places);
    tarn_nn_train(model, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *logits = tarn_nn_forward(model, places);
    const double loss = (double)tarn_item(tarn_cross_entropy(logits, labels));
    *right = (double)tarn_count_correct(logits, labels) / set[part].count;
    tarn_tape_end(tape);
    tarn_nn_train(model, true);
    tarn_free(places);
    return loss;
}
`;

export const program = s => `/* A network of the playground: step, loss and share of right ones in training and in test.
   cc -std=c11 classify.c $(pkg-config --cflags --libs tarn) -lm && ./a.out */
${parts(s)}
static void print(tarn_module *model, int step)
{
    double right[2];
    const double train = loss_of(model, 0, &right[0]), test = loss_of(model, 1, &right[1]);
    printf("%d %.9g %.9g %.9g %.9g\\n", step, train, right[0], test, right[1]);
}

int main(void)
{
    tarn_seed(${s.seed});
    make_points();
    tarn_seed(${s.seed});
    tarn_module *model = make_network();
    tarn_dataset *train = tarn_data_from_numbers(tarn_shape(set[0].count, 2), set[0].places, set[0].labels, 2);
    tarn_loader *loader = tarn_loader_new(train, ${s.batch || 'set[0].count'}, .shuffle = true, .seed = ${s.seed});
    tarn_optim *optimizer = tarn_optim_by_name("${s.optimizer}", tarn_nn_parameters(model), "${s.options}");
    if (!loader || !optimizer)
        return fprintf(stderr, "%s\\n", tarn_error()), 1;
${s.schedule ? '    const double lr = tarn_optim_lr(optimizer);\n' : ''}
    for (int step = 0; step < ${s.steps}; step++) {
        if (step % 100 == 0)
            print(model, step);
        tarn_batch batch;
        if (!tarn_loader_next(loader, &batch)) /* an epoch has ended */
            tarn_loader_next(loader, &batch);
        tarn_tape *tape = tarn_tape_begin();

        tarn_tensor *logits = tarn_nn_forward(model, batch.images);
        tarn_tensor *loss = tarn_cross_entropy(logits, batch.labels);

        tarn_optim_zero_grad(optimizer);
        tarn_backward(loss);

${s.schedule ? `        tarn_optim_set_lr(optimizer, lr * tarn_schedule_by_name("${s.schedule}", step, ${s.total}));\n` : ''}        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
    }
    print(model, ${s.steps});
    tarn_optim_free(optimizer), tarn_nn_free(model), tarn_loader_free(loader), tarn_dataset_free(train);
    return 0;
}
`;
