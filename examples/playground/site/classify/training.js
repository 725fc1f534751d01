// The training: the points, a network at some step, and how it goes on from frame to frame.
import {optionsText, inFrame} from '../lib/controls.js';
import {tarn, now, MOST_STEPS, TOTAL} from './situation.js';

export let data = []; // the points to train on, and those to test on: {places, labels}
export let scores = []; // {step, train, right, test, testRight}
export let playing = false, problem = '';
let speed = 5, goal = 0;

let show = () => {}, told = () => {};

/** What is called after each change of what is to be seen, and when playing begins or ends. */
export function whenTrained(shows, tells) {
    show = shows;
    told = tells;
}

export const setSpeed = stepsInAFrame => { speed = stepsInAFrame; };
export const batchOf = () => now.batch || Math.max(1, tarn.count(0));

function takePoints() {
    let wrong;
    if (now.set === 'own') {
        const bytes = tarn.module._malloc(12 * Math.max(1, now.drawn.length));
        tarn.module.HEAPF32.set(now.drawn.flat(), bytes / 4);
        wrong = tarn.draw(bytes, now.drawn.length);
        tarn.module._free(bytes);
    } else wrong = tarn.set(now.set, now.points, now.noise, now.seed);
    data = [0, 1].map(part => {
        const count = tarn.count(part), places = tarn.places(part) / 4, labels = tarn.labels(part) / 4;
        return {places: tarn.module.HEAPF32.slice(places, places + 2 * count), labels: Array.from(tarn.module.HEAP32.subarray(labels, labels + count))};
    });
    return wrong;
}

/** A new network at step 0, which then is trained on to the step that is asked for. */
export function startAgain(step = 0) {
    problem = takePoints();
    if (!problem) problem = tarn.begin(now.layers.join(), now.activation, now.init, now.dropout, now.optimizer, optionsText(now), now.schedule, TOTAL, batchOf(), now.seed);
    scores = [];
    now.step = 0;
    goal = step;
    if (!problem) score();
    if (goal > 0 && !problem) next();
    markBusy();
    show();
}

export const restart = () => startAgain(0);

function score() {
    const at = tarn.score() / 8, [train, right, test, testRight] = tarn.module.HEAPF64.subarray(at, at + 4);
    scores.push({step: now.step, train, right, test, testRight});
}

/** So many steps; every tenth is scored, so that the curves are the same at any speed. */
export function train(steps) {
    while (steps > 0 && !problem) {
        const some = Math.min(steps, 10 - now.step % 10);
        if (Number.isNaN(tarn.train(some))) problem = tarn.problem() || 'The loss is not a number any more: the steps are too large.';
        now.step += some;
        steps -= some;
        if (now.step % 10 === 0 || steps === 0) score();
    }
    if (scores.length > 1500) scores = scores.filter((s, i) => i === scores.length - 1 || s.step % (10 * Math.ceil(now.step / 10000)) === 0);
}

export function oneStep() {
    play(false);
    train(1);
    show();
}

function markBusy() {
    document.documentElement.dataset.busy = playing || (goal > now.step && !problem);
}

export function play(on) {
    playing = on;
    markBusy();
    told();
    if (on) next();
}

/** Trains for a part of a frame, and shows what came of it. */
function frame() {
    const catching = goal > now.step;
    if (!playing && !catching) return;
    const begin = performance.now(), steps = catching ? goal - now.step : speed;
    for (let done = 0; done < steps && performance.now() - begin < 8 && !problem; done++) train(1);
    show();
    if (problem || now.step >= MOST_STEPS) goal = now.step, play(false);
    else if (!playing && goal <= now.step) play(false);
    else next();
}
const next = inFrame(frame);
