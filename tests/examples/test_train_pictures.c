/* ./run train FOLDER: from a folder of pictures to a network and a report, stopped and gone on
 * with. */
#include <stdlib.h>
#include <string.h>

#include "tests/examples/photos.h"

TestSuite(pictures, .init = write_pictures, .fini = remove_folder, .timeout = 240);

Test(pictures, from_a_folder_to_a_report)
{
    static char output[8192];
    cr_assert_eq(
        run("lab/train photos " SMALL "--epochs 12 --lr 0.01 --patience 99", output, sizeof output),
        0, "%s", output);
    cr_expect(strstr(output, "training on 48 samples (12,12,3) of 3 classes"), "%s", output);
    cr_expect(strstr(output, "validating on 12 more"), "%s", output);
    cr_expect(strstr(output, "flip(probability=0.5)"), "%s", output);
    cr_expect_geq(number_after(output, "validation accuracy: "), 90);
    cr_expect_eq(strchr(strstr(output, "validation accuracy: "), '\n'), output + strlen(output) - 1,
                 "it is not the last line: %s", output);
    cr_expect_eq(
        assert_csv("trained/log.csv", "epoch,loss,validation_loss,validation_accuracy,lr,seconds"),
        12);
    in_folder("test -s trained/model.safetensors && test ! -e trained/checkpoint.safetensors");
    in_folder("test $(wc -l <trained/log.jsonl) = 12");
    in_folder("python3 -c 'import json; [json.loads(l) for l in open(\"trained/log.jsonl\")]'");
    /* The page needs nothing from elsewhere, and takes no name for a tag. */
    in_folder("! grep -q -e 'src=\"[^d]' -e 'href' -e 'url(' -e http trained/report.html");
    in_folder("grep -q 'blue &lt;sky&gt;' trained/report.html && ! grep -q '<sky>' "
              "trained/report.html");
    in_folder("! grep -q '<figure' trained/report.html || grep -q '<small>photos/' "
              "trained/report.html");
    in_folder("grep -q '<td>validation<td>on 0.2 of each class' trained/report.html && grep -q "
              "'<td>epochs<td>12 at most, until 99 bring' trained/report.html");
    in_folder("grep -q '<svg' trained/report.html && grep -q '</html>' trained/report.html");
}

/* The example in C, whose network predict takes as well. */
Test(pictures, the_example_trains)
{
    static char output[8192];
    cr_assert_eq(run("pictures photos", output, sizeof output), 0, "%s", output);
    cr_expect_geq(number_after(output, "epoch 10/10  validation accuracy "), 90);
    cr_assert_eq(run("lab/predict --model pictures.safetensors --top 1 photos/grass/1.ppm", output,
                     sizeof output),
                 0, "%s", output);
    cr_expect(strstr(output, "photos/grass/1.ppm: grass "), "%s", output);
    assert_refused("pictures", "expects a folder");
    assert_refused("pictures none", "none");
    assert_refused("pictures photos >/dev/full", "pictures: standard output cannot be written");
}

/* What is left is enough to tell what other pictures show. */
Test(pictures, predicts_with_what_was_trained)
{
    static char output[8192];
    cr_assert_eq(run("lab/train photos " SMALL "--epochs 8 --lr 0.01", output, sizeof output), 0,
                 "%s", output);
    in_folder("mkdir 'new ones'; cp 'photos/red/3.ppm' 'new ones/r,\"1.ppm'; cp photos/grass/4.ppm "
              "'new ones/g.ppm'; echo text >'new ones/t.png'");
    const char *predict = "lab/predict --model trained/model.safetensors 'new ones'/?*.p*";
    char command[300];
    snprintf(command, sizeof command, "%s", predict);
    cr_expect_eq(run(command, output, sizeof output), 1, "%s", output);
    cr_expect(strstr(output, "new ones/g.ppm: grass "), "%s", output);
    cr_expect(strstr(output, "predict: new ones/t.png: "), "%s", output);
    snprintf(command, sizeof command, "%s --csv --top 1", predict);
    run(command, output, sizeof output);
    cr_expect(strstr(output, "\"new ones/r,\"\"1.ppm\",1,red,"), "%s", output);
    snprintf(command, sizeof command,
             "%s --json 2>/dev/null | python3 -c \"import json, sys; "
             "[print(json.loads(l)['classes'][0]['class']) for l in "
             "sys.stdin]\"",
             predict);
    run(command, output, sizeof output);
    cr_expect_str_eq(output, "grass\nred\n");
    assert_refused("lab/predict --load trained/model.safetensors",
                   "is a network for pictures of (12,12,3), expects one for digits");
    assert_refused("lab/predict --model trained/log.csv photos/red/3.ppm", "log.csv");
}

