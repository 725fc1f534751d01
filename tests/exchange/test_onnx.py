"""ONNX files: the checker and shape inference accept them, and the runtime gives Tarn's logits, for batches of any
size, with batch normalization as it is and folded."""

import numpy
import onnx
import onnxruntime

from peers import check, check_near, done, tarn

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1


def examine(what, path, images, logits):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    kinds = [node.op_type for node in model.graph.node]
    check(f"{what}: {len(kinds)} nodes pass the checker", True)
    session = onnxruntime.InferenceSession(path, options)
    for count in (1, len(images)):
        found = session.run(["output"], {"input": images[:count]})[0]
        # Norms of nearly constant values enlarge the rounding of what is before them.
        check_near(f"{what}: logits of {count}", found, logits[:count], 1e-3 if "layers" in what else 1e-4)
    return kinds


for name in ("lenet", "cnn", "resnet", "mlp", "mobile", "layers", "windows"):
    tarn("tests/exchange/exported", name)
    images = numpy.fromfile("images.f32", numpy.float32).reshape(-1, 28, 28, 1).transpose(0, 3, 1, 2)[:1000].copy()
    logits = numpy.fromfile("logits.f32", numpy.float32).reshape(-1, 10)[:1000]
    kinds = examine(name, f"{name}.onnx", images, logits)
    folded = examine(f"{name}, folded", "folded.onnx", images, logits)
    check(f"{name}: all in the order of its weights", name in ("layers", "windows") or "Transpose" not in kinds)
    if name in ("resnet", "mobile"):
        check(f"{name}: folded", "BatchNormalization" in kinds and "BatchNormalization" not in folded)
done()
