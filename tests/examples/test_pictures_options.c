/* ./run train FOLDER and ./run predict --model: options that do not go together, before anything is
   read, and names of any bytes. */
#include <string.h>
#include <unistd.h>

#include "tests/examples/photos.h"

TestSuite(pictures_options, .init = write_pictures, .fini = remove_folder, .timeout = 120);

/* None of these files is there: they are not looked at. */
Test(pictures_options, a_source_refuses_what_it_does_not_use)
{
    assert_refused("lab/train --data cifar10:x --size 3",
                   "--size: does not go with cifar10:DIR, whose pictures keep their size");
    assert_refused("lab/train --data cifar100:x --gray", "--gray: does not go with cifar100:DIR");
    assert_refused("lab/train --data mnist:x --gray", "--gray: does not go with mnist:DIR");
    assert_refused("lab/train --data mnist:x --validation 0",
                   "--validation: does not go with mnist:DIR, which has test samples");
    assert_refused("lab/train --data csv:x --size 3", "--size: does not go with csv:FILE");
    assert_refused("lab/train --data csv:x --gray", "--gray: does not go with csv:FILE");
    assert_refused("lab/train --data csv:x --augment light",
                   "--augment: does not go with csv:FILE");
    assert_refused("lab/train --data csv:x --model cnn", "--model cnn: is for pictures, and");
    assert_refused("lab/train --data list:x --label 1", "--label: does not go with list:FILE");
    assert_refused("lab/train --label 1 x", "--label: does not go with FOLDER");
    assert_refused("lab/train x --model cnn --size 4", "have 4 x 4 pixels, expects at least 6 x 6");
    assert_refused("lab/train x --optimizer gd", "--optimizer gd: takes the whole training set");
    assert_refused("lab/train x --optimizer adamm", "--optimizer adamm: expects one of sgd,");
    assert_refused("lab/train x --optimizer adam:beta=1", "there is no option \"beta\"");
    assert_refused("lab/train x --optimizer adam:beta1=2", "beta1");
}

Test(pictures_options, an_unknown_source_is_refused)
{
    static char output[8192];
    assert_refused("lab/train --data foo:bar", "--data foo:bar: is no known source, expects "
                                               "list:FILE, csv:FILE, cifar10:DIR, cifar100:DIR or "
                                               "mnist:DIR; a FOLDER of pictures goes without "
                                               "--data");
    assert_refused("lab/train --data=CSV:bar", "--data CSV:bar: is no known source");
    assert_refused("lab/train --data csv:",
                   "--data csv:: names nothing behind the colon, expects csv:");
    assert_refused("lab/train --size 3", "expects one FOLDER of pictures, or --data");
    assert_refused("lab/train photos photos", "expects one FOLDER");
    assert_refused("lab/train photos --data csv:x", "expects one FOLDER");
    /* A folder of digits may be called so, and one of pictures as well. */
    in_folder("mkdir -p foo:bar && cp -r photos csv:y");
    assert_refused("lab/train --data foo:bar", "foo:bar: has no file train-images");
    assert_refused("lab/train --data photos", "photos: has no file train-images");
    assert_refused("lab/train --data photos", "with .gz; for pictures of your own, a folder for "
                                              "each class: train photos, without --data");
    cr_expect_leq(run("lab/train csv:y " SMALL "--epochs 1", output, sizeof output), 1);
    cr_expect(strstr(output, "csv:y: training on 48 samples"), "%s", output);
}

/* Options may stand before the folder, and -- ends them. */
Test(pictures_options, stand_anywhere)
{
    static char output[8192];
    in_folder("mv photos -- --photos");
    cr_expect_leq(run("lab/train --epochs 1 " SMALL "--gray -- --photos", output, sizeof output),
                  1);
    cr_expect(strstr(output, "--photos: training on 48 samples (12,12,1)"), "%s", output);
    assert_refused("lab/train --epochs 1 none --out other", "none: cannot be read as a folder");
    assert_refused("lab/train --anomaly none", "--anomaly: unknown option");
}

