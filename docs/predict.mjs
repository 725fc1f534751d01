// An ONNX file of Tarn's in a browser, and in node: which scores it gives an image of numbers as the network takes them,
// in shape = [1, channels, height, width].
//
//     import * as ort from "./ort.min.mjs";                      // of onnxruntime-web, beside the page
//     const session = await ort.InferenceSession.create("lenet.onnx");
//     const scores = await predict(ort, session, pixels, [1, 1, 28, 28]);
export async function predict(ort, session, pixels, shape) {
  const { output } = await session.run({ input: new ort.Tensor("float32", pixels, shape) });
  return output.data;
}

// node predict.mjs lenet.onnx images.f32 1 28 28: the scores of each image in a file of bare floats, a line each
if (typeof process !== "undefined" && import.meta.url === `file://${process.argv[1]}`) {
  const { readFile } = await import("node:fs/promises");
  const ort = await import("onnxruntime-web");
  ort.env.wasm.numThreads = 1;
  const [path, images, ...sizes] = process.argv.slice(2);
  const session = await ort.InferenceSession.create(await readFile(path));
  const shape = [1, ...sizes.map(Number)], count = shape.reduce((a, b) => a * b);
  const pixels = new Float32Array(Uint8Array.from(await readFile(images)).buffer);
  for (let at = 0; at < pixels.length; at += count)
    console.log([...(await predict(ort, session, pixels.slice(at, at + count), shape))].join(" "));
}
