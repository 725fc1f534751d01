/* PBM, PGM and PPM pictures. */
#ifndef TARN_DATA_PICTURE_PNM_H
#define TARN_DATA_PICTURE_PNM_H

#include "data/image.h"

/* As tarn__picture_decode(), for bytes that begin with P1 to P6. Bits, as all values that are not
   of 8 or 16 bits, are scaled: 0 to black, the largest value to white. */
bool tarn__pnm_decode(tarn__image *picture, const char *path, const uint8_t *bytes, int64_t size,
                      bool keeps_depth);

#endif
