#include "examples/lab/predict/prepare.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/predict/prepare_ink.h"

enum {
    SMALLEST = 4,  /* pixels an image needs on either side */
    DIGIT_BOX = 20 /* what a digit is scaled to fit */
};

/* Gives the pixels of the stroke that holds this one a number. Returns how much ink they have, with
   a minus if some are at the border. */
static float follow_stroke(work *w, int pixel, int number)
{
    int count = 0;
    float ink = 0;
    bool at_border = false;
    w->queue[count++] = pixel;
    w->piece[pixel] = number;
    for (int i = 0; i < count; i++) {
        const int x = w->queue[i] % w->width, y = w->queue[i] / w->width;
        ink += w->ink[w->queue[i]];
        at_border |= x == 0 || y == 0 || x == w->width - 1 || y == w->height - 1;
        for (int y2 = at_least(0, y - 1); y2 <= at_most(w->height - 1, y + 1); y2++)
            for (int x2 = at_least(0, x - 1); x2 <= at_most(w->width - 1, x + 1); x2++) {
                const int next = y2 * w->width + x2;
                if (w->ink[next] >= stroke && w->piece[next] == 0) {
                    w->queue[count++] = next;
                    w->piece[next] = number;
                }
            }
    }
    return at_border ? -ink : ink;
}

/* Takes away all ink but the piece with the most, those with a tenth of it or more (the bar of a 5
   may stand apart), and their soft edges. What reaches the border is often the tip of a shadow: it
   counts only if it has far more ink than the rest. */
static void remove_specks(work *w)
{
    int pieces = 0;
    float inside = 0, at_border = 0, *ink = w->third;
    memset(w->piece, 0, sizeof w->piece);
    for (int i = 0; i < w->count; i++)
        if (w->ink[i] >= stroke && w->piece[i] == 0) {
            pieces++;
            ink[pieces] = follow_stroke(w, i, pieces);
            inside = fmaxf(inside, ink[pieces]);
            at_border = fmaxf(at_border, -ink[pieces]);
        }
    const bool cut_off = at_border > 4 * inside;
    const float enough = fmaxf(inside, cut_off ? at_border : 0) / 10;
    for (int i = 0; i < w->count; i++) {
        const float has = w->piece[i] > 0 ? ink[w->piece[i]] : 0;
        w->other[i] = has >= enough || (cut_off && -has >= enough);
    }
    slide(w, w->other, 1 + longer_side(w) / 100, most);
    for (int i = 0; i < w->count; i++)
        w->ink[i] *= w->other[i];
}

typedef struct box {
    int top, left, bottom, right; /* the first two are in it, the last two are not */
} box;

static int longer_side_of(box b)
{
    return at_least(b.bottom - b.top, b.right - b.left);
}

static box box_of_ink(const work *w)
{
    const float least_ink = 0.1f;
    box b = {w->height, w->width, 0, 0};
    for (int y = 0; y < w->height; y++)
        for (int x = 0; x < w->width; x++)
            if (w->ink[y * w->width + x] > least_ink)
                b = (box){at_most(b.top, y), at_most(b.left, x), at_least(b.bottom, y + 1),
                          at_least(b.right, x + 1)};
    return b;
}

/* The mean width of the strokes in pixels: a stroke of some length has two edges of that length. */
static double stroke_width(const work *w)
{
    double area = 0, edge = 0;
    for (int y = 0; y < w->height; y++)
        for (int x = 0; x < w->width; x++) {
            const float *ink = &w->ink[y * w->width + x];
            const float right = x + 1 < w->width ? ink[1] : 0,
                        below = y + 1 < w->height ? ink[w->width] : 0;
            area += (double)*ink;
            edge += hypot((double)(right - *ink), (double)(below - *ink));
        }
    return 2 * area / edge;
}

/* Widens strokes that would be narrower than those of MNIST, and so pale, when the digit is scaled.
 */
static void thicken(work *w, box b)
{
    const double usual = 1.8, scale = (double)DIGIT_BOX / longer_side_of(b);
    const int radius = (int)lround((usual / scale - stroke_width(w)) / 2);
    if (radius > 0)
        slide(w, w->ink, radius, most);
}

/* The mean ink of a part of the image, whose borders may lie within pixels. */
static float mean_ink(const work *w, float top, float left, float height, float width)
{
    const float bottom = fminf(top + height, (float)w->height),
                right = fminf(left + width, (float)w->width);
    float sum = 0;
    for (int y = (int)top; (float)y < bottom; y++)
        for (int x = (int)left; (float)x < right; x++) {
            const float rows = fminf(bottom, (float)(y + 1)) - fmaxf(top, (float)y),
                        columns = fminf(right, (float)(x + 1)) - fmaxf(left, (float)x);
            sum += rows * columns * w->ink[y * w->width + x];
        }
    return sum / (height * width);
}

/* How far to move a line of that many masses so that their centre comes to the middle of the digit,
   or as near as there is room. */
static int centre(const float *mass, int count)
{
    float sum = 0, moment = 0;
    for (int i = 0; i < count; i++) {
        sum += mass[i];
        moment += mass[i] * (float)i;
    }
    const int shift = (int)lroundf(DIGIT_SIZE / 2.0f - moment / sum);
    return at_least(0, at_most(DIGIT_SIZE - count, shift));
}

/* Scales the ink in the box to fit the digit's, and puts its centre of mass in the middle. */
static void scale_and_centre(const work *w, box b, float *digit)
{
    const float scale = (float)longer_side_of(b) / DIGIT_BOX; /* pixels of the image for one */
    const int height = at_least(1, (int)lroundf((float)(b.bottom - b.top) / scale)),
              width = at_least(1, (int)lroundf((float)(b.right - b.left) / scale));
    const float high = (float)(b.bottom - b.top) / (float)height,
                wide = (float)(b.right - b.left) / (float)width;
    float scaled[DIGIT_BOX][DIGIT_BOX], rows[DIGIT_BOX] = {0}, columns[DIGIT_BOX] = {0};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            scaled[y][x] = mean_ink(w, (float)b.top + (float)y * high,
                                    (float)b.left + (float)x * wide, high, wide);
            rows[y] += scaled[y][x];
            columns[x] += scaled[y][x];
        }
    const int top = centre(rows, height), left = centre(columns, width);
    memset(digit, 0, sizeof *digit * DIGIT_SIZE * DIGIT_SIZE);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            digit[(top + y) * DIGIT_SIZE + left + x] = between_0_and_1(scaled[y][x]);
}

static const char *make_digit(work *w, float *digit)
{
    remove_specks(w);
    const box b = box_of_ink(w);
    if (longer_side_of(b) < at_least(SMALLEST, longer_side(w) / 32))
        return "holds no digit: there are only specks";
    thicken(w, b);
    scale_and_centre(w, box_of_ink(w), digit);
    return NULL;
}

const char *prepare_digit(const tarn_tensor *photo, float *digit)
{
    if (tarn_dim(photo, 0) < SMALLEST || tarn_dim(photo, 1) < SMALLEST)
        return "holds no digit: it is too small";
    work *w = malloc(sizeof *w);
    if (!w)
        return "memory is exhausted";
    const char *problem = find_ink(w, photo);
    if (!problem)
        problem = make_digit(w, digit);
    free(w);
    return problem;
}
