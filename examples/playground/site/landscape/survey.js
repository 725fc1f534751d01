// The survey: the paths, a plane through their weights, and its heights; a little at a time, so that the page stays awake.
import {terrainOf} from '../lib/terrain.js';
import {readDigits} from '../lib/tarn.js';
import {tarn, now, every, steps, side, optionsOf} from './situation.js';

export let walks = []; // of each path its outcome, its losses, and its points in the plane: [x, y, loss, how far off it is]
export let terrain = null, low = [-1, -1], high = [1, 1], shares = [0, 0], problem = '';

let progress = () => {}, finished = () => {};

/** What is called along the way, with what is done and how much of it, and at its end. */
export function whenSurveyed(tells, ends) {
    progress = tells;
    finished = ends;
}

const doubles = (address, count) => Array.from(tarn.module.HEAPF64.subarray(address / 8, address / 8 + count));

const {port1, port2} = new MessageChannel();
port1.start();

/** Lets the page do what waits. It waits for no frame, of which a hidden page has none, and no timer, which is late there. */
const pause = () => new Promise(done => {
    port1.addEventListener('message', done, {once: true});
    port2.postMessage(null);
});

let work = 0, walking = false; // what is begun anew ends what was at work

function outcomeOf(i, error) {
    const [count, train, right, test, testRight, travelled, straight] = doubles(tarn.outcome(i), 7);
    return {count, train, right, test, testRight, travelled, straight, losses: doubles(tarn.losses(i), count), points: [], error};
}

let reading = null;

/** A new network with its data. What is wrong, or ''. */
async function prepare() {
    if (now.set !== 'digits') return tarn.set(now.set, 400, 0.03, now.seed) || tarn.begin(now.layers, now.activation, now.seed);
    progress('Reading digits', 0);
    reading ||= readDigits(tarn);
    return await reading || tarn.begin('lenet', '', now.seed);
}

/** Path i from its start to its end; false where other work has begun meanwhile. */
async function walk(i, own) {
    const {optimizer} = now.paths[i], wrong = tarn.walk(i, optimizer, optionsOf(now.paths[i]), every(), now.batch || tarn.count(0), now.seed);
    let begun = performance.now(), goes = !wrong;
    for (let step = 0; goes && step < steps(); step++) {
        goes = tarn.go(1);
        if (performance.now() - begun < 12) continue;
        progress('Walking', (i + step / steps()) / now.paths.length);
        await pause();
        if (own !== work) return false;
        begun = performance.now();
    }
    walks[i] = outcomeOf(i, wrong || tarn.arrive());
    return true;
}

/** All paths, then the plane. */
export async function compute() {
    const own = ++work;
    walking = document.documentElement.dataset.busy = true;
    walks = [];
    problem = await prepare();
    if (own !== work) return;
    for (let i = 0; i < now.paths.length && !problem; i++) if (!await walk(i, own)) return;
    walking = false;
    await layFor(own);
}

/** Another plane through the paths; those that are still walked will get it at their end. */
export async function lay() {
    if (!walking) await layFor(++work);
}

/** The plane through the paths that are there, and its heights row by row. */
async function layFor(own) {
    document.documentElement.dataset.busy = true;
    const random = now.plane === 'random';
    problem = problem || tarn.plane(now.chosen, random, now.seed + 1);
    if (!problem) {
        shares = doubles(tarn.shares(), 2);
        walks.forEach((walk, i) => { const numbers = doubles(tarn.path(i), 4 * walk.count); walk.points = Array.from({length: walk.count}, (_, k) => numbers.slice(4 * k, 4 * k + 4)); });
        frameOf(random ? [[-1, -1], [1, 1]] : walks.flatMap(walk => walk.points));
        const values = await heights(own);
        if (!values) return;
        terrain = terrainOf(values, side());
    }
    document.documentElement.dataset.busy = false;
    finished();
}

/** The part of the plane that is shown: a square around all points. */
function frameOf(points) {
    const [least, most] = [Math.min, Math.max].map(f => [0, 1].map(k => f(...points.map(p => p[k]))));
    const half = 0.62 * Math.max(most[0] - least[0], most[1] - least[1], 1e-3);
    low = [0, 1].map(k => (least[k] + most[k]) / 2 - half);
    high = [0, 1].map(k => (least[k] + most[k]) / 2 + half);
}

/** The loss in the middle of each cell; null where other work has begun meanwhile. */
async function heights(own) {
    const n = side(), values = new Float32Array(n * n), some = now.set === 'digits' ? 1 : n; // places at once
    const x = column => low[0] + (high[0] - low[0]) * column / n, y = row => low[1] + (high[1] - low[1]) * (row + 0.5) / n;
    for (let at = 0; at < n * n;) {
        for (const until = performance.now() + 12; at < n * n && performance.now() < until; at += some) {
            const from = tarn.row(x(at % n), x(at % n + some), y(Math.floor(at / n)), some) / 4;
            values.set(tarn.module.HEAPF32.subarray(from, from + some), at);
        }
        progress('Looking around', at / (n * n));
        await pause();
        if (own !== work) return null;
    }
    return values;
}
