/* Pictures of all sizes and kinds made into one form. */
#include <math.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "data/picture.h"

/* How bright a colour is to the eye (ITU-R BT.601, as other libraries compute it). */
static float gray_of(const float *colour)
{
    return 0.299f * colour[0] + 0.587f * colour[1] + 0.114f * colour[2];
}

typedef struct source {
    const tarn__image *picture;
    int channels; /* of the form */
    float background[3], opaque;
} source;

static source source_of(const tarn__image *picture, const tarn__form *form)
{
    source s = {.picture = picture, .channels = form->channels};
    s.opaque = picture->is_deep ? 65535 : 255;
    for (int c = 0; c < 3; c++)
        s.background[c] = (float)form->background[c] * (s.opaque / 255);
    if (form->channels == 1)
        s.background[0] = gray_of(s.background);
    return s;
}

/* Row y of the picture, laid over the background, with as many channels as the form has. */
static void get_row(const void *context, int y, float *row)
{
    const source *s = context;
    const tarn__image *p = s->picture;
    const bool is_coloured = p->channels >= 3, has_opacity = p->channels % 2 == 0;
    const size_t start = (size_t)y * (size_t)p->width * (size_t)p->channels;
    const uint16_t *deep = (const uint16_t *)(const void *)p->pixels;
    for (int x = 0; x < p->width; x++, row += s->channels) {
        float pixel[4];
        for (int c = 0; c < p->channels; c++) {
            const size_t k = start + (size_t)x * (size_t)p->channels + (size_t)c;
            pixel[c] = p->is_deep ? deep[k] : p->pixels[k];
        }
        const float share = has_opacity ? pixel[p->channels - 1] / s->opaque : 1;
        for (int c = 0; c < s->channels; c++) {
            const float value = !is_coloured       ? pixel[0]
                                : s->channels == 1 ? gray_of(pixel)
                                                   : pixel[c];
            row[c] = s->background[c] + (value - s->background[c]) * share;
        }
    }
}

/* The largest part in the middle that has the proportions of the form. */
static tarn__part middle(const tarn__image *p, const tarn__form *form)
{
    const double scale = fmin((double)p->height / form->height, (double)p->width / form->width);
    tarn__part part = {.height = scale * form->height, .width = scale * form->width};
    part.top = (p->height - part.height) / 2;
    part.left = (p->width - part.width) / 2;
    return part;
}

/* The largest size with the proportions of the picture that has room in the form. */
static void room_for(const tarn__image *p, const tarn__form *form, int *height, int *width)
{
    const double scale = fmin((double)form->height / p->height, (double)form->width / p->width);
    *height = (int)fmax(1, round(scale * p->height));
    *width = (int)fmax(1, round(scale * p->width));
}

/* The numbers of height x width pixels into the middle of the form, around them the background. */
static void place(const source *s, const tarn__form *form, const float *numbers, int height,
                  int width, void *to)
{
    const int top = (form->height - height) / 2, left = (form->width - width) / 2;
    for (int y = 0; y < form->height; y++)
        for (int x = 0; x < form->width; x++)
            for (int c = 0; c < s->channels; c++) {
                const int row = y - top, column = x - left;
                const bool inside = row >= 0 && row < height && column >= 0 && column < width;
                const float number =
                    inside ? numbers[(row * width + column) * s->channels + c] : s->background[c];
                const float rounded = fminf(fmaxf(number, 0), s->opaque) + 0.5f;
                const int k = (y * form->width + x) * s->channels + c;
                if (s->picture->is_deep)
                    ((uint16_t *)to)[k] = (uint16_t)rounded;
                else
                    ((uint8_t *)to)[k] = (uint8_t)rounded;
            }
}

bool tarn__picture_fit(const tarn__image *picture, const tarn__form *form, const char *path,
                       void *to)
{
    const source s = source_of(picture, form);
    const tarn__rows rows = {picture->height, picture->width, form->channels, get_row, &s};
    tarn__part part = {0, 0, picture->height, picture->width};
    int height = form->height, width = form->width;
    if (form->resize == TARN_RESIZE_CROP)
        part = middle(picture, form);
    if (form->resize == TARN_RESIZE_PAD)
        room_for(picture, form, &height, &width);
    float *numbers =
        malloc((size_t)height * (size_t)width * (size_t)form->channels * sizeof *numbers);
    const bool good = numbers && tarn__picture_resize(rows, part, numbers, height, width);
    if (good)
        place(&s, form, numbers, height, width, to);
    free(numbers);
    return good || tarn_set_error("%s: out of memory for %d x %d pixels", path, picture->width,
                                  picture->height);
}
