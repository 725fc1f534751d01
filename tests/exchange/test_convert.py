"""./run convert: Tarn's safetensors, PyTorch's and NumPy's files, on to each other and back."""

import json

import numpy
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from peers import check, convert, done, network, networks


def same(a, b):
    """Two files of safetensors hold the same tensors."""
    a, b = load_file(a), load_file(b)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


for name in networks:
    network("describe", name, "tarn.safetensors")
    convert("tarn.safetensors", "torch.safetensors", "--layout", "torch")
    model = networks[name]()
    model.load_state_dict(load_file("torch.safetensors"))
    convert("torch.safetensors", "arrays.npz", "--layout", "torch")
    arrays = numpy.load("arrays.npz")
    state = model.state_dict()
    check(f"{name}: NumPy has PyTorch's state", all((arrays[key] == state[key].numpy()).all() for key in state))
    convert("arrays.npz", "back.safetensors")
    check(f"{name}: from there back to Tarn", same("tarn.safetensors", "back.safetensors"))

    # PyTorch's own file says neither its layout nor its network.
    save_file(state, "plain.safetensors")
    convert("plain.safetensors", "back.safetensors", "--in-layout", "torch", "--network", "tarn.safetensors")
    check(f"{name}: from PyTorch's own file", same("tarn.safetensors", "back.safetensors"))

    # The same in two files beside an index, the second in BF16.
    names = sorted(state)
    shards = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
    for file, keys in shards.items():
        save_file({key: state[key].contiguous() for key in keys}, file, metadata={"format": "pt"})
    weight_map = {key: file for file, keys in shards.items() for key in keys}
    with open("model.safetensors.index.json", "w") as file:
        json.dump({"metadata": {"total_size": 1}, "weight_map": weight_map}, file)
    convert("model.safetensors.index.json", "back.safetensors", "--in-layout", "torch", "--network", "tarn.safetensors")
    check(f"{name}: from two files and an index", same("tarn.safetensors", "back.safetensors"))

    for dtype in torch.float16, torch.bfloat16, torch.float64:
        other = {key: t.to(dtype) if t.is_floating_point() else t for key, t in state.items()}
        save_file(other, "other.safetensors")
        convert("other.safetensors", "back.safetensors", "--in-layout", "torch", "--network", "tarn.safetensors", "--layout", "torch")
        found = load_file("back.safetensors")
        check(f"{name}: from {dtype}", all(torch.equal(found[key], other[key].to(found[key].dtype)) for key in other))

network("describe", "lenet", "tarn.safetensors")
places = "0=features.0,3=features.3,7=classifier.1,9=classifier.3,11=classifier.5"
convert("tarn.safetensors", "named.safetensors", "--layout", "torch", "--names", places)
with safe_open("named.safetensors", "np") as file:
    check("names are mapped", {"features.3.bias", "classifier.5.weight"} < set(file.keys()) and len(file.keys()) == 10)
convert("named.safetensors", "back.safetensors", "--in-names", places)
check("and back", same("tarn.safetensors", "back.safetensors"))
shown = convert("--inspect", "named.safetensors")
check("and shown", "classifier.1.weight  F32   [120,400]" in shown and "layout: images NCHW" in shown)
done()