/* A run that is stopped by a signal wherever it is, three times, and gone on with ends in the same
   network and log (but for the seconds) as one that is not. */
Test(pictures, goes_on_to_the_bit)
{
    static char output[65536];
    const char *options = "--epochs 150 --patience 150 --augment strong --model cnn --size 12 "
                          "--batch-size 8";
    char command[800];
    snprintf(command, sizeof command, "lab/train photos %s --out whole", options);
    cr_assert_leq(run(command, output, sizeof output), 1, "%s", output);
    for (int stop = 0; stop < 3; stop++) {
        /* After 20 more epochs, in the middle of one. */
        snprintf(command, sizeof command,
                 "%s/lab/train photos %s --out parts %s & while kill -0 $! && ! test \"$(grep -c . "
                 "parts/log.csv)\" -gt %d; do sleep 0.01; done 2>/dev/null; kill -TERM $!; wait $!",
                 TARN_EXAMPLES, options, stop > 0 ? "--resume" : "", 20 * (stop + 1));
        cr_assert_eq(shell(command, output, sizeof output), 143, "%s", output);
        cr_assert(strstr(output, "--resume goes on"), "%s", output);
    }
    snprintf(command, sizeof command, "lab/train photos %s --out parts --resume", options);
    cr_assert_leq(run(command, output, sizeof output), 1, "%s", output);
    in_folder("cmp whole/model.safetensors parts/model.safetensors");
    in_folder("for d in whole parts; do cut -d, -f1-5 $d/log.csv >$d.log; done; cmp whole.log "
              "parts.log");
}

/* A loss that is none ends it, keeps no such network, and does not block the folder. */
Test(pictures, ends_where_it_diverges)
{
    for (int twice = 0; twice < 2; twice++)
        assert_refused("lab/train photos " SMALL "--lr 1e19", "has diverged");
    in_folder("test ! -e trained/checkpoint.safetensors");
}

Test(pictures, refuses_what_it_cannot_train_on)
{
    in_folder("mkdir empty one one/class single single/a single/b lied lied/a lied/b");
    in_folder("cp photos/red/0.ppm one/class; cp photos/red/0.ppm single/a; cp photos/red/1.ppm "
              "single/b; cp photos/red/[0-3].ppm lied/a; cp photos/red/[0-3].ppm lied/b; echo text "
              ">lied/b/x.jpg");
    assert_refused("lab/train none", "none");
    assert_refused("lab/train empty", "empty");
    assert_refused("lab/train one", "class");
    assert_refused("lab/train single", "single: class a has a single sample, expects at least two");
    assert_refused("lab/train photos --validation 0", "photos: no sample is left to validate on");
    in_folder("cp -r photos few; rm few/red/[!0].ppm few/red/1?.ppm");
    assert_refused("lab/train few", "few: class red has a single sample, expects at least two");
    assert_refused("lab/train lied", "x.jpg");
    assert_refused("lab/train photos --size 8 --model lenet", "expects at least 12 x 12");
    in_folder("test ! -e trained");
}
