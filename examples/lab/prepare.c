#include "examples/lab/prepare.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORK = 256,    /* larger images are reduced to this many pixels on their longer side */
    SMALLEST = 4,  /* pixels an image needs on either side */
    DIGIT_BOX = 20 /* what a digit is scaled to fit */
};

/* Planes of (height, width) pixels. */
typedef struct work {
    int height, width, count;
    float ink[WORK * WORK];                       /* what becomes the digit */
    float other[WORK * WORK], third[WORK * WORK]; /* for what a step needs besides */
    int piece[WORK * WORK], queue[WORK * WORK];
} work;

/* The part of the pixels that may be brighter or darker than anything that counts: few, as a digit
   may be small on a large sheet. */
static const double few = 0.0003;

static const float stroke = 0.4f; /* this much ink makes a pixel a part of a stroke */

static int at_most(int a, int b)
{
    return a < b ? a : b;
}

static int at_least(int a, int b)
{
    return a > b ? a : b;
}

static float between_0_and_1(float x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

static int longer_side(const work *w)
{
    return at_least(w->height, w->width);
}

/* ---- Brightness */

/* Brightness from 0 to 255 on white: the weights of Rec. 601, which JPEG is stored by, on the
   values as they are stored. These are about as the eye sees them, and so as a writer chose the
   ink; in linear light, pencil would be nearly white. */
static float brightness(const uint8_t *pixel, int channels)
{
    const float value = channels < 3 ? (float)pixel[0]
                                     : 0.299f * (float)pixel[0] + 0.587f * (float)pixel[1] +
                                           0.114f * (float)pixel[2];
    if (channels % 2)
        return value;
    return 255 + (value - 255) * (float)pixel[channels - 1] / 255;
}

/* The mean of the pixels that fall into each pixel of the work. */
static void reduce(work *w, const uint8_t *pixels, int height, int width, int channels)
{
    const double shrink = fmax(1, (double)at_least(height, width) / WORK);
    w->height = at_most(WORK, at_least(1, (int)lround(height / shrink)));
    w->width = at_most(WORK, at_least(1, (int)lround(width / shrink)));
    w->count = w->height * w->width;
    memset(w->ink, 0, sizeof w->ink);
    memset(w->other, 0, sizeof w->other);
    for (int y = 0; y < height; y++) {
        const int row = (int)((int64_t)y * w->height / height) * w->width;
        for (int x = 0; x < width; x++, pixels += channels) {
            const int to = row + (int)((int64_t)x * w->width / width);
            w->ink[to] += brightness(pixels, channels);
            w->other[to]++;
        }
    }
    for (int i = 0; i < w->count; i++)
        w->ink[i] /= w->other[i];
}

static int compare(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The values of all pixels, sorted, in w->other. */
static void sort_values(work *w)
{
    memcpy(w->other, w->ink, (size_t)w->count * sizeof *w->ink);
    qsort(w->other, (size_t)w->count, sizeof *w->ink, compare);
}

/* Of these: the one below which that part of them lies. */
static float quantile(const work *w, double part)
{
    return w->other[lround(part * (w->count - 1))];
}

/* Turns the brightness over if the paper, which most pixels show, is nearer to the brightest there
   is than to the darkest. */
static void make_paper_dark(work *w)
{
    sort_values(w);
    const float paper = quantile(w, 0.5);
    if (paper - quantile(w, few) > quantile(w, 1 - few) - paper)
        for (int i = 0; i < w->count; i++)
            w->ink[i] = 255 - w->ink[i];
}

/* ---- Ink. Windows reach radius pixels to each side, as far as there are pixels. */

typedef float window_rule(const float *from, int count, int step);

static float least(const float *from, int count, int step)
{
    float result = from[0];
    for (int i = 1; i < count; i++)
        result = fminf(result, from[i * step]);
    return result;
}

static float most(const float *from, int count, int step)
{
    float result = from[0];
    for (int i = 1; i < count; i++)
        result = fmaxf(result, from[i * step]);
    return result;
}

static float mean(const float *from, int count, int step)
{
    float sum = 0;
    for (int i = 0; i < count; i++)
        sum += from[i * step];
    return sum / (float)count;
}

static void slide_along(const float *from, float *to, int lines, int line_step, int length,
                        int step, int radius, window_rule *rule)
{
    for (int line = 0; line < lines; line++)
        for (int i = 0; i < length; i++) {
            const int first = at_least(0, i - radius), last = at_most(length - 1, i + radius);
            const float *start = from + line * line_step;
            to[line * line_step + i * step] = rule(start + first * step, last - first + 1, step);
        }
}

/* Replaces each value of a plane by what the rule says of the square window around it. */
static void slide(work *w, float *plane, int radius, window_rule *rule)
{
    slide_along(plane, w->third, w->height, w->width, w->width, 1, radius, rule);
    slide_along(w->third, plane, w->width, 1, w->height, w->width, radius, rule);
}

/* Takes the paper away: whatever is wider than any stroke may be, a fifth of the image or more to
   each side. The least of the window, then the most, leaves what is that wide as it is (an opening;
   what it takes away is called the top-hat). */
static void subtract_paper(work *w)
{
    const int radius = at_least(1, longer_side(w) / 5);
    memcpy(w->other, w->ink, (size_t)w->count * sizeof *w->ink);
    slide(w, w->other, radius, least);
    slide(w, w->other, radius, most);
    slide(w, w->other, radius / 4, mean);
    for (int i = 0; i < w->count; i++)
        w->ink[i] -= w->other[i];
}

/* Makes paper 0 and ink 1, whatever their contrast. The median is paper, and what lies below it
   tells how uneven the paper is. */
static const char *stretch(work *w)
{
    sort_values(w);
    const float paper = quantile(w, 0.5), top = quantile(w, 1 - few);
    const float noise = paper - quantile(w, 0.16); /* one deviation */
    if (top - paper < 16)
        return "holds no digit: it is blank";
    if (top - paper < 5 * noise)
        return "holds no digit: no ink stands out from the paper; leave some paper around the "
               "digit";
    int pale = w->count; /* the pixels that are no ink, or not fully */
    while (pale > 0 && w->other[pale - 1] > paper + stroke * (top - paper))
        pale--;
    const float full = w->other[(pale + w->count) / 2], none = paper + 2 * noise;
    for (int i = 0; i < w->count; i++)
        w->ink[i] = between_0_and_1((w->ink[i] - none) / (full - none));
    return NULL;
}

/* ---- The digit */

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

static box find_ink(const work *w)
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
    make_paper_dark(w);
    subtract_paper(w);
    const char *problem = stretch(w);
    if (problem)
        return problem;
    remove_specks(w);
    box b = find_ink(w);
    if (longer_side_of(b) < at_least(SMALLEST, longer_side(w) / 32))
        return "holds no digit: there are only specks";
    thicken(w, b);
    scale_and_centre(w, find_ink(w), digit);
    return NULL;
}

const char *prepare_digit(const uint8_t *pixels, int height, int width, int channels, float *digit)
{
    if (height < SMALLEST || width < SMALLEST)
        return "holds no digit: it is too small";
    work *w = malloc(sizeof *w);
    if (!w)
        return "memory is exhausted";
    reduce(w, pixels, height, width, channels);
    const char *problem = make_digit(w, digit);
    free(w);
    return problem;
}
