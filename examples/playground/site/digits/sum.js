// A number of a convolution, from the numbers that it is made of: those under the filter, times its weights.
import {el, num} from '../lib/page.js';
import {rebuilt} from '../lib/controls.js';
import {largest} from './pictures.js';

const SIZE = 5; // of the filters of both

/** before, after: the layers that it reads and makes; strip: rows of its maps in their picture. */
export const convolutions = [
    {name: 'First convolution', before: 0, after: 1, inputs: 1, inputSide: 28, padding: 2, channels: 6, side: 28, strip: 1},
    {name: 'Second convolution', before: 3, after: 4, inputs: 6, inputSide: 14, padding: 0, channels: 16, side: 10, strip: 2},
];
export const firstSpot = {at: 0, k: 0, r: 13, c: 13, from: 0};

/** Of the number at a spot, for each map that it looks at: the 25 numbers under the filter, its 25 weights, their sum. */
function partsOf({at, k, r, c}, seen, network) {
    const {before, inputs, inputSide, padding, channels} = convolutions[at];
    return Array.from({length: inputs}, (_, from) => {
        const patch = [], filter = [];
        for (let i = 0; i < SIZE * SIZE; i++) {
            const y = r + Math.floor(i / SIZE) - padding, x = c + i % SIZE - padding, inside = y >= 0 && y < inputSide && x >= 0 && x < inputSide;
            patch.push(inside ? seen[before][(inputSide * y + x) * inputs + from] : 0);
            filter.push(network.filters[at][(i * inputs + from) * channels + k]);
        }
        return {patch, filter, sum: patch.reduce((sum, v, i) => sum + v * filter[i], 0)};
    });
}

/** Numbers as a table; shade(v): the colour behind one, and how much of it in a hundred. */
const table = (values, name, shade) => el('table', {class: 'patch', 'aria-label': name}, el('tbody', {}, Array.from({length: SIZE}, (_, y) => el('tr', {},
    values.slice(SIZE * y, SIZE * y + SIZE).map(v => {
        const [tint, share] = shade(v);
        return el('td', {style: `background:color-mix(in srgb, ${tint} ${Math.round(share)}%, var(--card))`}, num(v, 2));
    })))));

/** Fills title and box with the sum at a spot; choose(from): called when another of the maps that it looks at is to be seen. */
export function showSum({title, box}, spot, seen, network, choose) {
    const {name, after, inputs, side, channels} = convolutions[spot.at], parts = partsOf(spot, seen, network), {patch, filter} = parts[spot.from];
    const most = largest(filter), brightest = Math.max(2.8, largest(patch));
    const sum = parts.reduce((all, part) => all + part.sum, 0), told = seen[after][(side * spot.r + spot.c) * channels + spot.k];
    title.textContent = `${name}, map ${spot.k + 1}, row ${spot.r + 1}, column ${spot.c + 1}: ${inputs > 1 ? `${inputs} maps × ` : ''}25 numbers × 25 weights`;
    rebuilt(box, () => box.replaceChildren(
        table(patch, inputs > 1 ? `The numbers of map ${spot.from + 1} under the filter` : 'The pixels under the filter', v => ['var(--ink)', 45 * Math.max(0, Math.min(1, v / brightest))]),
        el('span', {}, '×'),
        table(filter, inputs > 1 ? `The filter of map ${spot.k + 1} for map ${spot.from + 1}` : `Filter ${spot.k + 1}`, v => [v < 0 ? '#3f6fe0' : '#d5482a', 60 * Math.abs(v) / most]),
        ...(inputs === 1 ? [] : [el('div', {class: 'row', role: 'group', 'aria-label': 'The sums of products, one for each map that it looks at'}, parts.map((part, from) =>
            el('button', {class: 'numbers', 'aria-pressed': String(from === spot.from), onclick: () => choose(from)}, `map ${from + 1}: ${num(part.sum, 3)}`)))]),
        el('p', {class: 'numbers', style: 'margin:0', id: 'sum'}, `sum ${inputs > 1 ? `of the ${inputs} sums ` : ''}${num(sum)} + bias ${num(network.biases[spot.at][spot.k])} = ${num(told)}; ReLU makes ${num(Math.max(0, told))} of it`)));
}

/** The spot under a pointer on the picture of a convolution's maps. */
export function spotUnder(at, canvas, event, from) {
    const {channels, side, strip} = convolutions[at], across = channels / strip, step = side + 1, box = canvas.getBoundingClientRect();
    const x = Math.floor((event.clientX - box.left) / box.width * (across * step - 1)), y = Math.floor((event.clientY - box.top) / box.height * (strip * step - 1));
    const column = Math.max(0, Math.min(across - 1, Math.floor(x / step))), row = Math.max(0, Math.min(strip - 1, Math.floor(y / step)));
    const inside = v => Math.max(0, Math.min(side - 1, v));
    return {at, k: row * across + column, r: inside(y - row * step), c: inside(x - column * step), from};
}

/** The spot beside another, by an arrow key; from one map into the next. */
export function spotBeside(spot, key) {
    const [down, right] = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[key], {side, channels} = convolutions[spot.at];
    const c = spot.c + right, k = Math.max(0, Math.min(channels - 1, spot.k + (c < 0 ? -1 : c >= side ? 1 : 0)));
    return {...spot, k, r: Math.max(0, Math.min(side - 1, spot.r + down)), c: k === spot.k ? Math.max(0, Math.min(side - 1, c)) : c < 0 ? side - 1 : 0};
}

/** Puts a frame around rows and columns of a map, counted in a strip of maps; it lies over their picture. */
function frame(mark, {side, channels, strip}, k, r, c, size) {
    const across = channels / strip, step = side + 1, width = across * step - 1, height = strip * step - 1;
    const x = (k % across) * step + c, y = Math.floor(k / across) * step + r;
    mark.style.cssText = `left:${100 * x / width}%;top:${100 * y / height}%;width:${100 * size / width}%;height:${100 * size / height}%`;
}

/** Frames the spot in its map, and in the picture of the maps before what it looks at, where there is one. */
export function markSpot(marks, spot) {
    marks.forEach(mark => { mark.hidden = true; });
    const own = marks[spot.at ? 2 : 0];
    own.hidden = false;
    frame(own, convolutions[spot.at], spot.k, spot.r, spot.c, 1);
    if (!spot.at) return;
    marks[1].hidden = false;
    frame(marks[1], {side: 14, channels: 6, strip: 1}, spot.from, spot.r, spot.c, SIZE);
}
