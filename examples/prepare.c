#include "examples/prepare.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORK = 256,    /* larger images are reduced to this many pixels on their longer side */
    SMALLEST = 4,  /* pixels an image needs on either side */
    DIGIT_BOX = 20 /* what a digit is scaled to fit */
};

typedef struct work {
    int height, width;
    float ink[WORK * WORK]; /* (height, width) */
    float other[WORK * WORK], third[WORK * WORK];
    int piece[WORK * WORK];
} work;

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
    const int count = w->height * w->width;
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
    for (int i = 0; i < count; i++)
        w->ink[i] /= w->other[i];
}

static int compare(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Of sorted values: the one below which that part of them lies. */
static float quantile(const float *sorted, int count, double part)
{
    return sorted[(int)lround(part * (count - 1))];
}

/* Turns the brightness over if the paper, which is what most of the border shows, is nearer to the
   brightest there is than to the darkest. */
static void make_paper_dark(work *w)
{
    const int count = w->height * w->width;
    int border = 0;
    for (int y = 0; y < w->height; y++)
        for (int x = 0; x < w->width; x++)
            if (x == 0 || y == 0 || x == w->width - 1 || y == w->height - 1)
                w->other[border++] = w->ink[y * w->width + x];
    qsort(w->other, (size_t)border, sizeof *w->other, compare);
    const float paper = quantile(w->other, border, 0.5);
    memcpy(w->other, w->ink, (size_t)count * sizeof *w->ink);
    qsort(w->other, (size_t)count, sizeof *w->other, compare);
    if (paper - quantile(w->other, count, 0.005) > quantile(w->other, count, 0.995) - paper)
        for (int i = 0; i < count; i++)
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
   each side. The least of the window, then the most, leaves what is that wide as it is. */
static void subtract_paper(work *w)
{
    const int count = w->height * w->width, radius = at_least(1, longer_side(w) / 5);
    memcpy(w->other, w->ink, (size_t)count * sizeof *w->ink);
    slide(w, w->other, radius, least);
    slide(w, w->other, radius, most);
    slide(w, w->other, radius / 4, mean);
    for (int i = 0; i < count; i++)
        w->ink[i] -= w->other[i];
}

/* Makes paper 0 and ink 1, whatever their contrast. The median is paper, and what lies below it
   tells how uneven the paper is. */
static const char *stretch(work *w)
{
    const int count = w->height * w->width;
    memcpy(w->other, w->ink, (size_t)count * sizeof *w->ink);
    qsort(w->other, (size_t)count, sizeof *w->other, compare);
    const float paper = quantile(w->other, count, 0.5), top = quantile(w->other, count, 0.997);
    const float noise = (paper - quantile(w->other, count, 0.16)); /* one deviation */
    if (top - paper < 16)
        return "holds no digit: it is blank";
    if (top - paper < 5 * noise)
        return "holds no digit: no ink stands out from the paper";
    int above = count;
    while (above > 0 && w->other[above - 1] > paper + 0.4f * (top - paper))
        above--;
    const float full = quantile(w->other + above, count - above, 0.5);
    const float none = paper + 2 * noise;
    for (int i = 0; i < count; i++)
        w->ink[i] = between_0_and_1((w->ink[i] - none) / (full - none));
    return NULL;
}

/* ---- The digit */

typedef struct box {
    int top, left, bottom, right; /* the first two are in it, the last two are not */
} box;

static int longer_side_of(box b)
{
    return at_least(b.bottom - b.top, b.right - b.left);
}

static const float stroke = 0.4f; /* this much ink makes a pixel a part of a stroke */

/* Pixels of strokes that hang together, listed in w->piece. */
typedef struct piece {
    int count;
    float ink;
    bool at_border;
} piece;

/* The piece that holds the pixel; its pixels are marked by 1 in w->other. */
static piece follow_stroke(work *w, int pixel)
{
    piece p = {0};
    w->piece[p.count++] = pixel;
    w->other[pixel] = 1;
    for (int i = 0; i < p.count; i++) {
        const int x = w->piece[i] % w->width, y = w->piece[i] / w->width;
        p.ink += w->ink[w->piece[i]];
        p.at_border |= x == 0 || y == 0 || x == w->width - 1 || y == w->height - 1;
        for (int y2 = at_least(0, y - 1); y2 <= at_most(w->height - 1, y + 1); y2++)
            for (int x2 = at_least(0, x - 1); x2 <= at_most(w->width - 1, x + 1); x2++) {
                const int next = y2 * w->width + x2;
                if (w->ink[next] >= stroke && w->other[next] == 0) {
                    w->piece[p.count++] = next;
                    w->other[next] = 1;
                }
            }
    }
    return p;
}

/* The piece with the most ink; what reaches the border is often a shadow, and must have far more.
 */
static piece largest_piece(work *w)
{
    piece largest = {0}, at_border = {0};
    memset(w->other, 0, sizeof w->other);
    for (int i = 0; i < w->height * w->width; i++)
        if (w->ink[i] >= stroke && w->other[i] == 0) {
            const piece p = follow_stroke(w, i);
            piece *rival = p.at_border ? &at_border : &largest;
            if (p.ink > rival->ink)
                *rival = p;
        }
    return at_border.ink > 4 * largest.ink ? at_border : largest;
}

/* Takes away all ink but the largest piece, those of a tenth of it or more (the bar of a 5 may
   stand apart; not those at the border, unless the largest is), and their soft edges. Returns the
   number of pixels of the largest. */
static int remove_specks(work *w)
{
    const int count = w->height * w->width;
    const piece largest = largest_piece(w);
    memset(w->other, 0, sizeof w->other);
    for (int i = 0; i < count; i++)
        if (w->ink[i] >= stroke && w->other[i] == 0) {
            const piece p = follow_stroke(w, i);
            const bool keep = p.ink * 10 >= largest.ink && p.at_border <= largest.at_border;
            for (int j = 0; j < p.count && !keep; j++)
                w->other[w->piece[j]] = -1;
        }
    slide(w, w->other, 1 + longer_side(w) / 100, most);
    for (int i = 0; i < count; i++)
        w->ink[i] *= w->other[i] > 0;
    return largest.count;
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

/* Scales a line of count values to to_count: by the mean of what falls into each, or where there
   are fewer, by a straight line between the two nearest. */
static void scale_line(const float *from, int count, int step, float *to, int to_count, int to_step)
{
    const float scale = (float)count / (float)to_count;
    for (int i = 0; i < to_count; i++) {
        const float start = (float)i * scale, end = start + scale;
        float sum = 0;
        if (scale < 1) {
            const float place = fmaxf(0, start + scale / 2 - 0.5f);
            const int low = (int)place, high = at_most(count - 1, low + 1);
            const float share = place - (float)low;
            sum = (1 - share) * from[low * step] + share * from[high * step];
        } else {
            for (int j = (int)start; j < count && (float)j < end; j++)
                sum +=
                    from[j * step] * (fminf(end, (float)(j + 1)) - fmaxf(start, (float)j)) / scale;
        }
        to[i * to_step] = sum;
    }
}

/* Scales the ink in the box to height x width at the begin of w->other. */
static void scale(work *w, box b, int height, int width)
{
    const int rows = b.bottom - b.top, columns = b.right - b.left;
    for (int y = 0; y < rows; y++)
        scale_line(w->ink + (b.top + y) * w->width + b.left, columns, 1, w->third + y * width,
                   width, 1);
    for (int x = 0; x < width; x++)
        scale_line(w->third + x, rows, width, w->other + x, height, width);
}

/* How far to move a line of that many masses so that their centre comes to the middle of the digit,
   or as near as there is room. */
static int centre(const double *mass, int count)
{
    double sum = 0, moment = 0;
    for (int i = 0; i < count; i++) {
        sum += mass[i];
        moment += mass[i] * i;
    }
    const int shift = (int)lround(DIGIT_SIZE / 2.0 - moment / sum);
    return at_least(0, at_most(DIGIT_SIZE - count, shift));
}

static void put_in_the_middle(const work *w, int height, int width, float *digit)
{
    double rows[DIGIT_BOX] = {0}, columns[DIGIT_BOX] = {0};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            rows[y] += (double)w->other[y * width + x];
            columns[x] += (double)w->other[y * width + x];
        }
    const int top = centre(rows, height), left = centre(columns, width);
    memset(digit, 0, sizeof *digit * DIGIT_SIZE * DIGIT_SIZE);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            digit[(top + y) * DIGIT_SIZE + left + x] = between_0_and_1(w->other[y * width + x]);
}

static const char *make_digit(work *w, float *digit)
{
    make_paper_dark(w);
    subtract_paper(w);
    const char *problem = stretch(w);
    if (problem)
        return problem;
    const int largest = remove_specks(w);
    box b = find_ink(w);
    if (longer_side_of(b) < at_least(SMALLEST, longer_side(w) / 32) || largest < SMALLEST)
        return "holds no digit: there are only specks";
    thicken(w, b);
    b = find_ink(w);
    const double shrink = (double)DIGIT_BOX / longer_side_of(b);
    const int height = at_least(1, (int)lround((b.bottom - b.top) * shrink)),
              width = at_least(1, (int)lround((b.right - b.left) * shrink));
    scale(w, b, height, width);
    put_in_the_middle(w, height, width, digit);
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
