#include "examples/lab/predict/prepare_ink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The part of the pixels that may be brighter or darker than anything that counts: few, as a digit
   may be small on a large sheet. */
static const double few = 0.0003;

/* ---- Brightness */

/* Brightness from 0 to 255 on white: the weights of Rec. 601, which JPEG is stored by, on the
   values as they are stored. These are about as the eye sees them, and so as a writer chose the
   ink; in linear light, pencil would be nearly white. */
static float brightness(const float *pixel, int channels)
{
    const float value =
        channels < 3 ? pixel[0] : 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
    return 255 * (channels % 2 ? value : 1 + (value - 1) * pixel[channels - 1]);
}

/* The mean of the pixels that fall into each pixel of the work. */
static void reduce(work *w, const tarn_tensor *photo)
{
    const int height = (int)tarn_dim(photo, 0), width = (int)tarn_dim(photo, 1),
              channels = (int)tarn_dim(photo, 2);
    const float *pixels = tarn_values(photo);
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

/* ---- Ink */

static float least(const float *from, int count, int step)
{
    float result = from[0];
    for (int i = 1; i < count; i++)
        result = fminf(result, from[i * step]);
    return result;
}

float most(const float *from, int count, int step)
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

void slide(work *w, float *plane, int radius, window_rule *rule)
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

const char *find_ink(work *w, const tarn_tensor *photo)
{
    reduce(w, photo);
    make_paper_dark(w);
    subtract_paper(w);
    return stretch(w);
}
