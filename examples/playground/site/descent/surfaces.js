import {terrainOf} from '../lib/terrain.js';

// The surfaces, those of ./run landscape among them. rate: of plain gradient descent, below where it leaps out.
export const surfaces = [
    {name: 'bowl', title: 'Bowl', formula: '0.5 x^2 + y^2', start: [-2.4, 1.8], low: [-3, -3], high: [3, 3], rate: 0.1,
        text: 'Round and kind: every rule arrives. The one to try a learning rate on: past 1 it leaps out.'},
    {name: 'ravine', title: 'Ravine', formula: '0.5 x^2 + 50 y^2', start: [-4.5, 1], low: [-5, -2.2], high: [2.1, 2], rate: 0.019,
        text: 'A hundred times as curved across as along: plain descent zigzags from wall to wall, and creeps along the floor.'},
    {name: 'rosenbrock', title: 'Rosenbrock', formula: '(1 - x)^2 + 100 (y - x^2)^2', start: [-1.5, 2], low: [-2, -1], high: [1.5, 3.2],
        rate: 0.0006, text: 'A bent valley with a flat floor. Into it is easy; along it to (1, 1) is not.'},
    {name: 'saddle', title: 'Saddle', formula: 'x^2 - y^2 + 0.25 y^4', start: [1.8, 0.001], low: [-1.7, -2.2], high: [2, 2.2], rate: 0.08,
        text: 'A pass between two valleys. From beside the ridge the slope across it is almost nothing: who waits there?'},
    {name: 'beale', title: 'Beale', formula: '(1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2', start: [1, 1.5],
        low: [-0.5, -1.75], high: [4, 1.9], rate: 0.005, text: 'Plains between cliffs: too timid in the plain, or thrown by the cliff.'},
    {name: 'himmelblau', title: 'Himmelblau', formula: '(x^2 + y - 11)^2 + (x + y^2 - 7)^2', start: [-0.3, -0.8], low: [-5, -5],
        high: [5, 5], rate: 0.008, text: 'Four valleys, all as deep. Which one a rule ends in depends on its first steps.'},
    {name: 'rastrigin', title: 'Rastrigin', formula: '20 + x^2 + y^2 - 10 cos(2 pi x) - 10 cos(2 pi y)', start: [-2.7, 2.3],
        low: [-4, -4], high: [4, 4], rate: 0.002, text: 'An egg box: a valley in every hollow, one of them the deepest. Momentum and noise carry over rims.'},
    {name: 'own', title: 'One of your own', formula: 'sin(x) cos(y) + 0.1 (x^2 + y^2)', start: [2.5, 2.5], low: [-4, -4], high: [4, 4],
        rate: 0.1, text: 'x, y, numbers, pi, + − * / ^, brackets, and abs, cos, exp, log, relu, sigmoid, sin, sqrt, tanh.'},
];

/** A rate that shows something on that surface; the library's defaults are for networks. */
export function usefulRate(optimizer, surface) {
    const size = Math.hypot(surface.high[0] - surface.low[0], surface.high[1] - surface.low[1]);
    const scale = Number((size / 7).toPrecision(1));
    switch (optimizer) {
    case 'sgd': case 'momentum-ema': case 'asgd': case 'schedule_free_sgd': return surface.rate;
    case 'momentum': case 'nesterov': case 'lars': return surface.rate / 2;
    case 'adagrad': return 0.5 * scale;
    case 'adadelta': return 10;
    case 'rmsprop': return 0.02 * scale;
    case 'lion': case 'lamb': return 0.02 * scale;
    case 'muon': case 'adafactor': return 0.05 * scale;
    default: return 0.1 * scale;
    }
}

/** The heights of a surface on n x n cells; null where it has no finite value. */
export function heights(tarn, surface, n) {
    const bytes = tarn.module._malloc(4 * n * n), ok = tarn.grid(bytes, n, n, ...surface.low, ...surface.high);
    const values = tarn.module.HEAPF32.slice(bytes / 4, bytes / 4 + n * n);
    tarn.module._free(bytes);
    return ok ? terrainOf(values, n) : null;
}
