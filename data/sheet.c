/*
 * Contact sheets: a picture cut into tiles, row by row, and a text with the label of each. A folder
 * of thousands of samples becomes two files that one can look at.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "data/dataset.h"
#include "data/image.h"
#include "data/input.h"
#include "data/store.h"

/* A place in the text of the labels. */
typedef struct cursor {
    const char *path, *at, *end;
    int line;
} cursor;

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Reports the word at the cursor, or with one digit a label its first character. */
static bool wrong_label(const cursor *text, int classes)
{
    char word[21] = "";
    int longest = classes <= 10 ? 1 : (int)sizeof word - 1;
    for (int i = 0; i < longest && text->at + i < text->end && !is_blank(text->at[i]); i++)
        word[i] = text->at[i] > ' ' && text->at[i] <= '~' ? text->at[i] : '?';
    return tarn_set_error("%s, line %d: '%s' is no label, expects 0 to %d, %s", text->path,
                          text->line, word, classes - 1,
                          classes <= 10 ? "one digit each" : "separated by blanks");
}

/* Reads the next label. False at the end of the text, where *label stays as it is, and after a
   mistake, where it becomes -1. */
static bool next_label(cursor *text, int classes, int32_t *label)
{
    for (; text->at < text->end && is_blank(*text->at); text->at++)
        text->line += *text->at == '\n';
    if (text->at == text->end)
        return false;
    int64_t value = 0;
    const char *c = text->at, *end = classes <= 10 ? c + 1 : text->end;
    for (; c < end && *c >= '0' && *c <= '9' && value < classes; c++)
        value = 10 * value + (*c - '0');
    bool whole = c > text->at && (c == end || is_blank(*c));
    if (!whole || value >= classes) {
        *label = -1;
        return wrong_label(text, classes);
    }
    text->at = c;
    *label = (int32_t)value;
    return true;
}

/* Reads exactly count labels; NULL with tarn_error() set. */
static int32_t *parse_labels(cursor text, int64_t count, int classes)
{
    int32_t *labels = malloc((size_t)count * sizeof *labels), label = 0;
    if (!labels)
        tarn_set_error("%s: out of memory for %lld labels", text.path, (long long)count);
    int64_t found = 0;
    while (labels && next_label(&text, classes, &label)) {
        if (found < count)
            labels[found] = label;
        found++;
    }
    if (labels && label >= 0 && found == count)
        return labels;
    if (labels && label >= 0)
        tarn_set_error("%s: holds %lld labels, the picture %lld tiles; expects as many of each",
                       text.path, (long long)found, (long long)count);
    free(labels);
    return NULL;
}

static int32_t *read_labels(const char *path, int64_t count, int classes)
{
    tarn__input input;
    if (!tarn__input_open(&input, path))
        return NULL;
    uint8_t *bytes = tarn__input_load(&input, 0);
    tarn__input_close(&input);
    const char *text = (const char *)bytes;
    int32_t *labels =
        bytes ? parse_labels((cursor){path, text, text + input.size, 1}, count, classes) : NULL;
    free(bytes);
    return labels;
}

/* The pixels of the sheet, tile after tile; NULL when out of memory. */
static uint8_t *cut(const tarn__image *sheet, int height, int width)
{
    const size_t pixel_size = (size_t)sheet->channels << sheet->is_deep;
    const size_t row = (size_t)width * pixel_size;
    uint8_t *tiles = malloc((size_t)sheet->height * (size_t)sheet->width * pixel_size);
    uint8_t *to = tiles;
    for (int top = 0; to && top < sheet->height; top += height)
        for (int left = 0; left < sheet->width; left += width)
            for (int y = top; y < top + height; y++, to += row) {
                size_t pixel = (size_t)y * (size_t)sheet->width + (size_t)left;
                memcpy(to, sheet->pixels + pixel * pixel_size, row);
            }
    return tiles;
}

/* 16 bits scaled to [0, 1]; NULL when out of memory, or for NULL. */
static tarn_real *numbers_of(const uint16_t *deep, int64_t count)
{
    tarn_real *numbers = deep ? malloc((size_t)count * sizeof *numbers) : NULL;
    for (int64_t i = 0; numbers && i < count; i++)
        numbers[i] = (tarn_real)(deep[i] / 65535.0);
    return numbers;
}

/* Takes tiles and labels. */
static tarn_dataset *dataset_of(tarn_shape shape, uint8_t *tiles, bool are_deep, int32_t *labels,
                                int classes)
{
    if (!are_deep)
        return tarn__dataset_of_bytes(shape, tiles, labels, classes);
    tarn_real *numbers = numbers_of((const uint16_t *)(void *)tiles, tarn_shape_size(shape));
    free(tiles);
    return tarn__dataset_of_numbers(shape, numbers, labels, classes);
}

tarn_dataset *tarn_data_sheet(const char *image_path, const char *labels_path, int height,
                              int width, int classes)
{
    if (height < 1 || width < 1 || classes < 1)
        return tarn_fail("data_sheet: tiles of %d x %d pixels, %d classes; expects at least 1 of "
                         "each",
                         height, width, classes);
    tarn__image sheet;
    if (!tarn__image_load(&sheet, image_path))
        return NULL;
    if (sheet.height % height != 0 || sheet.width % width != 0) {
        tarn_set_error("%s: is %d pixels high and %d wide, expects multiples of %d and %d",
                       image_path, sheet.height, sheet.width, height, width);
        free(sheet.pixels);
        return NULL;
    }
    int64_t count = (int64_t)(sheet.height / height) * (sheet.width / width);
    int32_t *labels = read_labels(labels_path, count, classes);
    uint8_t *tiles = labels ? cut(&sheet, height, width) : NULL;
    free(sheet.pixels);
    return labels ? dataset_of(tarn_shape(count, height, width, sheet.channels), tiles,
                               sheet.is_deep, labels, classes)
                  : NULL;
}

tarn_dataset *tarn_data_samples(const char *dir, tarn_split split)
{
    const char *name = split == TARN_TRAIN ? "train" : "test";
    char *image = tarn__path(dir, name, ".png");
    char *labels = image ? tarn__path(dir, name, "-labels.txt") : NULL;
    tarn_dataset *dataset = labels ? tarn_data_sheet(image, labels, 28, 28, 10) : NULL;
    free(image);
    free(labels);
    return dataset;
}
