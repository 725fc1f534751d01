// The room Classify: trainings beside the programs that they show, layers, units, points drawn by hand, links.
import assert from 'node:assert/strict';
import {page, open, until, hash, pace, programShown, printed, pixelsOf} from './browser.mjs';

/** {step, train, right, test, testRight}, all digits. */
const score = () => page.locator('#figures').evaluate(node => Object.fromEntries(Object.entries(node.dataset).map(([name, value]) => [name, Number(value)])));

const caughtUp = step => until(`training to step ${step}`, wanted => document.getElementById('figures').dataset.step === String(wanted) && document.documentElement.dataset.busy === 'false', step);

/** What the page shows is what its program prints at its end, all digits of float. */
async function compare(what) {
    const shown = await score(), lines = await printed(await programShown()), [step, ...numbers] = lines.at(-1).map(Number);
    assert.equal(shown.step, step, what);
    assert.deepEqual([shown.train, shown.right, shown.test, shown.testRight].map(Math.fround), numbers.map(Math.fround), what);
}

async function trainings() {
    for (const [i, settings] of ['set=spirals', 'set=circles&layers=4,4&activation=tanh&optimizer=momentum&batch=8&init=xavier&penalty=l2&strength=0.001',
        'set=xor&layers=none&optimizer=sgd&penalty=l1&strength=0.01', 'set=gauss&layers=8&activation=silu&optimizer=lion&dropout=0.2&schedule=cosine&init=orthogonal',
        'set=circles&layers=8,8&activation=gelu&optimizer=rprop&batch=0&init=kaiming', 'set=xor&layers=6&activation=sigmoid&optimizer=schedule_free_adamw&init=large&seed=7&points=100&noise=0.1'].entries()) {
        const step = 150 + 10 * i;
        await open(`classify.html#${settings}&step=${step}`);
        await caughtUp(step);
        await compare(settings);
    }
    // Every optimizer trains, and every penalty that is offered for it is taken.
    const problems = await page.evaluate(async () => {
        const {load} = await import('./lib/tarn.js'), {penalties, optionsText, rateOf} = await import('./lib/controls.js');
        const tarn = await load('classify'), lists = JSON.parse(tarn.lists()), found = [];
        tarn.set('circles', 200, 0.03, 1);
        for (const {name} of lists.optimizers)
            for (const [penalty] of penalties(lists, name)) {
                const wrong = tarn.begin('8,8', 'tanh', 'default', 0, name, optionsText({lr: rateOf(name), penalty, strength: 1e-4}), '', 2000, name === 'rprop' ? 100 : 32, 1);
                const before = tarn.module.HEAPF64[tarn.score() / 8];
                if (wrong || Number.isNaN(tarn.train(400))) found.push(`${name} ${penalty}: ${wrong || tarn.problem()}`);
                const after = tarn.module.HEAPF64[tarn.score() / 8];
                if (!(after < (name === 'lars' ? 1 : 0.95) * before)) found.push(`${name} ${penalty}: from ${before} to ${after}`);
            }
        return found;
    });
    assert.deepEqual(problems, []);
}

/** How many of some numbers are in each of 25 equal bins from −most to most. */
function binsOf(numbers) {
    const most = Math.max(...numbers.map(Math.abs)), bins = Array(25).fill(0);
    for (const v of numbers) bins[Math.min(24, Math.floor((v / most + 1) / 2 * 25))]++;
    return {most, bins};
}

/** A histogram on a canvas has bars of that colour as high as these numbers make them. */
async function bars(canvas, numbers, [red, green, blue], what) {
    const picture = await pixelsOf(canvas), {most, bins} = binsOf(numbers), largest = Math.max(...bins), range = await canvas.getAttribute('aria-label');
    assert.ok(Math.abs(Number(range.match(/to ([0-9.]+)(·10|$)/)[1]) / Number(most.toPrecision(3)) - 1) < 0.006, `${what}: ${range}, expects ${most}`);
    bins.forEach((count, i) => {
        const x = Math.floor((i + 0.5) / 25 * picture.width);
        let high = 0;
        for (let y = 0; y < picture.height; y++) high += picture.at(x, y).slice(0, 3).every((v, k) => Math.abs(v - [red, green, blue][k]) < 3) ? 1 : 0;
        assert.ok(Math.abs(high - (picture.height - 2) * count / largest) < 2, `${what}: bar ${i + 1} is ${high} high, ${count} of at most ${largest} are in it`);
    });
}

