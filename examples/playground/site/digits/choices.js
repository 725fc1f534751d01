// The settings of Digits.
import {slider} from '../lib/page.js';
import {choice, logSlider, rateOfLenet} from '../lib/controls.js';
import {first, now, optimizers, keepLink} from './situation.js';

const pick = (label, name, options, then = () => {}) => choice({label, id: `choose-${name}`, options, onchange(value) {
    now[name] = typeof first[name] === 'number' ? Number(value) : value;
    then();
    keepLink();
}});
const take = name => v => { now[name] = v; keepLink(); };
const count = (name, max) => slider({label: name, min: 1, max, step: 1, value: now[name], text: String, oninput: take(name)});

function takeOptimizer() {
    now.lr = rateOfLenet(now.optimizer);
    sync();
}

const controls = {
    optimizer: pick('optimizer', 'optimizer', optimizers.map(o => [o, o]), takeOptimizer),
    lr: logSlider({label: 'rate, η', low: 1e-5, high: 1, value: now.lr, oninput: take('lr')}),
    schedule: pick('schedule', 'schedule', [['linear', 'linear, to 0'], ['cosine', 'half a cosine, to 0'], ['one_cycle', 'one cycle'], ['', 'constant']]),
    batch: pick('batch size', 'batch', [8, 16, 32, 64, 128, 256].map(v => [v, String(v)])),
    epochs: count('epochs', 10),
    seed: count('seed', 100),
};
export const fields = Object.values(controls).map(control => control.node);

/** Shows what is chosen now. */
export function sync() {
    for (const [name, control] of Object.entries(controls)) control.set(now[name]);
}