/* Told before the network is made, and nothing is left: its weights alone are 43 GB. */
Test(pictures_options, what_needs_more_memory_than_there_is_is_refused)
{
    if ((double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) > 4e10)
        return;
    in_folder("rm photos/*/[!01].ppm photos/*/1?.ppm");
    assert_refused("lab/train photos --size 1024 --model cnn",
                   "; a smaller --size or --batch-size takes less");
    assert_refused("lab/train photos --size 1024 --model cnn",
                   "--model cnn: takes about 45 GB of memory to train on pictures of "
                   "(1024,1024,3), and this machine has ");
    in_folder("test ! -e trained");
}

/* Names of files may hold any byte but / and 0. */
Test(pictures_options, predict_escapes_names)
{
    static char output[8192];
    in_folder("mkdir odd && cp photos/red/3.ppm \"odd/$(printf 'a\\n\\\\b\\377\\t\".ppm')\"");
    cr_assert_leq(run("lab/train photos " SMALL "--epochs 1", output, sizeof output), 1);
    run("lab/predict --model trained/model.safetensors odd/*", output, sizeof output);
    cr_expect_eq(strstr(output, "odd/a\\n\\\\b\\xff\\t\".ppm: "), output, "%s", output);
    run("lab/predict --model trained/model.safetensors odd/* --json", output, sizeof output);
    cr_expect(strstr(output, "{\"picture\": \"odd/a\\u000a\\\\b\\ufffd\\u0009\\\".ppm\", "), "%s",
              output);
    run("lab/predict --model trained/model.safetensors odd/* --csv", output, sizeof output);
    cr_expect(strstr(output, "\"odd/a\n\\b\377\t\"\".ppm\",1,"), "%s", output);
    in_folder("for f in odd/*; do echo text >\"$f\"; done");
    assert_refused("lab/predict --model trained/model.safetensors odd/*",
                   "predict: odd/a\\n\\\\b\\xff\\t\".ppm: is no picture");
}

/* Rows of two numbers and a label, which is a word, a fraction, or a whole number. */
Test(pictures_options, tables_are_refused_with_what_to_do)
{
    static char output[8192];
    in_folder(
        "for i in $(seq 40); do n=$((i * 37 % 41)); echo $n,$((n % 2)),$((n * 7 % 10)).5,$n; done "
        ">t.csv; sed '1i size,kind,price,number' t.csv >h.csv; head -n 1 h.csv >none.csv; "
        "sed 's/$/,x/' t.csv >one.csv; sed 's/,[^,]*$/,x/; s/^/y/' t.csv >words.csv");
    const char *columns = "; --label names another column";
    assert_refused("lab/train --data csv:one.csv", columns);
    assert_refused("lab/train --data csv:one.csv",
                   "one.csv: each sample is of the class x, expects at least two classes; --label");
    assert_refused("lab/train --data csv:h.csv",
                   "h.csv: column -1 has 40 values in 40 rows, as numbers do that are to be "
                   "predicted; train tells classes apart, expects a few; --label");
    assert_refused("lab/train --data csv:h.csv --label price", "column price has 10 values in 40");
    assert_refused("lab/train --data csv:h.csv --label sort",
                   "h.csv: has no column 'sort', expects one from 0 to 3, or -1 for the last, or a "
                   "name: size, kind, price, number");
    assert_refused("lab/train --data csv:none.csv", "none.csv: has no row below its header");
    assert_refused("lab/train --data csv:words.csv", "column 0: 'y37' is no finite number, expects "
                                                     "one like -1.5 or 2e3 in all columns but");
    in_folder("test ! -e trained");
    cr_assert_leq(run("lab/train --data csv:h.csv --label kind", output, sizeof output), 1);
    cr_expect(strstr(output, "training on 32 samples (3) of 2 classes"), "%s", output);
    assert_refused("lab/predict --model trained/model.safetensors photos/red/1.ppm",
                   "is a network for samples of (3), which are no pictures");
    assert_refused(
        "lab/predict --load trained/model.safetensors",
        "is a network for samples of (3), expects one for digits, pictures of (28,28,1)");
}

/* A class that no network could be saved with is told before any picture is read. */
Test(pictures_options, a_class_that_is_not_utf_8_is_told_first)
{
    in_folder("d=photos/\"$(printf 'caf\\351')\"; mkdir \"$d\"; echo bad >\"$d\"/a.png");
    assert_refused("lab/train photos", "photos/caf\\xe9: is called what is not UTF-8");
}
