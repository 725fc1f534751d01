// The walk. Every step of everyone is remembered, so that one can go back.
import {inFrame} from '../lib/controls.js';
import {tarn, now, start, optionsText, MOST_STEPS} from './situation.js';

/** A step is told as numbers: which it is, f, the rate, and from here on eleven for x and eleven for y, the first where it
    was, the last where it went. */
export const at = (record, k) => record[3 + 11 * k], to = (record, k) => record[13 + 11 * k];

let show = () => {}, told = () => {};

/** What is called after each change of what is to be seen, and when playing begins or ends. */
export function whenWalked(shows, tells) {
    show = shows;
    told = tells;
}

export let walks = [];

export function startAgain() {
    walks = now.hikers.map((hiker, i) => {
        const error = tarn.drop(i, ...start(), hiker.optimizer, optionsText(hiker), now.schedule, now.total, now.batch, now.noise, now.seed);
        return {error, records: [], ended: Boolean(error)};
    });
    goTo(now.step);
}

function stepOne(i) {
    const walk = walks[i], address = tarn.step(i);
    if (!address) {
        walk.ended = true;
        walk.error = tarn.problem();
        return;
    }
    const record = tarn.module.HEAPF64.slice(address / 8, address / 8 + 25);
    if (Number.isFinite(record[1])) walk.records.push(record);
    walk.ended = ![record[1], to(record, 0), to(record, 1)].every(Number.isFinite);
}

/** Shows the situation after so many steps, which are taken if they were not yet. */
export function goTo(step) {
    now.step = Math.max(0, Math.min(step, MOST_STEPS));
    walks.forEach((walk, i) => {
        while (!walk.ended && walk.records.length < now.step) stepOne(i);
    });
    show();
}

export let playing = false;
let speed = 1, owed = 0;

export const setSpeed = stepsInAFrame => { speed = stepsInAFrame; };

export function play(on) {
    playing = on;
    told();
    if (on) next();
}

function frame() {
    if (!playing) return;
    owed += speed;
    const whole = Math.floor(owed);
    owed -= whole;
    if (whole) goTo(now.step + whole);
    if (now.step >= MOST_STEPS || walks.every(w => w.ended && w.records.length <= now.step)) play(false);
    else next();
}
const next = inFrame(frame);

/** Starts again in the next frame, once for many changes of a slider. */
export const restart = inFrame(startAgain);
