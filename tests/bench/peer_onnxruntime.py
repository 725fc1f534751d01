"""onnxruntime's side of the benchmark: LeNet's answers to 1 and to 256 images.

Speaks as peer_torch.py does, and answers 0 to what it does not have.
"""
import os
import sys
import time

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

BATCHES = {'infer-1': 1, 'infer-256': 256}
SHAPES = {'conv1': (6, 1, 5, 5), 'conv2': (16, 6, 5, 5), 'fc1': (120, 400), 'fc2': (84, 120), 'fc3': (10, 84)}


def lenet():
    """The file: random weights, one batch or another."""
    weights = []
    for name, shape in SHAPES.items():
        scale = numpy.float32(numpy.prod(shape[1:]) ** -0.5)
        weights.append(numpy_helper.from_array(numpy.random.randn(*shape).astype('float32') * scale, name))
        weights.append(numpy_helper.from_array(numpy.zeros(shape[0], 'float32'), name + '.bias'))

    def convolution(x, name, padding):
        return [helper.make_node('Conv', [x, name, name + '.bias'], [name + '.y'], pads=[padding] * 4),
                helper.make_node('Relu', [name + '.y'], [name + '.relu']),
                helper.make_node('MaxPool', [name + '.relu'], [name + '.pool'], kernel_shape=[2, 2], strides=[2, 2])]

    def linear(x, name):
        return [helper.make_node('Gemm', [x, name, name + '.bias'], [name + '.y'], transB=1)]

    nodes = [*convolution('images', 'conv1', 2), *convolution('conv1.pool', 'conv2', 0),
             helper.make_node('Flatten', ['conv2.pool'], ['flat']), *linear('flat', 'fc1'),
             helper.make_node('Relu', ['fc1.y'], ['fc1.relu']), *linear('fc1.relu', 'fc2'),
             helper.make_node('Relu', ['fc2.y'], ['fc2.relu']), *linear('fc2.relu', 'fc3')]
    graph = helper.make_graph(nodes, 'lenet',
                              [helper.make_tensor_value_info('images', TensorProto.FLOAT, ['n', 1, 28, 28])],
                              [helper.make_tensor_value_info('fc3.y', TensorProto.FLOAT, ['n', 10])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


def step_of(request, threads):
    if request not in BATCHES:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(lenet(), options, providers=['CPUExecutionProvider'])
    images = {'images': numpy.random.rand(BATCHES[request], 1, 28, 28).astype('float32')}
    return lambda: session.run(None, images)


def main():
    answers = os.fdopen(os.dup(1), 'w')
    print(onnxruntime.__version__)
    print('onnxruntime', flush=True)
    os.dup2(2, 1)
    held, step = None, None
    for line in sys.stdin:
        _, threads, settle, seconds, *request = line.split()
        if held != (request, threads):
            held, step = (request, threads), step_of(request[0], int(threads))
        if not step:
            print(0, file=answers, flush=True)
            continue
        begin = time.perf_counter() + float(settle)
        while time.perf_counter() < begin:
            step()
        times, end = [], time.perf_counter() + float(seconds)
        while time.perf_counter() < end or len(times) < 3:
            start = time.perf_counter()
            step()
            times.append(time.perf_counter() - start)
        print(1e3 * sorted(times)[len(times) // 2], file=answers, flush=True)


main()