/** Histograms and ratios beside the weights of before and after a step of w ← w − η g. */
async function layers() {
    await open('classify.html#set=circles&layers=6,5&activation=tanh&optimizer=sgd&lr=0.5&batch=8&step=40');
    await caughtUp(40);
    const weights = await page.evaluate(async () => {
        const {load} = await import('./lib/tarn.js'), tarn = await load('classify');
        tarn.set('circles', 400, 0.03, 1);
        tarn.begin('6,5', 'tanh', 'default', 0, 'sgd', 'lr=0.5', '', 2000, 8, 1);
        const all = () => [12, 30, 10].map((size, i) => Array.from(tarn.module.HEAPF32.subarray(tarn.weights(i) / 4, tarn.weights(i) / 4 + size)));
        for (let i = 0; i < 39; i++) tarn.train(1);
        const before = all();
        tarn.train(1);
        return {before, after: all()};
    });
    for (const [i, after] of weights.after.entries()) {
        const gradients = after.map((w, k) => (weights.before[i][k] - w) / 0.5), row = page.locator('.layer-table tbody tr').nth(i), length = list => Math.hypot(...list);
        await bars(row.locator('canvas').nth(0), after, [47, 111, 220], `weights of layer ${i + 1}`);
        await bars(row.locator('canvas').nth(1), gradients, [224, 118, 42], `gradients of layer ${i + 1}`);
        const ratio = Number(await row.locator('[data-ratio]').getAttribute('data-ratio'));
        assert.ok(Math.abs(ratio / (0.5 * length(gradients) / length(after)) - 1) < 1e-4, `update / weight of layer ${i + 1} is ${ratio}`);
    }
}

export async function classify() {
    await trainings();
    await layers();

    // It learns the spirals, at the page's own pace.
    await open('classify.html');
    await page.locator('#speed').selectOption('1');
    assert.equal(await pace(), 1, 'steps in a frame');
    await page.locator('#speed').selectOption('1000');
    await page.locator('#play').click();
    await until('learning', () => Number(document.getElementById('figures').dataset.testRight) > 0.97);
    await page.locator('#play').click();
    const ratios = await page.locator('[data-ratio]').evaluateAll(all => all.map(node => Number(node.dataset.ratio)));
    assert.ok(ratios.length === 3 && ratios.every(r => r > 1e-7 && r < 0.2), `update / weight: ${ratios}`);
    const {step} = await score();
    assert.ok(step > 20);

    // Layers and units; each unit's map; a link.
    await page.locator('#add-layer').click();
    await page.getByRole('button', {name: 'One unit less in layer 1'}).click();
    await page.getByRole('button', {name: 'Remove layer 2'}).click();
    assert.equal((await hash()).get('layers'), '15,16');
    await page.locator('#network').focus();
    await page.keyboard.press('ArrowLeft');
    assert.match(await page.locator('h2').first().textContent(), /unit 1 of layer 2/);
    assert.equal((await hash()).get('chosen'), '2,0');
    await page.getByRole('button', {name: 'One step', exact: true}).click();
    assert.equal((await score()).step, 1);
    await page.getByRole('link', {name: 'A line cannot'}).click();
    await caughtUp(300);
    assert.ok((await score()).right < 0.7);

    // A rate that is another optimizer's first one is kept in the link too.
    await open('classify.html#optimizer=sgd&lr=0.02');
    await page.locator('#play').click();
    await page.locator('#play').click();
    assert.equal((await hash()).get('lr'), '0.02');

    // Points drawn by hand, by pointer and by keys; too few are told.
    await page.locator('#set').selectOption('own');
    assert.match(await page.locator('[role=alert]').textContent(), /at least four points/);
    const box = await page.locator('#plane').boundingBox();
    for (const [pen, from, to] of [[0, 0.2, 0.2], [1, 0.8, 0.7]]) {
        await page.locator(`[data-pen="${pen}"]`).click();
        for (let i = 0; i < 6; i++) await page.locator('#plane').click({position: {x: box.width * (from + 0.02 * i), y: box.height * (to + 0.03 * (i % 3))}});
    }
    await page.locator('#plane').focus();
    for (const key of ['ArrowLeft', 'ArrowUp', 'Enter']) await page.keyboard.press(key);
    assert.equal(await page.locator('[role=alert]').textContent(), '');
    const drawn = (await hash()).get('drawn').split(',');
    assert.equal(drawn.length, 13);
    assert.equal(drawn.at(-1), '-0.1 0.1 1');
    await open(`classify.html#set=own&layers=4&activation=tanh&drawn=${drawn.join(',')}&batch=4&step=60`);
    await caughtUp(60);
    await compare('points drawn by hand');

    // Numbers of a link that the page does not offer.
    await open('classify.html#batch=13&chosen=1,0.5&step=10&set=own&drawn=0 0 7,0 1 0,1 0 1,1 1 0.5');
    assert.equal(await page.locator('#batch').inputValue(), '13');
    assert.match(await page.locator('[role=alert]').textContent(), /at least four points/);
    assert.match(await page.locator('h2').first().textContent(), /What the network says/);

    // What goes wrong is told.
    await open('classify.html#optimizer=sgd&lr=100&penalty=l2&strength=1&step=90');
    await until('the message', () => document.querySelector('[role=alert]').textContent.length > 10);
}
