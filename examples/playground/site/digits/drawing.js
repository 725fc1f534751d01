// A drawing, as strokes of points from 0 to 1, and the picture of 28 x 28 numbers that the network sees of it.
import {line} from '../lib/chart.js';

export const SIDE = 28;

export function drawStrokes(context, width, strokes) {
    context.lineWidth = width / 13;
    context.lineCap = context.lineJoin = 'round';
    context.strokeStyle = '#14283a';
    for (const stroke of strokes)
        line(context, stroke.length === 1 ? [stroke[0], stroke[0]].map(([x, y], i) => [x * width + i * 0.1, y * width]) : stroke.map(([x, y]) => [x * width, y * width]));
}

/** As MNIST was made: the ink in a box of 20 x 20 pixels, its centre of mass in the middle of 28 x 28. */
export function pictureOf(strokes) {
    const size = 280, canvas = new OffscreenCanvas(size, size), context = canvas.getContext('2d', {willReadFrequently: true});
    drawStrokes(context, size, strokes);
    const ink = context.getImageData(0, 0, size, size).data;
    let left = size, right = -1, top = size, bottom = -1;
    for (let y = 0; y < size; y++)
        for (let x = 0; x < size; x++)
            if (ink[4 * (y * size + x) + 3] > 40) {
                left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = Math.max(bottom, y);
            }
    const pixels = new Float32Array(SIDE * SIDE);
    if (right >= 0) {
        const scale = 20 / Math.max(right - left + 1, bottom - top + 1, 60), small = new Float32Array(SIDE * SIDE);
        const put = (dx, dy, to) => {
            const box = new OffscreenCanvas(SIDE, SIDE).getContext('2d', {willReadFrequently: true});
            box.imageSmoothingQuality = 'high';
            box.setTransform(scale, 0, 0, scale, 14 - scale * (left + right + 1) / 2 + dx, 14 - scale * (top + bottom + 1) / 2 + dy);
            box.drawImage(canvas, 0, 0);
            const data = box.getImageData(0, 0, SIDE, SIDE).data;
            for (let i = 0; i < SIDE * SIDE; i++) to[i] = data[4 * i + 3] / 255;
        };
        put(0, 0, small);
        let mass = 0, mx = 0, my = 0;
        small.forEach((v, i) => { mass += v; mx += v * (i % SIDE + 0.5); my += v * (Math.floor(i / SIDE) + 0.5); });
        put(14 - mx / mass, 14 - my / mass, pixels);
    }
    return pixels;
}
