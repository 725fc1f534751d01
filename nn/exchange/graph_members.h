/* The members of a graph's steps as a table, and which of them each operation has: by it they are
   written, read and checked. */
#ifndef TARN_NN_EXCHANGE_GRAPH_MEMBERS_H
#define TARN_NN_EXCHANGE_GRAPH_MEMBERS_H

#include "nn/exchange/graph.h"
#include "nn/json.h"

typedef enum tarn__graph_type {
    TARN__GRAPH_INT,
    TARN__GRAPH_WIDE, /* of 64 bits */
    TARN__GRAPH_BOOL,
    TARN__GRAPH_NUMBER,
    TARN__GRAPH_SHAPE,
    TARN__GRAPH_AXES
} tarn__graph_type;

typedef struct tarn__graph_member {
    const char *name;
    tarn__graph_type type;
    size_t at;
    int64_t least, most; /* of whole numbers */
} tarn__graph_member;

enum { TARN__GRAPH_MEMBERS = 31 };
extern const tarn__graph_member tarn__graph_members[];

typedef struct tarn__graph_kind {
    const tarn__graph_op *op;
    int least, most;     /* inputs; those behind the least may be left out, but for MANY */
    const char *members; /* that it has */
} tarn__graph_kind;

/* Of the operation, or of one of that name; NULL if there is none. */
const tarn__graph_kind *tarn__graph_kind_of(const tarn__graph_op *op, const char *name);
bool tarn__graph_has(const tarn__graph_kind *kind, const tarn__graph_member *member);

/* The step's as JSON; NULL for 0 and false, which are left out. */
json_t *tarn__graph_member_to_json(const tarn__graph_member *member, const tarn__graph_step *step);

/* And back, NULL being 0. False for a value of another type or range. */
bool tarn__graph_member_from_json(const tarn__graph_member *member, json_t *value,
                                  tarn__graph_step *step);

/* Whole numbers: in a list, one in a range, and a list of at most TARN_MAX_NDIM of such. */
json_t *tarn__graph_list(int count, const int64_t *numbers);
bool tarn__graph_is_whole(json_t *value, int64_t least, int64_t most);
bool tarn__graph_read_list(json_t *array, int64_t least, int64_t most, int *count, int64_t *to);

#endif
