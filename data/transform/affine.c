/*
 * Shift, rotation, shear, scale and resized crop: maps from a place in the result to the place in
 * the picture, both counted from its middle.
 *
 *     shift                x + dx, y + dy
 *     rotate by a          cos a x + sin a y, -sin a x + cos a y
 *     shear by a           x + tan a y, y
 *     scale by f           x / f, y / f
 *     crop at (left, top), w wide and h high, of a picture W wide and H high:
 *                          w/W x + left + w/2 - W/2, h/H y + top + h/2 - H/2
 */
#include <math.h>

#include "core/base/error.h"
#include "data/transform_internal.h"

#define RADIANS (3.141592653589793 / 180)

/* Draws around 0, so that the amount 0 moves nothing. */
static double around_0(const tarn_transform *transform, tarn_sample *sample)
{
    return tarn_sample_uniform(sample, -transform->numbers[0], transform->numbers[0]);
}

static tarn_map of_border(double border, double fill)
{
    return (tarn_map){.xx = 1, .yy = 1, .border = (tarn_border)(int)border, .fill = fill};
}

static tarn_transform moving(const char *name, const char *amount, double most, const char *meaning,
                             tarn_map (*map)(const tarn_transform *, tarn_sample *),
                             tarn_map_args args)
{
    if (!tarn__transform_check(name, amount, args.amount, 0, most) ||
        !tarn__border_check(name, args.border, args.fill))
        return (tarn_transform){.name = NULL};
    return (tarn_transform){.name = name,
                            .map = map,
                            .meaning = meaning,
                            .numbers = {args.amount, args.border, args.fill}};
}

static tarn_map shift(const tarn_transform *transform, tarn_sample *sample)
{
    tarn_map map = of_border(transform->numbers[1], transform->numbers[2]);
    map.x0 = around_0(transform, sample);
    map.y0 = around_0(transform, sample);
    return map;
}

tarn_transform tarn_transform_shift_with(tarn_map_args args)
{
    return moving("shift", "pixels", 10000, "pixels border fill", shift, args);
}

static tarn_map rotate(const tarn_transform *transform, tarn_sample *sample)
{
    tarn_map map = of_border(transform->numbers[1], transform->numbers[2]);
    double angle = RADIANS * around_0(transform, sample);
    map.xx = map.yy = cos(angle);
    map.xy = sin(angle);
    map.yx = -map.xy;
    return map;
}

tarn_transform tarn_transform_rotate_with(tarn_map_args args)
{
    return moving("rotate", "degrees", 180, "degrees border fill", rotate, args);
}

static tarn_map shear(const tarn_transform *transform, tarn_sample *sample)
{
    tarn_map map = of_border(transform->numbers[1], transform->numbers[2]);
    map.xy = tan(RADIANS * around_0(transform, sample));
    return map;
}

tarn_transform tarn_transform_shear_with(tarn_map_args args)
{
    return moving("shear", "degrees", 80, "degrees border fill", shear, args);
}

static tarn_map scale(const tarn_transform *transform, tarn_sample *sample)
{
    tarn_map map = of_border(transform->numbers[2], transform->numbers[3]);
    map.xx = map.yy = 1 / tarn_sample_uniform(sample, transform->numbers[0], transform->numbers[1]);
    return map;
}

tarn_transform tarn_transform_scale_with(tarn_transform_scale_args args)
{
    if (!tarn__transform_check("scale", "high", args.high, 0.01, 100) ||
        !tarn__transform_check("scale", "low", args.low, 0.01, args.high) ||
        !tarn__border_check("scale", args.border, args.fill))
        return (tarn_transform){.name = NULL};
    return (tarn_transform){.name = "scale",
                            .map = scale,
                            .meaning = "low high border fill",
                            .numbers = {args.low, args.high, args.border, args.fill}};
}

bool tarn__sample_part(tarn_sample *sample, double smallest, double largest, double ratio,
                       double *width, double *height)
{
    const double whole_width = sample->width, whole_height = sample->height, log_ratio = log(ratio);
    for (int attempt = 0; attempt < 10; attempt++) {
        double area = whole_width * whole_height * tarn_sample_uniform(sample, smallest, largest);
        double aspect = exp(tarn_sample_uniform(sample, -log_ratio, log_ratio));
        *width = sqrt(area * aspect);
        *height = sqrt(area / aspect);
        if (*width <= whole_width && *height <= whole_height)
            return true;
    }
    *width = whole_width;
    *height = whole_height;
    return false;
}

static tarn_map resized_crop(const tarn_transform *transform, tarn_sample *sample)
{
    tarn_map map = of_border(TARN_BORDER_EDGE, 0);
    double width, height;
    tarn__sample_part(sample, transform->numbers[0], 1, transform->numbers[1], &width, &height);
    double left = tarn_sample_uniform(sample, 0, sample->width - width);
    double top = tarn_sample_uniform(sample, 0, sample->height - height);
    map.xx = width / sample->width;
    map.yy = height / sample->height;
    map.x0 = left + (width - sample->width) / 2;
    map.y0 = top + (height - sample->height) / 2;
    return map;
}

tarn_transform tarn_transform_resized_crop_with(tarn_transform_resized_crop_args args)
{
    const char *name = "resized_crop";
    const tarn_transform none = {.name = NULL};
    if (!(args.smallest > 0 && args.smallest <= 1)) {
        tarn_fail("transform_resized_crop: smallest is %g, expects above 0, at most 1",
                  args.smallest);
        return none;
    }
    if (!tarn__transform_check(name, "ratio", args.ratio, 1, 100))
        return none;
    return (tarn_transform){.name = name,
                            .map = resized_crop,
                            .meaning = "smallest ratio",
                            .numbers = {args.smallest, args.ratio}};
}
