// The room Descent: every optimizer beside the program that it shows, the rules, noise, clicks and keys.
import assert from 'node:assert/strict';
import {page, open, until, hash, pace, programShown, printed} from './browser.mjs';

const shown = i => page.locator('.hiker .at').nth(i).evaluate(node => ({...node.dataset, text: node.textContent}));

export async function descent() {
    await open('descent.html');
    const surfaces = await page.locator('#surface option').evaluateAll(all => all.map(o => o.value));
    const optimizers = await page.locator('.hiker select').first().locator('option').evaluateAll(all => all.map(o => o.value));
    assert.equal(surfaces.length, 8);
    assert.ok(optimizers.length >= 22);

    const lists = await page.evaluate(async () => JSON.parse((await (await import('./lib/tarn.js')).load('descent')).lists()));

    // The terminal's numbers, on another surface for each optimizer.
    for (const [i, optimizer] of optimizers.entries()) {
        const surface = surfaces[i % surfaces.length];
        await open(`descent.html#surface=${surface}&o=${optimizer}&step=25${i % 3 ? '' : '&schedule=cosine&total=40'}`);
        const now = await shown(0), lines = await printed(await programShown());
        assert.deepEqual(lines.at(-1).slice(1).map(Number).map(Math.fround), [now.x, now.y, now.f].map(Number).map(Math.fround), `${optimizer} on ${surface}: ${now.text}`);
        assert.ok(await page.locator('#rule tbody tr').count() >= 2, `${optimizer}: the rule has its lines`);
        const options = lists.optimizers.find(one => one.name === optimizer).options.filter(o => optimizer !== 'muon' || !o.name.startsWith('adam_')); // those are of vectors, and this is a matrix
        assert.equal(await page.locator('.hiker .options input').count(), options.length, `${optimizer}: each option has its slider`);
    }
    assert.deepEqual(await page.locator('#schedule option').evaluateAll(all => all.map(o => o.value)), ['', ...lists.schedules.map(one => one.name)]);

    // What the rules are said to be is what Tarn does, with other options too.
    const worst = await page.evaluate(async () => {
        const {load} = await import('./lib/tarn.js'), {explain} = await import('./descent/rules.js');
        const tarn = await load('descent'), lists = JSON.parse(tarn.lists()), found = [];
        tarn.surface('(1 - x)^2 + 3 (y - x^2)^2');
        const more = ['', 'weight_decay=0.1,l1=0.01', 'weight_decay=0.1,decoupled=true', 'weight_decay=0.1,decoupled=true,independent=true', 'maximize=true', 'centered=true',
            'centered=true,momentum=0.5', 'momentum=0.9,dampening=0.5', 'momentum=0.9,nesterov=true,ema=true', 'amsgrad=true', 'bias_correction=false', 'lr_decay=0.1,initial_accumulator=0.5',
            'weight_decay=0.1,independent=true', 'nesterov=false', 'match_rms=true', 'vectors=true', 'weight_decay=0.1', 'eta_plus=1.5,eta_minus=0.4', 'lambd=0.2,t0=3', 'momentum=0.5', 'beta1=0.5'];
        for (const o of lists.optimizers)
            for (const text of more) {
                if (tarn.drop(0, -1.5, 1.2, o.name, `lr=0.003${text && `,${text}`}`, '', 100, 64, 0, 1)) continue; // not an option of this one
                const options = Object.fromEntries(o.options.map(x => [x.name, x.value]));
                options.lr = 0.003;
                for (const pair of text.split(',').filter(Boolean)) {
                    const [name, value] = pair.split('=');
                    options[name] = value === 'true' ? 1 : value === 'false' ? 0 : Number(value);
                }
                for (let step = 0; step < 12; step++) {
                    const address = tarn.step(0), record = tarn.module.HEAPF64.slice(address / 8, address / 8 + 25);
                    if (![record[1], record[13], record[24]].every(Number.isFinite)) break; // climbed out of the numbers
                    const {error} = explain(o.rule, options, record);
                    if (!(error < 2e-3)) found.push(`${o.name} ${text} step ${step + 1}: ${error}`);
                }
            }
        return found;
    });
    assert.deepEqual(worst, []);

    // A link that says nonsense is as at first; nothing but a schedule gets from a link into a program.
    for (const nonsense of ['schedule=bogus', `schedule=${encodeURIComponent('cosine"); exit(1); ("')}`]) {
        await open(`descent.html#step=3&${nonsense}`);
        assert.equal(await page.locator('#schedule').inputValue(), '', nonsense);
        assert.doesNotMatch(await programShown(), /bogus|exit/);
    }

    // Noise is repeatable, and that of the whole set is none.
    await open('descent.html#surface=bowl&o=sgd,lr=0.1&batch=1&noise=2&step=30');
    const noisy = await shown(0);
    await open('descent.html#surface=bowl&o=sgd,lr=0.1&step=30');
    assert.notEqual((await shown(0)).f, noisy.f);
    await open('descent.html#surface=bowl&o=sgd,lr=0.1&batch=1&noise=2&step=30');
    assert.equal((await shown(0)).f, noisy.f);
    for (const settings of ['o=sgd,lr=0.1&batch=1&noise=2&step=70', 'o=adam,lr=0.1&batch=8&noise=3&seed=9&step=30&schedule=cosine&total=40', 'o=muon,lr=0.1&batch=8&noise=3&step=20']) {
        await open(`descent.html#surface=bowl&${settings}`);
        const now = await shown(0), line = (await printed(await programShown())).at(-1);
        assert.deepEqual(line.slice(1).map(Number).map(Math.fround), [now.x, now.y, now.f].map(Number).map(Math.fround), settings);
    }

    // Clicks, drags and keys, and what the link keeps of them.
    await open('descent.html');
    const map = page.locator('canvas').first(), relief = page.locator('canvas').nth(1);
    const box = await map.boundingBox();
    await page.mouse.click(box.x + box.width / 4, box.y + box.height / 4);
    const place = (await hash()).get('at').split(',').map(Number);
    assert.ok(Math.abs(place[0] + 1.125) < 0.03 && Math.abs(place[1] - 2.15) < 0.03, `at ${place}`);
    await page.getByRole('button', {name: 'One step on'}).click();
    assert.equal((await hash()).get('step'), '1');
    await map.focus();
    await page.keyboard.press('ArrowRight');
    assert.ok(Number((await hash()).get('at').split(',')[0]) > place[0]);
    const view = (await hash()).get('view'), on = await relief.boundingBox();
    await page.mouse.move(on.x + 100, on.y + 100);
    await page.mouse.down();
    await page.mouse.move(on.x + 180, on.y + 120, {steps: 4});
    await page.mouse.up();
    assert.notEqual((await hash()).get('view'), view);
    assert.equal(await pace(), 1, 'steps in a frame');
    assert.equal(await page.locator('#play').getAttribute('aria-pressed'), 'false');
    await page.locator('#formula').fill('x^2 + sin(3 y) + q');
    await page.locator('#formula').press('Enter');
    assert.match(await page.locator('#formula-error').textContent(), /q is not known/);
    await page.locator('#formula').fill('x^2 + sin(3 y)');
    await page.locator('#formula').press('Enter');
    assert.equal(await page.locator('#formula-error').textContent(), '');
    assert.equal((await hash()).get('f'), 'x^2 + sin(3 y)');
    await page.getByRole('link', {name: 'A valley of zigzags'}).click();
    await until('the link', () => document.getElementById('count').textContent === 'step 60');
    await page.locator('.hiker summary').first().click();
    await page.locator('.hiker .options input[type=range]').first().focus();
    await page.keyboard.press('ArrowRight');
    assert.match((await hash()).getAll('o')[0], /^sgd,lr=/);
}
