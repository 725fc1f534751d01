"""Arrays that NumPy writes, read and written by Tarn, are what NumPy then reads."""

import zipfile

import numpy

from peers import check, done, network

random = numpy.random.default_rng(1)
kinds = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"]
shapes = [(), (1,), (7,), (2, 3), (4, 1, 5), (2, 3, 4, 2), (0, 3)]


def arrays():
    for kind in kinds:
        for shape in shapes:
            whole = random.integers(0, 100, shape)
            values = random.standard_normal(shape).astype("f4") if kind[0] == "f" else whole
            for order in "<>":
                yield f"{kind}{shape}{order}C", numpy.asarray(values, order + kind)
                yield f"{kind}{shape}{order}F", numpy.asfortranarray(numpy.asarray(values, order + kind))


everything = dict(arrays())
same = 0
for name, array in everything.items():
    numpy.save("in.npy", array)
    network("npy", "in.npy", "out.npy")
    found = numpy.load("out.npy")
    same += found.shape == array.shape and found.dtype == numpy.float32 and (found == array.astype("f4")).all()
check(f"{same} of {len(everything)} arrays as .npy", same == len(everything))

for save in numpy.savez, numpy.savez_compressed:
    save("in.npz", **everything)
    network("npz", "in.npz", "out.npz")
    check("the ZIP file is whole", zipfile.ZipFile("out.npz").testzip() is None)
    found = numpy.load("out.npz")
    same = [(found[name] == array.astype("f4")).all() for name, array in everything.items()]
    check(f"{sum(same)} of {len(same)} arrays by {save.__name__}()", all(same) and found.files == list(everything))
done()
