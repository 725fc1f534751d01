// The network, which lives in a worker so that the page stays smooth: what it is asked for, and what is known of it.
import {first, now, keepLink} from './situation.js';

export let network = null, tested = null, seen = null; // its filters; how well it tells the test digits; what each layer made of the picture
export let losses = [], epochs = [], done = null, busy = false; // of this training; done: {step, total, seconds}
let training = 0; // which one it is: what is still heard of those before is of no use

const worker = new Worker(new URL('worker.js', import.meta.url), {type: 'module'});
const ask = (what, more = {}) => worker.postMessage({do: what, ...more});

let shows = {};

/** What is called when something is heard of it: ready(), learned(tested), seen(), loaded(), saved(bytes), problem(text), and
    busy() when training begins or ends. */
export const whenHeard = functions => { shows = functions; };

/** Begins a training, or ends it. */
function setBusy(on) {
    busy = on;
    training++;
    document.documentElement.dataset.busy = on;
    shows.busy();
}

function forget() {
    losses = [];
    epochs = [];
    done = null;
}

/** Trains by what is chosen, or ends that. */
export function train() {
    setBusy(!busy);
    if (!busy) return ask('stop');
    forget();
    now.trained = true;
    keepLink();
    ask('train', {...Object.fromEntries(Object.keys(first).map(name => [name, now[name]])), options: `lr=${now.lr}`, training});
}

/** A new network, as at the beginning; ready() is called. */
export function startOver() {
    forget();
    setBusy(false);
    ask('forget');
}

export const save = () => ask('save');

export async function load(file) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    setBusy(false);
    now.trained = false;
    keepLink();
    ask('load', {bytes, name: file.name.endsWith('.npz') ? 'given.npz' : 'given.safetensors'});
}

let waiting = false, next = null;

/** Has the network look at a picture; of those that come while it looks, at the last. */
export function look(pixels) {
    if (waiting) {
        next = pixels;
        return;
    }
    waiting = true;
    ask('look', {pixels: pixels.slice()});
}

function looked() {
    waiting = false;
    if (next) look(next);
    next = null;
}

const hears = {
    ready({weights, test}) {
        network = weights;
        tested = test;
        shows.ready();
    },
    trained({training: which, step, total, losses: more, seconds, weights, test, epoch}) {
        if (which !== training) return;
        losses.push(...more);
        network = weights;
        done = {step, total, seconds};
        if (test) {
            const perEpoch = step / epoch, mean = losses.slice(step - perEpoch).reduce((a, b) => a + b) / perEpoch;
            tested = test;
            epochs.push({epoch, loss: mean, accuracy: test.accuracy});
        }
        shows.learned(Boolean(test));
    },
    done({training: which}) { if (which === training) setBusy(false); },
    loaded({weights, test}) {
        network = weights;
        tested = test;
        shows.loaded();
    },
    seen({layers, weights}) {
        seen = layers;
        network = weights;
        shows.seen();
        looked();
    },
    saved({bytes}) { shows.saved(bytes); },
    problem({text}) {
        waiting = false;
        setBusy(false);
        shows.problem(text);
    },
};

/** After whenHeard(). */
export function begin() {
    worker.addEventListener('message', ({data}) => hears[data.what](data));
    worker.addEventListener('error', event => hears.problem({text: event.message || 'The worker could not start: this browser may be too old.'}));
}
