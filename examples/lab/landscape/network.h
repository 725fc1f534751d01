/* What ./run landscape --network does: the loss of LeNet around its weights, as pictures. */
#ifndef TARN_LAB_LANDSCAPE_NETWORK_H
#define TARN_LAB_LANDSCAPE_NETWORK_H

/* Reads the command line, on which --network may stand, and does it all. */
void network_landscape(int argc, char **argv);

#endif
