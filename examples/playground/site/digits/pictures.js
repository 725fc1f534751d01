// Numbers as pictures, and the loss as a line.
import {sized, colour} from '../lib/page.js';
import {line} from '../lib/chart.js';

/** Puts numbers on a canvas, blue below 0, red above, or ink on paper. at(row, column) gives them. */
export function paint(canvas, height, width, at, signed, most) {
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d'), image = context.createImageData(width, height);
    for (let r = 0; r < height; r++)
        for (let c = 0; c < width; c++) {
            const v = Math.max(-1, Math.min(1, at(r, c) / (most || 1))), i = 4 * (r * width + c), fade = Math.round(245 * (1 - Math.abs(v)));
            const rgb = !signed ? [245 - 225 * Math.max(v, 0), 245 - 205 * Math.max(v, 0), 242 - 190 * Math.max(v, 0)] : v < 0 ? [fade * 0.85 + 20, fade * 0.9 + 60 * -v + 20, 245] : [245, fade * 0.9 + 20, fade * 0.85 + 20];
            for (let k = 0; k < 3; k++) image.data[i + k] = rgb[k];
            image.data[i + 3] = 255;
        }
    context.putImageData(image, 0, 0);
}

export const largest = values => values.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-9);

/** Channels side by side, one pixel apart: a strip of maps of side x side. */
export function paintStrip(canvas, values, side, channels, signed, rows = 1) {
    const across = channels / rows, most = largest(values), step = side + 1;
    paint(canvas, rows * step - 1, across * step - 1, (r, c) => {
        const k = Math.floor(r / step) * across + Math.floor(c / step), y = r % step, x = c % step;
        return y === side || x === side ? 0 : values[(y * side + x) * channels + k];
    }, signed, most);
}

/** The loss of each step, and a running mean of it. */
export function drawLosses(canvas, losses, now) {
    const {context, width, height, unit} = sized(canvas), left = 40 * unit, base = height - 20 * unit, total = Math.max(now.epochs * Math.ceil(10000 / now.batch), 1);
    context.clearRect(0, 0, width, height);
    context.fillStyle = colour('soft');
    context.strokeStyle = colour('line');
    const x = t => left + (width - left - 6) * t / total, y = v => base - (base - 8) * Math.min(1, Math.max(0, (Math.log10(Math.max(v, 1e-3)) + 2.5) / 3));
    context.textAlign = 'right';
    for (const v of [2, 0.5, 0.1, 0.02]) {
        context.beginPath();
        context.moveTo(left, y(v));
        context.lineTo(width - 6, y(v));
        context.stroke();
        context.fillText(String(v), left - 6, y(v) + 4);
    }
    context.textAlign = 'center';
    for (let k = 0; k <= now.epochs; k++) context.fillText(`epoch ${k}`, Math.max(left + 20 * unit, Math.min(width - 30 * unit, x(total * k / now.epochs))), height - 4);
    context.strokeStyle = colour('accent');
    context.globalAlpha = 0.3;
    line(context, losses.map((v, t) => [x(t), y(v)]));
    context.globalAlpha = 1;
    context.lineWidth = 2;
    let smooth = losses[0];
    line(context, losses.map((v, t) => [x(t), y(smooth += 0.06 * (v - smooth))]));
    context.lineWidth = 1;
}

export const percent = (v, digits = 1) => `${(100 * v).toFixed(digits)}%`;

/** Fills a table of ten rows: of each digit how many were taken for which. */
export function fillConfusion(table, count) {
    table.querySelectorAll('tbody tr').forEach((row, r) => row.querySelectorAll('td').forEach((cell, c) => {
        const v = count[10 * r + c], share = v / Math.max(1, count.slice(10 * r, 10 * r + 10).reduce((a, b) => a + b));
        cell.textContent = v || '';
        cell.style.background = v === 0 ? 'var(--shade)' : r === c ? `color-mix(in srgb, var(--accent) ${Math.round(15 + 50 * share)}%, var(--card))`
            : `color-mix(in srgb, #d5482a ${Math.round(15 + 60 * Math.min(1, share * 4))}%, var(--card))`;
    }));
}
