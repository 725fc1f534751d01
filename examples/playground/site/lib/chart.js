// Lines over steps, and histograms, on a canvas.
import {num, sized, colour} from './page.js';

export function line(context, points) {
    context.beginPath();
    points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
}

/** Curves on logarithmic heights: [{points: [[step, value]], colour, dashed, thick}]. */
export function chart(canvas, curves, {steps, low = 1e-3, name = 'step'}) {
    const {context, width, height, unit} = sized(canvas), left = 44 * unit, base = height - 20 * unit;
    const all = curves.flatMap(c => c.points.map(p => p[1])).filter(v => Number.isFinite(v) && v > 0);
    let top = Math.log10(Math.max(...all, low * 10)) + 0.08, bottom = Math.log10(Math.max(low, Math.min(...all, 1))) - 0.08;
    const wider = Math.max(0, 0.8 - (top - bottom)) / 2; // room for two lines at least
    top += wider;
    bottom -= wider;
    const x = t => left + (width - left - 10) * t / Math.max(1, steps), y = v => base - (base - 6) * (Math.log10(Math.max(v, low / 10)) - bottom) / (top - bottom);
    context.clearRect(0, 0, width, height);
    context.fillStyle = colour('soft');
    context.strokeStyle = colour('line');
    context.textAlign = 'right';
    let last = Infinity;
    for (const v of [1000, 300, 100, 30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 1e-4, 1e-5]) {
        if (Math.log10(v) > top || Math.log10(v) < bottom || Math.abs(y(v) - last) < 22 * unit) continue;
        last = y(v);
        line(context, [[left, y(v)], [width - 10, y(v)]]);
        context.fillText(num(v), left - 6, y(v) + 4);
    }
    context.textAlign = 'center';
    for (let k = 0; k <= 4; k++) context.fillText(k ? Math.round(steps * k / 4) : `${name} 0`, Math.max(left + 18 * unit, Math.min(x(steps * k / 4), width - 20 * unit)), height - 4);
    for (const {points, colour: stroke, dashed, thick} of curves) {
        context.strokeStyle = stroke;
        context.lineWidth = thick || 2;
        context.setLineDash(dashed ? [5, 4] : []);
        line(context, points.filter(p => Number.isFinite(p[1])).map(([t, v]) => [x(t), Math.min(base, Math.max(4, y(v)))]));
    }
    context.setLineDash([]);
    context.lineWidth = 1;
}

/** Counts from −most to most as bars. */
export function histogram(canvas, bins, stroke) {
    const {context, width, height} = sized(canvas), most = Math.max(1, ...bins), step = width / bins.length;
    context.clearRect(0, 0, width, height);
    context.fillStyle = colour('line');
    context.fillRect(0, height - 1, width, 1);
    context.fillRect(width / 2, 0, 1, height);
    context.fillStyle = stroke;
    bins.forEach((count, i) => { if (count) context.fillRect(i * step + 0.5, height - 1 - (height - 2) * count / most, Math.max(1, step - 1), (height - 2) * count / most); });
}
