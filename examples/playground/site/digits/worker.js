// Tarn in a thread of its own: trains, tests and looks at pictures, as the page asks, and tells it what came of it.
import {load, readDigits} from '../lib/tarn.js';

const SIDE = 28, LAYERS = 12;
let tarn, training = 0, buffer; // training: which one is at work, or 0

const floats = (address, count) => tarn.module.HEAPF32.slice(address / 4, address / 4 + count);

function weights() {
    return {filters: [floats(tarn.weights(0), 150), floats(tarn.weights(2), 2400)], biases: [floats(tarn.weights(1), 6), floats(tarn.weights(3), 16)]};
}

function test() {
    const all = floats(tarn.test(), 102 + 24 * (4 + SIDE * SIDE)), mistakes = [];
    for (let i = 0; i < all[101]; i++) {
        const at = 102 + i * (4 + SIDE * SIDE), [index, label, said, confidence] = all.subarray(at, at + 4);
        mistakes.push({index, label, said, confidence, pixels: all.slice(at + 4, at + 4 + SIDE * SIDE)});
    }
    return {accuracy: all[0], confusion: Array.from(all.subarray(1, 101)), mistakes};
}

const tell = (what, more = {}) => postMessage({what, ...more});
const pause = () => new Promise(done => setTimeout(done));

async function train({optimizer, options, schedule, batch, epochs, seed, training: own}) {
    training = own;
    const wrong = tarn.begin(optimizer, options, schedule, batch, epochs, seed);
    if (wrong) return tell('problem', {text: wrong});
    const total = tarn.steps(), perEpoch = total / epochs;
    let losses = [], spent = 0, told = performance.now();
    for (let step = 1; step <= total; step++) {
        const begin = performance.now();
        losses.push(tarn.train());
        spent += performance.now() - begin;
        const ended = step % perEpoch === 0, due = performance.now() - told > 60;
        if (!ended && !due && step < total) continue;
        tell('trained', {training, step, total, losses, seconds: spent / 1000, weights: weights(), test: ended ? test() : null, epoch: step / perEpoch});
        losses = [];
        told = performance.now();
        await pause();
        if (own !== training) return;
    }
    tell('done', {training});
}

function look({pixels, id}) {
    tarn.module.HEAPF32.set(pixels, buffer / 4);
    const wrong = tarn.look(buffer);
    if (wrong) return tell('problem', {text: wrong});
    tell('seen', {id, layers: Array.from({length: LAYERS + 1}, (_, i) => floats(tarn.seen(i), tarn.seen_size(i))), weights: weights()});
}

const does = {
    train,
    look,
    stop() { training = 0; },
    forget() {
        training = 0;
        tarn.begin('adam', '', '', 64, 1, 1);
        tell('ready', {weights: weights(), test: test()});
    },
    save() {
        const wrong = tarn.save('/lenet.safetensors');
        if (wrong) tell('problem', {text: wrong});
        else tell('saved', {bytes: tarn.module.FS.readFile('/lenet.safetensors')});
    },
    load({bytes, name}) {
        training = 0;
        tarn.module.FS.writeFile(`/${name}`, bytes);
        const wrong = tarn.load(`/${name}`);
        tarn.module.FS.unlink(`/${name}`);
        if (wrong) tell('problem', {text: wrong});
        else tell('loaded', {weights: weights(), test: test()});
    },
};

async function begin() {
    tarn = await load('digits');
    const wrong = await readDigits(tarn);
    if (wrong) throw new Error(wrong);
    buffer = tarn.module._malloc(4 * SIDE * SIDE);
    tarn.begin('adam', '', '', 64, 1, 1);
    tell('ready', {weights: weights(), test: test()});
}

const begun = begin(); // what is asked for before is done then
begun.catch(error => tell('problem', {text: String(error.message || error)}));
addEventListener('message', ({data}) => { begun.then(() => does[data.do](data), () => {}); });
