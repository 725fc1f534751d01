#include "tests/examples/samples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <tarn.h>

const char *const samples[SAMPLE_COUNT] = {
    "0-ballpoint.jpg", "1-pencil.jpg", "2-chalk.png",       "3-red.png",   "4-transparent.png",
    "5-shadow.jpg",    "6-felt.jpg",   "7-yellow-note.png", "8-chalk.jpg", "9-thin.png"};

tarn__image read_sample(int digit)
{
    char path[512];
    tarn__image photo;
    snprintf(path, sizeof path, SAMPLES "%s", samples[digit]);
    cr_assert(tarn__picture_read(&photo, path, false), "%s", tarn_error());
    return photo;
}

int64_t bytes_of(tarn__image photo)
{
    return (int64_t)photo.height * photo.width * photo.channels;
}

static int within(double place, int count)
{
    return (int)fmax(0, fmin(count - 1, floor(place)));
}

tarn__image turned(tarn__image from, double degrees)
{
    const double angle = degrees * acos(-1) / 180, cosine = cos(angle), sine = sin(angle);
    const int side = from.height > from.width ? from.height : from.width;
    tarn__image to = {side, side, from.channels, NULL, false};
    to.pixels = malloc((size_t)bytes_of(to));
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            const double right = x + 0.5 - side / 2.0, down = y + 0.5 - side / 2.0;
            const int from_x = within(from.width / 2.0 + right * cosine - down * sine, from.width),
                      from_y =
                          within(from.height / 2.0 + right * sine + down * cosine, from.height);
            memcpy(to.pixels + (y * side + x) * to.channels,
                   from.pixels + (from_y * from.width + from_x) * to.channels, (size_t)to.channels);
        }
    return to;
}

void invert(tarn__image photo)
{
    const int colours = photo.channels < 3 ? 1 : 3;
    for (int64_t i = 0; i < bytes_of(photo); i++)
        if (i % photo.channels < colours)
            photo.pixels[i] = (uint8_t)(255 - photo.pixels[i]);
}
