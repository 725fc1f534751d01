/* Spaces of hyperparameters: values at places, and what ./run train would be told. What is wrong
   with a text is tested with the program, in test_tune.c. */
#include <math.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "examples/lab/tune/names.h"
#include "examples/lab/tune/recipe.h"

static space read(const char *text)
{
    space s;
    space_of(&s, text);
    return s;
}

static void expect_value(const char *text, double place, const char *expected)
{
    const space s = read(text);
    const value v = axis_value(&s.axes[s.count - 1], place);
    cr_expect_str_eq(v.text, expected, "%s at %g", text, place);
}

Test(tune_space, values_of_ranges)
{
    expect_value("lr=0.1..0.5", 0, "0.1");
    expect_value("lr=0.1..0.5", 0.5, "0.3");
    expect_value("lr=0.1..0.5", 1, "0.5");
    expect_value("lr=log:1e-4..1e-1", 0, "0.0001");
    expect_value("lr=log:1e-4..1e-1", 0.5, "0.003162");
    expect_value("lr=log:1e-4..1e-1", 1, "0.1");
    expect_value("beta2=1-log:0.9..0.999", 0, "0.9");
    expect_value("beta2=1-log:0.9..0.999", 0.5, "0.99");
    expect_value("beta2=1-log:0.9..0.999", 1, "0.999");
    expect_value("batch=log:16..256", 0.5, "64");
    expect_value("batch=16..18", 0.7, "17");
    expect_value("seed=0..10", 1, "10");
}

/* Rounding to four digits must not leave the range: 0.99996 would be 1. */
Test(tune_space, values_stay_in_their_range)
{
    expect_value("beta1=0.99991..0.99996", 1, "0.99996");
    expect_value("beta1=0.99991..0.99996", 0, "0.99991");
    const space s = read("beta2=1-log:0.5..0.999995,lr=log:1.23456e-5..1.23457e-5");
    for (int a = 0; a < s.count; a++)
        for (int i = 0; i <= 1000; i++) {
            const double v = strtod(axis_value(&s.axes[a], i / 1000.0).text, NULL);
            cr_assert(v >= s.axes[a].low && v <= s.axes[a].high, "%.17g", v);
        }
}

/* Of k choices each has a k-th part. */
Test(tune_space, values_of_choices)
{
    expect_value("batch=16|32|64", 0, "16");
    expect_value("batch=16|32|64", 0.333, "16");
    expect_value("batch=16|32|64", 0.334, "32");
    expect_value("batch=16|32|64", 0.999, "64");
    expect_value("batch=16|32|64", 1, "64");
    expect_value("optimizer=adam", 0.7, "adam");
}

static void expect_recipe(const char *text, double place, const char *expected)
{
    const space s = read(text);
    value values[SPACE_AXES];
    for (int a = 0; a < s.count; a++)
        values[a] = axis_value(&s.axes[a], place);
    const recipe r = recipe_of(&s, values, 7);
    cr_expect_str_eq(recipe_options(&r).text, expected);
}

/* An optimizer is told only of what it has. */
Test(tune_space, recipes)
{
    const char *text = "beta1=0.8..0.9,optimizer=adam|momentum,lr=log:1e-4..1e-2,batch=16|32";
    expect_recipe(text, 0,
                  "--model lenet --optimizer adam:beta1=0.8 --lr 0.0001 --batch-size 16 "
                  "--seed 7");
    expect_recipe(text, 1,
                  "--model lenet --optimizer momentum --lr 0.01 --batch-size 32 "
                  "--seed 7");
    expect_recipe("optimizer=adam:eps=1e-7,beta1=0.5,weight_decay=0.1", 0,
                  "--model lenet --optimizer adam:eps=1e-7,beta1=0.5,weight_decay=0.1 --lr 0.004 "
                  "--batch-size 64 --seed 7");
    expect_recipe("model=mlp,schedule=warmup:steps=5*cosine,seed=3", 0,
                  "--model mlp --optimizer adam --lr 0.004 --schedule 'warmup:steps=5*cosine' "
                  "--batch-size 64 --seed 3");
}
