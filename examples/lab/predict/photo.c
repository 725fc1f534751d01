#include "examples/lab/predict/photo.h"

#include "data/picture.h"

static bool photo_of(photo_image *photo, bool good, const tarn__image *picture)
{
    *photo = (photo_image){0};
    if (good)
        *photo = (photo_image){picture->height, picture->width, picture->channels, picture->pixels};
    return good;
}

bool photo_decode(photo_image *photo, const char *path, const uint8_t *bytes, int64_t size)
{
    tarn__image picture;
    const bool good = tarn__picture_decode(&picture, path, bytes, size, false);
    return photo_of(photo, good, &picture);
}

bool photo_read(photo_image *photo, const char *path)
{
    tarn__image picture;
    const bool good = tarn__picture_read(&picture, path, false);
    return photo_of(photo, good, &picture);
}
