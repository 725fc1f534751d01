/* The safetensors format: the length of the header in 8 bytes, little-endian; the header in JSON,
   {"__metadata__": {...}, "0.weight": {"dtype", "shape", "data_offsets": [begin, end]}, ...};
   then the data, little-endian, to which the offsets refer.
   https://github.com/huggingface/safetensors */
#ifndef TARN_NN_SAFETENSORS_H
#define TARN_NN_SAFETENSORS_H

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "nn/writer.c and nn/reader.c copy numbers as they are, which needs a little-endian machine"
#endif
#define TARN__METADATA "__metadata__"
/* What the metadata of Tarn's files say under "layout". */
#define TARN__LAYOUT "images NHWC, convolution weights HWIO, linear weights (in, out)"
/* Where they describe the network, see nn/network.h, and where the rest of a checkpoint. */
#define TARN__NETWORK "tarn"
#define TARN__CHECKPOINT "checkpoint"

/* The dtypes of a slot's elements. */
#ifdef TARN_DOUBLE
#define TARN__DTYPE "F64"
#else
#define TARN__DTYPE "F32"
#endif
#define TARN__DTYPES                                                                               \
    {                                                                                              \
        TARN__DTYPE, "F64", "I64", "U8"                                                            \
    }

#endif
