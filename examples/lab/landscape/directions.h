/*
 * Planes through the space of a network's weights, to look at its loss along them (Li, Xu, Taylor,
 * Studer, Goldstein 2018, "Visualizing the Loss Landscape of Neural Nets").
 */
#ifndef TARN_LAB_DIRECTIONS_H
#define TARN_LAB_DIRECTIONS_H

#include <tarn.h>

/* Gives each filter of a random direction the norm of that filter of the weights (section 4):

       d[..., o] *= |w[..., o]| / |d[..., o]|

   so that a step of 1 means the same to a layer of large weights and to one of small weights. The
   filter of output o is all that has o as last index, in convolutions (H, W, I, O) as in linear
   layers (in, out). What has fewer than two dimensions, such as a bias, is left where it is: d = 0.
   direction has the size and the layout of weights. */
void filter_normalize(double *direction, const tarn_tensor *weights);

/* The plane in which a path bends most (section 7): its two main directions by principal component
   analysis, and the share of the path's variance along each. */
typedef struct main_plane {
    double *axis[2]; /* of length 1, at right angles */
    double share[2]; /* the greater one first; their sum is at most 1 */
} main_plane;

/* The plane of count points of size numbers each, one after another: the eigenvectors to the two
   largest eigenvalues of the points' covariance. They are turned such that the first point does not
   lie to the right of the last, nor below it. Where the points do not settle a direction (they are
   fewer than three, or on a line) any one serves, and its share is 0. count is at least 1 and size
   at least 2. The axes are the caller's, for main_plane_free(). False if memory runs out. */
bool main_plane_of(main_plane *plane, const tarn_real *points, int count, int64_t size);

void main_plane_free(main_plane *plane);

/* Where a point lies in the plane through origin: at[k] = sum((point - origin) axis[k]) */
void project(const main_plane *plane, const tarn_real *origin, const tarn_real *point, int64_t size,
             double at[2]);

#endif
