// "Show me the C": the program that prints the numbers of this page; body is what pg_program() made of the graph.
export const program = body => `/* Every number and its gradient, as in the playground; not needed ones are nan.
   cc -std=c11 backprop.c $(pkg-config --cflags --libs tarn-double) -lm && ./a.out */
#include <math.h>
#include <stdio.h>

#include <tarn.h>

static void print(const char *name, tarn_tensor *t)
{
    const tarn_real *gradients = tarn_gradients(t);
    for (int i = 0; i < tarn_size(t); i++)
        printf("%s %d %.12g %.12g\\n", name, i, (double)tarn_values(t)[i], gradients ? (double)gradients[i] : NAN);
}

int main(void)
{
${body}    return 0;
}
`;
