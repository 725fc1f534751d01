// The plane as the network sees it, and the network itself with each unit's own map.
import {sized, colour} from '../lib/page.js';

export const CLASSES = ['#2f6fdc', '#e0762a'];
const ends = [[47, 111, 220], [224, 118, 42]];

/** A colour between the classes: v from −1 to 1. */
function tint(v, paper, to, at) {
    const end = ends[v < 0 ? 0 : 1], part = Math.min(1, Math.abs(v)) * 0.85;
    for (let k = 0; k < 3; k++) to[at + k] = paper[k] + part * (end[k] - paper[k]);
    to[at + 3] = 255;
}

const small = new OffscreenCanvas(1, 1);

/** Numbers of side x side places as a picture of that size; signed: from −most to most, else a probability. */
function picture(values, side, signed) {
    if (small.width !== side) small.width = small.height = side;
    const context = small.getContext('2d'), image = context.createImageData(side, side), paper = document.documentElement.dataset.theme === 'dark' ? [30, 40, 48] : [250, 248, 243];
    let most = 1e-6;
    if (signed) for (const v of values) most = Math.max(most, Math.abs(v));
    for (let i = 0; i < side * side; i++) {
        const v = signed ? values[i] / most : 2 * values[i] - 1;
        tint(Number.isFinite(v) ? v : 0, paper, image.data, 4 * i);
    }
    context.putImageData(image, 0, 0);
    return small;
}

export const place = (u, size) => size * (u + 1.2) / 2.4;

/** The large map with all points: those to train on are filled, those to test on are rings. */
export function drawPlane(canvas, map, sets) {
    const {context, width} = sized(canvas, 1);
    context.imageSmoothingQuality = 'high';
    if (map) context.drawImage(picture(map.values, map.side, map.signed), 0, 0, width, width);
    else context.clearRect(0, 0, width, width);
    const radius = Math.max(2.6, width / 130);
    sets.forEach(({places, labels}, part) => labels.forEach((label, i) => {
        context.beginPath();
        context.arc(place(places[2 * i], width), place(-places[2 * i + 1], width), radius, 0, 7);
        context.lineWidth = part ? 1.8 : 1;
        context.fillStyle = part ? '#ffffffd0' : CLASSES[label];
        context.strokeStyle = part ? CLASSES[label] : '#fff';
        context.fill();
        context.stroke();
    }));
}

/** Where each unit stands: {x, y, size, layer, unit}; layer 0 are the two inputs, the last the output. Many stand two by two. */
export function unitPlaces(layers, width, height) {
    const columns = [2, ...layers, 1], across = columns.map(count => (count > 8 ? 2 : 1)), rows = columns.map((count, i) => Math.ceil(count / across[i]));
    const all = across.reduce((a, b) => a + b, 0), space = 4, apart = Math.max(16, width / columns.length / 3);
    const size = Math.max(12, Math.min(46, (height - 6) / Math.max(...rows) - space, (width - 6 - apart * (columns.length - 1)) / all - space));
    const gap = (width - 6 - all * (size + space)) / (columns.length - 1), places = [];
    let x = 3;
    columns.forEach((count, layer) => {
        const down = Math.min(14, Math.max(space, (height - rows[layer] * size) / Math.max(1, rows[layer] - 1))), top = (height - rows[layer] * (size + down) + down) / 2;
        for (let unit = 0; unit < count; unit++) places.push({x: x + (unit % across[layer]) * (size + space), y: top + Math.floor(unit / across[layer]) * (size + down), size, layer, unit});
        x += across[layer] * (size + space) + gap;
    });
    return places;
}

/** maps(layer, unit) gives {values, side, signed}; weights[i]: (in, out) of linear layer i. */
export function drawNetwork(canvas, places, layers, maps, weights, chosen) {
    const {context, width, height} = sized(canvas), columns = [2, ...layers, 1];
    context.clearRect(0, 0, width, height);
    const of = (layer, unit) => places[columns.slice(0, layer).reduce((a, b) => a + b, 0) + unit];
    const output = layers.length;
    weights.forEach((w, i) => {
        const outs = i === output ? 2 : layers[i], shown = i === output ? 1 : outs;
        for (let a = 0; a < columns[i]; a++)
            for (let b = 0; b < shown; b++) {
                const v = i === output ? w[2 * a + 1] - w[2 * a] : w[a * outs + b], from = of(i, a), to = of(i + 1, b); // what counts is by how much class 1 is ahead
                context.strokeStyle = CLASSES[v < 0 ? 0 : 1];
                context.globalAlpha = Math.min(0.9, 0.12 + 0.4 * Math.abs(v));
                context.lineWidth = Math.min(4.5, 0.4 + 1.1 * Math.abs(v));
                const x0 = from.x + from.size, y0 = from.y + from.size / 2, y1 = to.y + to.size / 2, half = (to.x - x0) / 2;
                context.beginPath();
                context.moveTo(x0, y0);
                context.bezierCurveTo(x0 + half, y0, to.x - half, y1, to.x, y1);
                context.stroke();
            }
    });
    context.globalAlpha = 1;
    for (const p of places) {
        const {values, side, signed} = maps(p.layer, p.unit), selected = p.layer === chosen[0] && p.unit === chosen[1];
        context.drawImage(picture(values, side, signed), p.x, p.y, p.size, p.size);
        context.strokeStyle = selected ? colour('ink') : colour('line');
        context.lineWidth = selected ? 2.6 : 1;
        context.strokeRect(p.x, p.y, p.size, p.size);
    }
}
