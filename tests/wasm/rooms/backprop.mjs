// The room Backprop: the numbers of ./run backprop, steps, drags, and formulas beside the programs that they show.
import assert from 'node:assert/strict';
import {page, open, until, hash, programShown, printed, runs} from './browser.mjs';

/** {'W1[0,1]': {value, gradient, numeric}}, all digits. */
const all = () => page.locator('#all tr').evaluateAll(rows => Object.fromEntries(rows.map(row => [row.dataset.name,
    Object.fromEntries(['value', 'gradient', 'numeric'].map(what => [what, Number(row.dataset[what])]))])));

const near = (a, b, within, what) => assert.ok(Math.abs(a - b) <= within * Math.max(1, Math.abs(b)), `${what}: ${a}, expects ${b}`);

/** The page's numbers are those that its program prints. */
async function compare(what) {
    const numbers = await all(), lines = await printed(await programShown(), [], 'tarn-double');
    assert.equal(lines.length, Object.keys(numbers).length, what);
    Object.entries(numbers).forEach(([name, {value, gradient, numeric}], i) => {
        near(value, Number(lines[i][2]), 1e-11, `${what}, ${name}`);
        if (lines[i][3] === 'nan' || lines[i][3] === '-nan') return assert.ok(Number.isNaN(gradient), `${what}: ${name} has no gradient`);
        near(gradient, Number(lines[i][3]), 1e-11, `${what}, gradient of ${name}`);
        near(numeric, gradient, 1e-6, `${what}, numeric derivative by ${name}`);
    });
}

export async function backprop() {
    // What ./run backprop prints: "    out  dW1[1,0]  -0.96211716   numeric  -0.96211716".
    await open('backprop.html');
    const numbers = await all(), own = runs('build/examples/backprop').map(line => line.match(/^ +(?:in|out) +d([a-zA-Z0-9]+)(\[[0-9,]+\])? +(-?[0-9.]+)(?: +numeric +(-?[0-9.]+))?$/)).filter(Boolean);
    assert.ok(own.length >= 20);
    for (const [, name, place = '', gradient, numeric] of own) {
        const here = numbers[name + place] || numbers[`${name}[0,${place.slice(1, -1)}]`];
        assert.equal(here.gradient.toFixed(8), Number(gradient).toFixed(8), `d${name}${place}`);
        if (numeric) assert.equal(here.numeric.toFixed(8), Number(numeric).toFixed(8), `numeric d${name}${place}`);
    }
    await compare('the network');

    // Operation by operation.
    await page.locator('#rewind').click();
    assert.equal(await page.locator('.number[data-name=loss] .value').textContent(), '?');
    await page.getByRole('button', {name: 'One step on'}).click();
    assert.match(await page.locator('#rule').textContent(), /a\[0,0\] = x\[0,0\] · W1\[0,0\] \+ x\[0,1\] · W1\[1,0\]= 1 · 0\.5 \+ 2 · 0\.25= 1/);
    assert.equal((await hash()).get('step'), '1');
    await page.locator('h1').click();
    for (let i = 0; i < 7; i++) await page.keyboard.press('.');
    assert.match(await page.locator('#rule').textContent(), /^dy = dloss · 2 · \(y − t\)/);
    await page.keyboard.press(' ');
    await until('playing', () => /step 1[0-3]/.test(document.getElementById('count').textContent));
    await page.keyboard.press(' ');
    await page.locator('#end').click();

    // A weight is dragged, and moved by keys.
    const weight = page.locator('.knob[data-name="W1[0,0]"]'), box = await weight.boundingBox();
    await page.mouse.move(box.x + 30, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + 90, box.y + 20, {steps: 5});
    await page.mouse.up();
    await until('dragging', () => document.querySelector('#all tr[data-name="W1[0,0]"]').dataset.value !== '0.5');
    near((await all())['W1[0,0]'].value, 1.1, 1e-9, 'W1[0,0] dragged by 60 pixels');
    await weight.focus();
    await page.keyboard.press('ArrowRight');
    near((await all())['W1[0,0]'].value, 1.11, 1e-9, 'W1[0,0] moved by a key');
    await compare('the network with another weight');
    const shared = page.url().split('/').pop().split('#')[0] + '#' + await hash();
    await open(shared);
    near((await all())['W1[0,0]'].value, 1.11, 1e-9, 'W1[0,0] of the link');

    // Formulas: every operation, used once and twice.
    for (const formula of ['tanh(w*x+b)', 'exp(a) log(b) - abs(c)/sqrt(d)', 'sigmoid(x)^2 relu(y) + cos(x y) - sin(-y)', 'x^1.7 + 2^y - 3/x', '(w1 x - t)^2 + 0.1 w1^2'])
        for (const step of ['', '&step=3']) {
            await open(`backprop.html#formula=${encodeURIComponent(formula)}${step}`);
            assert.equal(await page.locator('#formula-error').textContent(), '');
            await compare(formula);
        }
    await page.locator('#formula').fill('tanh(w*x+');
    await page.locator('#formula').press('Enter');
    assert.match(await page.locator('#formula-error').textContent(), /it ends where/);
    await page.locator('#formula').fill('a b + a');
    await page.locator('#formula').press('Enter');
    assert.equal(await page.locator('#formula-error').textContent(), '');
    assert.equal((await hash()).get('formula'), 'a b + a');

    // Each share that the page explains is what Tarn added, and all of them are what tarn_backward() gives.
    const wrong = await page.evaluate(async () => {
        const {load} = await import('./lib/tarn.js'), {forwardLines, backwardLines} = await import('./backprop/rules.js');
        const tarn = await load('backprop'), found = [];
        for (const formula of ['', 'exp(a) log(b) - abs(c)/sqrt(d) + tanh(a)', 'sigmoid(x)^2 relu(y) + cos(x y) - sin(-y)', 'x^1.7 + 2^y - 3/x + x*x', 'x']) {
            if (formula ? tarn.formula(formula) : tarn.network()) found.push(`${formula} cannot be read`);
            const graph = JSON.parse(tarn.graph());
            if (formula) graph.forEach((v, i) => { if (!v.operation) tarn.set(i, 0, 0.7 + 0.4 * i); });
            const at = tarn.run() / 8, part = i => tarn.module.HEAPF64.slice(at + 64 * i, at + 64 * (i + 1)), values = part(0);
            if (!tarn.agrees()) found.push(`${formula}: tarn_backward() has other gradients`);
            for (let i = graph.length - 1; graph[i].operation; i--) {
                if (graph[i].operation === 'number') continue;
                const before = part(1 + graph.length - i), after = part(2 + graph.length - i), sums = before.map(v => (Number.isNaN(v) ? 0 : v));
                for (const {to, share} of backwardLines(graph, i, values, before)) sums[to] += share;
                graph.forEach(v => { for (let k = v.at; k < v.at + v.size; k++) if (!(Math.abs(sums[k] - after[k]) < 1e-12) && !Number.isNaN(after[k])) found.push(`${formula}, ${v.name} from ${graph[i].operation}: ${sums[k]}, not ${after[k]}`); });
                if (forwardLines(graph, i, values).some(line => !Number.isFinite(line.result))) found.push(`${formula}: ${graph[i].name}`);
            }
        }
        return found;
    });
    assert.deepEqual(wrong, []);
}
