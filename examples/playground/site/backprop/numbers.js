// The network of the chapter, or a formula, as a graph, and all of its numbers.
import {load} from '../lib/tarn.js';

const NUMBERS = 64, CURVE = 161; // as in backprop.c; points of the curve
const defaults = [0.5, 2, -0.25, 0.75, 1.5, -0.5, 0.25, 3]; // of the variables of a formula, in their order

const tarn = await load('backprop');
const buffer = tarn.module._malloc(8 * CURVE);

export let graph = [], values = [], numeric = [], gradients = []; // gradients[k]: after k results backward

/** The formula, '' for the network; the step; the number that is looked at: its value and which it is of it. */
export let now = {formula: '', step: Infinity, picked: [0, 0]};

export const given = () => graph.filter(v => !v.operation);
export const known = v => !v.operation || v.operation === 'number'; // before any step
const steps = () => graph.map((v, i) => i).filter(i => !known(graph[i]));
export const lastStep = () => 2 * steps().length + 1;
export const valueOf = (v, k) => values[graph[v].at + k];

/** Takes the network ('') or a formula, at its last step. Its mistake, or ''. */
export function take(formula) {
    const wrong = formula ? tarn.formula(formula) : tarn.network();
    if (wrong) return wrong;
    graph = JSON.parse(tarn.graph());
    now = {formula, step: lastStep(), picked: formula ? [0, 0] : [2, 0]};
    if (formula) given().forEach((v, i) => set(i, 0, defaults[i % defaults.length]));
    return '';
}

export const set = (v, k, to) => tarn.set(v, k, Math.max(-1000, Math.min(1000, Math.round(to * 1e6) / 1e6)));

/** All numbers from those that are given. What is wrong, or ''. */
export function compute() {
    const address = tarn.run() / 8;
    if (!address) return tarn.problem();
    const part = i => tarn.module.HEAPF64.slice(address + NUMBERS * i, address + NUMBERS * (i + 1));
    values = part(0);
    numeric = part(1);
    gradients = Array.from({length: graph.length - given().length + 1}, (_, i) => part(2 + i));
    return '';
}

/** The result at numbers from range[0] to range[1] in the place of one that is given. */
export function curveOf(v, k, range) {
    tarn.curve(v, k, ...range, CURVE, buffer);
    return tarn.module.HEAPF64.slice(buffer / 8, buffer / 8 + CURVE);
}

/** Where the present step stands: the results that are there, and how many have been gone back over. */
export function progress() {
    const list = steps(), forward = Math.min(now.step, list.length), back = now.step - list.length - 1; // −1: not begun
    const operation = now.step === 0 ? null : back < 0 ? list[forward - 1] : back === 0 ? null : list[list.length - back];
    return {list, forward, back, operation, seen: new Set(list.slice(0, forward))};
}

/** All gradients as they are after this step. */
export function gradientsNow({list, back}) {
    if (back < 0) return new Float64Array(NUMBERS).fill(NaN);
    return gradients[back === 0 ? 0 : graph.length - list[list.length - back]];
}

/** The lines of C that make this graph. */
export const inC = () => tarn.program();
