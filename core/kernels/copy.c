/* Copies of short rows, for which a call takes longer than copying, by stores as wide as there are:
   of those that wait for memory the processor holds only so many. */
#include "core/kernels/isa.h"
#include "core/kernels/vector.h"

void ISA(copy_rows)(int64_t rows, int64_t width, const tarn_real *from, int64_t from_row,
                    tarn_real *to, int64_t to_row)
{
    for (; rows > 0; rows--, from += from_row, to += to_row) {
        int64_t i = 0;
        for (; i + LANES <= width; i += LANES)
            store(to + i, load(from + i));
        if (i < width)
            store_part(to + i, load(from + i), (int)(width - i));
    }
}
