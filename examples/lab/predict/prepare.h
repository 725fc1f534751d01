/*
 * Makes of a photo or a drawing of a digit what MNIST was made of its forms: 28 x 28 pixels, paper
 * 0 and ink 1, the digit scaled to fit 20 x 20 pixels with its aspect kept, and its centre of mass
 * in the middle.
 *
 * What it copes with: light paper with dark ink or dark paper with light ink, in any colours that
 * differ in brightness; transparency, as if on white; uneven light and shadows; noise and specks;
 * thin pens, which are thickened; a digit anywhere, from a tenth of the image's longer side on.
 *
 * What it does not do:
 * - Turning. Networks for MNIST know digits that lean by some 15 degrees, but not lying or
 *   overturned ones. Photos come upright from tarn_data_pixels() if their EXIF data tell how.
 * - Finding. There must be one digit in the image, and paper around it: what else has as much ink,
 *   such as a second digit, a line of the paper, or a table beyond its edge, is taken for a part.
 * - Colour. Ink that is as bright as its paper, such as pure red on middle gray, is not seen.
 */
#ifndef TARN_LAB_PREPARE_H
#define TARN_LAB_PREPARE_H

#include <tarn.h>

enum { DIGIT_SIZE = 28 };

/* Takes pixels as tarn_data_pixels() gives them. Fills digit, (28, 28) in [0, 1], and returns NULL;
   or returns why there is none, such as "holds no digit: it is blank". */
const char *prepare_digit(const tarn_tensor *photo, float *digit);

#endif
