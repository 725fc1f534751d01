// The link to a situation of Backprop.
import {keeping} from '../lib/controls.js';
import {graph, now, given, set, take, lastStep, valueOf} from './numbers.js';

export const situations = [
    ['The network of the chapter', '#step=0'],
    ['A unit: tanh(w x + b)', '#formula=tanh(w*x%2Bb)'],
    ['Its squared error', '#formula=(sigmoid(w*x%2Bb)-t)^2'],
    ['Used twice: gradients add', '#formula=x*y%2Bsin(x)&v.x=0.5&v.y=2&at=0,0'],
    ['Where a ReLU is shut', '#formula=relu(w*x%2Bb)^2&v.w=1&v.x=1&v.b=-2'],
    ['Vanishing gradients', '#formula=sigmoid(sigmoid(sigmoid(sigmoid(4*x))))&v.x=0.8'],
];

export function link() {
    const p = new URLSearchParams();
    if (now.formula) p.set('formula', now.formula);
    given().forEach((v, i) => p.set(`v.${v.name}`, Array.from({length: v.size}, (_, k) => valueOf(i, k)).join()));
    if (now.step !== lastStep()) p.set('step', now.step);
    p.set('at', now.picked.join());
    return `#${p}`;
}

export const keepLink = keeping(link);

/** What a link says; what it says wrongly is as at first. The mistake of its formula, or ''. */
export function readLink() {
    const p = new URLSearchParams(location.hash.slice(1)), wrong = take((p.get('formula') || '').slice(0, 300));
    if (wrong) take('');
    given().forEach((v, i) => {
        const told = (p.get(`v.${v.name}`) || '').split(',').map(Number);
        if (p.has(`v.${v.name}`) && told.length === v.size && told.every(x => Math.abs(x) <= 1000)) told.forEach((x, k) => set(i, k, x));
    });
    const step = Number(p.get('step')), [v, k] = (p.get('at') || '').split(',').map(Number);
    if (p.has('step') && step >= 0 && step <= lastStep()) now.step = Math.round(step);
    if (graph[v] && k >= 0 && k < graph[v].size) now.picked = [v, Math.floor(k)];
    return wrong;
}
