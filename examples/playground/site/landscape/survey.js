// The survey: the paths, a plane through their weights, and its heights; a little in each frame, so that the page stays awake.
import {terrainOf} from '../lib/terrain.js';
import {tarn, now, every, steps, optionsOf} from './situation.js';

const GRID = 61;

export let walks = []; // of each path its outcome, its losses, and its points in the plane: [x, y, loss, how far off it is]
export let terrain = null, low = [-1, -1], high = [1, 1], shares = [0, 0], problem = '';

let progress = () => {}, finished = () => {};

/** What is called along the way, with what is done and how much of it, and at its end. */
export function whenSurveyed(tells, ends) {
    progress = tells;
    finished = ends;
}

const doubles = (address, count) => Array.from(tarn.module.HEAPF64.subarray(address / 8, address / 8 + count));
const pause = () => new Promise(done => requestAnimationFrame(done));
let work = 0; // what is begun anew ends what was at work

function outcomeOf(i, error) {
    const [count, train, right, test, testRight, travelled, straight] = doubles(tarn.outcome(i), 7);
    return {count, train, right, test, testRight, travelled, straight, losses: doubles(tarn.losses(i), count), points: [], error};
}

/** All paths, then the plane. */
export async function compute() {
    const own = ++work;
    document.documentElement.dataset.busy = true;
    walks = [];
    problem = tarn.set(now.set, 400, 0.03, now.seed) || tarn.begin(now.layers, now.activation, now.seed);
    for (let i = 0; i < now.paths.length && !problem; i++) {
        progress('Walking', i / now.paths.length);
        await pause();
        if (own !== work) return;
        const error = tarn.walk(i, now.paths[i].optimizer, optionsOf(now.paths[i]), steps(), every(), now.batch || tarn.count(0), now.seed);
        walks[i] = outcomeOf(i, error);
    }
    await lay(own);
}

/** The plane through the paths that are there, and its heights row by row. */
export async function lay(own = ++work) {
    document.documentElement.dataset.busy = true;
    const random = now.plane === 'random';
    problem = problem || tarn.plane(now.chosen, random, now.seed + 1);
    if (!problem) {
        shares = doubles(tarn.shares(), 2);
        walks.forEach((walk, i) => { const numbers = doubles(tarn.path(i), 4 * walk.count); walk.points = Array.from({length: walk.count}, (_, k) => numbers.slice(4 * k, 4 * k + 4)); });
        frameOf(random ? [[-1, -1], [1, 1]] : walks.flatMap(walk => walk.points));
        const values = await heights(own);
        if (!values) return;
        terrain = terrainOf(values, GRID);
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
    const values = new Float32Array(GRID * GRID);
    for (let row = 0; row < GRID;) {
        for (const until = performance.now() + 12; row < GRID && performance.now() < until;) {
            const from = tarn.row(low[0], high[0], low[1] + (high[1] - low[1]) * (row + 0.5) / GRID, GRID) / 4;
            values.set(tarn.module.HEAPF32.subarray(from, from + GRID), GRID * row++);
        }
        progress('Looking around', row / GRID);
        await pause();
        if (own !== work) return null;
    }
    return values;
}
