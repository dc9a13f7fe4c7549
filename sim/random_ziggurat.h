/* Tables of the two ziggurats (sim/random_ziggurat.c), worked out with 60 digits and rounded once.
 *
 * With density f (exp(-x), or exp(-x^2/2)), 256 layers of equal area v and edges
 *     x[0] = v / f(r), x[1] = r, x[i+1] = f^-1(f(x[i]) + v / x[i]), x[256] = 0,
 * where v = r f(r) + the area of f beyond r, and r is such that f(x[255]) + v / x[255] = 1:
 *     accept[i] = floor(2^53 x[i+1] / x[i]), scale[i] = x[i] 2^-53, density[i] = f(x[i]).
 * Layer 0 is the base with the tail beyond r = 7.6971... (exponential) or 3.6541... (normal). */
#ifndef CORRIDOR_SIM_RANDOM_ZIGGURAT_H
#define CORRIDOR_SIM_RANDOM_ZIGGURAT_H

#include "sim/random.h"

#define RANDOM_EXPONENTIAL_TAIL 7.69711747013104971405
#define RANDOM_NORMAL_TAIL      3.65415288536100877165

extern const double random_exponential_density[257];
extern const double random_normal_density[257];

#endif
