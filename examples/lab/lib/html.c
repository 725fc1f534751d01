#include "examples/lab/lib/html.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/lab/lib/options.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image_write.h>
#pragma GCC diagnostic pop

void html_text(FILE *page, const char *text)
{
    while (*text) {
        const size_t length = tarn_utf8_length(text);
        if (*text == '<')
            fputs("&lt;", page);
        else if (*text == '>')
            fputs("&gt;", page);
        else if (*text == '&')
            fputs("&amp;", page);
        else if (*text == '"')
            fputs("&quot;", page);
        else if (length == 0)
            fputs("\uFFFD", page);
        else
            fwrite(text, 1, length, page);
        text += length > 0 ? length : 1;
    }
}

/* ---- Pictures, whose bytes stand in the page in base 64 (RFC 4648) */

typedef struct base64 {
    FILE *page;
    uint32_t held; /* bits that are not yet written */
    int bits;
} base64;

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* As stb_image_write calls it. */
static void base64_add(void *context, void *bytes, int count)
{
    base64 *b = context;
    for (int i = 0; i < count; i++) {
        b->held = b->held << 8 | ((const uint8_t *)bytes)[i];
        for (b->bits += 8; b->bits >= 6; b->bits -= 6)
            putc(digits[b->held >> (b->bits - 6) & 63], b->page);
    }
}

static void base64_end(const base64 *b)
{
    if (b->bits == 0)
        return;
    putc(digits[b->held << (6 - b->bits) & 63], b->page);
    fputs(b->bits == 4 ? "=" : "==", b->page);
}

void html_picture(FILE *page, const uint8_t *pixels, int height, int width, int channels,
                  double scale)
{
    base64 b = {.page = page};
    fprintf(page, "<img width=%.0f height=%.0f alt=\"\" src=\"data:image/png;base64,",
            width * scale, height * scale);
    if (!stbi_write_png_to_func(base64_add, &b, width, height, channels, pixels, width * channels))
        die("out of memory for a picture of %d x %d", width, height);
    base64_end(&b);
    fputs("\">", page);
}

void html_png_file(FILE *page, const char *path)
{
    base64 b = {.page = page};
    FILE *file = fopen(path, "rb");
    char bytes[4096];
    if (!file)
        die("%s: cannot be read: %s", path, strerror(errno));
    fputs("<img alt=\"\" src=\"data:image/png;base64,", page);
    for (size_t count; (count = fread(bytes, 1, sizeof bytes, file)) > 0;)
        base64_add(&b, bytes, (int)count);
    if (ferror(file))
        die("%s: cannot be read", path);
    fclose(file);
    base64_end(&b);
    fputs("\">", page);
}
