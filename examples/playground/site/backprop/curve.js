// The result as a function of one number, and the line whose slope is its gradient.
import {num, sized, colour} from '../lib/page.js';
import {line} from '../lib/chart.js';

/** curve: the results at as many numbers from range[0] to range[1]; x0, y0: the present ones. */
export function drawCurve(canvas, {curve, range, x0, y0, slope}) {
    const {context, width, height, unit} = sized(canvas), left = 60 * unit, base = height - 24 * unit, finite = curve.filter(Number.isFinite);
    const low = Math.min(...finite, y0), high = Math.max(...finite, y0), pad = (high - low) * 0.12 || 1;
    const x = u => left + (width - left - 8) * (u - range[0]) / (range[1] - range[0]), y = f => base - (base - 8) * (f - low + pad) / (high - low + 2 * pad);
    context.clearRect(0, 0, width, height);
    context.fillStyle = colour('soft');
    context.strokeStyle = colour('line');
    context.textAlign = 'right';
    for (const f of [low, (low + high) / 2, high]) {
        context.beginPath();
        context.moveTo(left, y(f));
        context.lineTo(width - 8, y(f));
        context.stroke();
        context.fillText(num(f, 3), left - 6, y(f) + 4);
    }
    context.textAlign = 'center';
    for (const u of [0, 0.25, 0.5, 0.75, 1].map(p => range[0] + p * (range[1] - range[0]))) context.fillText(num(u, 3), Math.min(width - 20 * unit, Math.max(left + 8, x(u))), height - 6);
    const draw = (points, stroke) => {
        context.strokeStyle = stroke;
        context.lineWidth = 2;
        line(context, points);
    };
    context.save();
    context.beginPath();
    context.rect(left, 2, width - left - 6, base);
    context.clip();
    draw(Array.from(curve, (f, i) => [x(range[0] + (range[1] - range[0]) * i / (curve.length - 1)), y(f)]).filter(p => Number.isFinite(p[1])), colour('ink'));
    if (Number.isFinite(slope)) draw(range.map(u => [x(u), y(y0 + slope * (u - x0))]), colour('accent'));
    context.restore();
    context.fillStyle = colour('accent');
    context.beginPath();
    context.arc(x(x0), y(y0), 5.5, 0, 7);
    context.fill();
}
