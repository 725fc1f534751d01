#include "data/image.h"
#include "tests/data/files.h"
#include "tests/support/mistakes.h"

TestSuite(contact_sheet, .init = make_folder, .fini = remove_folder, .timeout = 60);

enum { GAP = 4, TILE = 64, HEIGHT = TILE + 12 + GAP, WIDTH = TILE + GAP };

/* Three samples of 2 x 2 pixels. */
static tarn_dataset *samples(int channels)
{
    uint8_t bytes[3 * 2 * 2 * 3];
    const int32_t labels[] = {1, 0, 1};
    for (int i = 0; i < 12 * channels; i++)
        bytes[i] = (uint8_t)(10 + i);
    return tarn_data_from_bytes(tarn_shape(3, 2, 2, channels), bytes, labels, 2);
}

static tarn__image saved(void)
{
    tarn__image image;
    cr_assert(tarn__image_load(&image, in_folder("s.png")), "%s", tarn_error());
    return image;
}

static const uint8_t *pixel(const tarn__image *image, int x, int y)
{
    return image->pixels + (y * image->width + x) * image->channels;
}

Test(contact_sheet, shows_samples_in_their_order)
{
    for (int channels = 1; channels <= 3; channels += 2) {
        tarn_dataset *dataset = samples(channels);
        cr_assert(tarn_data_contact_sheet(dataset, in_folder("s.png"), .columns = 2), "%s",
                  tarn_error());
        tarn__image image = saved();
        cr_assert_eq(image.channels, channels);
        cr_assert_eq(image.width, 2 * WIDTH + GAP);
        cr_assert_eq(image.height, 2 * HEIGHT + GAP); /* as many rows as needed */
        for (int sample = 0; sample < 3; sample++)
            for (int y = 0; y < TILE; y++)
                for (int x = 0; x < TILE; x++) {
                    const uint8_t *p =
                        pixel(&image, GAP + sample % 2 * WIDTH + x, GAP + sample / 2 * HEIGHT + y);
                    const int k = ((sample * 2 + y / 32) * 2 + x / 32) * channels;
                    for (int c = 0; c < channels; c++)
                        cr_assert_eq(p[c], 10 + k + c);
                }
        cr_assert_eq(pixel(&image, WIDTH + GAP + 5, HEIGHT + GAP + 5)[0], 255); /* no fourth */
        free(image.pixels);
        tarn_dataset_free(dataset);
    }
}

/* The pixels of the captions of two samples that are not white, and whether both are alike. */
static void read_captions(const tarn__image *image, int *black, bool *alike)
{
    *black = 0;
    *alike = true;
    for (int y = GAP + TILE; y < HEIGHT; y++)
        for (int x = GAP; x < WIDTH; x++) {
            *black += *pixel(image, x, y) == 0;
            *alike &= *pixel(image, x, y) == *pixel(image, x + WIDTH, y);
        }
}

Test(contact_sheet, has_captions)
{
    static const char *const names[][2] = {
        {"cat", "dog"}, {"\xC3\xA4", "\n"}, {"", ""}, {"a class with a very long name", "x"}};
    const bool same[] = {false, true, true, false};
    tarn_dataset *dataset = samples(1);
    int black;
    bool alike;
    for (int i = -1; i < 4; i++) {
        cr_assert(i < 0 || tarn_data_set_class_names(dataset, names[i]));
        cr_assert(tarn_data_contact_sheet(dataset, in_folder("s.png"), .columns = 3, .rows = 1));
        tarn__image image = saved();
        read_captions(&image, &black, &alike);
        cr_assert_eq(black == 0, i == 2);
        cr_assert_eq(alike, i >= 0 && same[i]);
        free(image.pixels);
    }
    tarn_dataset_free(dataset);
}

/* How many rows and columns of the caption of sample i have black pixels. */
static void read_extent(const tarn__image *image, int i, int *rows, int *columns)
{
    bool in_row[HEIGHT] = {false}, in_column[WIDTH] = {false};
    *rows = *columns = 0;
    for (int y = GAP + TILE; y < HEIGHT; y++)
        for (int x = GAP; x < WIDTH; x++)
            if (*pixel(image, x + i * WIDTH, y) == 0)
                in_row[y] = in_column[x] = true;
    for (int y = 0; y < HEIGHT; y++)
        *rows += in_row[y];
    for (int x = 0; x < WIDTH; x++)
        *columns += in_column[x];
}

Test(contact_sheet, strokes_are_a_pixel_wide)
{
    tarn_dataset *dataset = samples(1);
    int rows, columns;
    cr_assert(tarn_data_set_class_names(dataset, (const char *const[]){"-", "|"}));
    cr_assert(tarn_data_contact_sheet(dataset, in_folder("s.png"), .columns = 3, .rows = 1));
    tarn__image image = saved();
    read_extent(&image, 1, &rows, &columns);
    cr_expect(rows == 1 && columns > 2, "%d rows, %d columns of -", rows, columns);
    read_extent(&image, 0, &rows, &columns);
    cr_expect(rows > 2 && columns == 1, "%d rows, %d columns of |", rows, columns);
    free(image.pixels);
    tarn_dataset_free(dataset);
}

Test(contact_sheet, chooses_evenly)
{
    tarn_real numbers[10 * 64 * 64];
    for (int i = 0; i < 10 * 64 * 64; i++)
        numbers[i] = (tarn_real)(i / 4096 - 1) / 8; /* also below 0 and above 1 */
    tarn_dataset *dataset = tarn_data_from_numbers(tarn_shape(10, 64, 64, 1), numbers, NULL, 1);
    cr_assert(tarn_data_contact_sheet(dataset, in_folder("s.png"), .rows = 1, .columns = 5));
    tarn__image image = saved();
    for (int i = 0; i < 5; i++) {
        const int number = 2 * i - 1;
        cr_assert_eq(*pixel(&image, GAP + i * WIDTH, GAP),
                     number < 0 ? 0 : (int)(number * 255 / 8. + 0.5));
    }
    free(image.pixels);
    tarn_dataset_free(dataset);
}

Test(contact_sheet, mistakes)
{
    tarn_dataset *dataset = samples(1);
    assert_mistake(tarn_data_contact_sheet(dataset, NULL), "the path is NULL");
    assert_mistake(tarn_data_contact_sheet(dataset, "s", .rows = 0), "0 rows of 8");
    assert_mistake(tarn_data_contact_sheet(dataset, "s", .columns = 101), "8 rows of 101");
    assert_error(tarn_data_contact_sheet(dataset, in_folder("no/s.png")), "no/s.png");
    tarn_dataset_free(dataset);
    dataset = tarn_data_from_bytes(tarn_shape(1, 4), (const uint8_t[4]){0}, NULL, 1);
    assert_mistake(tarn_data_contact_sheet(dataset, "s"), "samples of shape (4)");
    tarn_dataset_free(dataset);
    dataset = tarn_data_from_bytes(tarn_shape(0, 2, 2, 1), NULL, NULL, 1);
    assert_error(tarn_data_contact_sheet(dataset, "s"), "the dataset is empty");
    tarn_dataset_free(dataset);
}
