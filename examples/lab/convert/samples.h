/* What int8 is calibrated by, convert --calibrate. */
#ifndef TARN_LAB_CONVERT_SAMPLES_H
#define TARN_LAB_CONVERT_SAMPLES_H

#include <tarn.h>

/* Samples of that shape for the network: "mnist", "fashion" or "sample" of its digits, a folder of
   pictures with a folder for each class, or FILE.npy, of which all are taken as they are. Of the
   others 500, by chance, normalized as the network's file says; digits of which it says nothing as
   ./run train does. What cannot be read or does not fit ends the program with a sentence. The
   caller frees it. */
tarn_tensor *read_calibration(const char *source, const tarn_module *model, tarn_shape sample);

#endif
