#include "examples/landscape_network.h"

int main(int argc, char **argv)
{
    network_landscape(argc, argv);
    return 0;
}
