/* Descriptions of networks, see nn/file.h, in files: nn/network.h says how they look there. */
#ifndef TARN_NN_FILE_INFO_H
#define TARN_NN_FILE_INFO_H

#include "nn/file.h"
#include "nn/json.h"
#include "nn/reader.h"

/* Adds what the module's description knows to the object. False when memory runs out. */
bool tarn__info_to_json(const tarn_module *module, json_t *object);

enum { TARN__NETWORK_VERSION = 1 };

/* What the file says under TARN__NETWORK; NULL with tarn_error() set if that is of no use. */
json_t *tarn__read_description(const tarn__reader *r);

/* A description as a module holds it, to be given to one or freed by free(). */
struct tarn__nn_info;
struct tarn__nn_info *tarn__info_from_json(const char *path, json_t *object);
/* What a file says of its network; NULL if it says nothing. False with tarn_error() set if that is
   of no use. */
bool tarn__info_of_file(const tarn__reader *r, struct tarn__nn_info **info);
tarn_shape tarn__info_input(const struct tarn__nn_info *info, tarn_shape otherwise);
void tarn__info_give(tarn_module *module, struct tarn__nn_info *info);

#endif
