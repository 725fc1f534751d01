// The room Digits: training, a drawing, files.
import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {page, base, pictures, samples, open, until, hash, processorTime, programShown, printed, runs} from './browser.mjs';
import {compareNetwork} from './network.mjs';

const accuracyShown = async () => parseFloat(await page.locator('#accuracy').textContent());

async function save(name) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#save').click()]), file = join(pictures, name);
    await download.saveAs(file);
    return file;
}

const ended = () => until('training', () => document.documentElement.dataset.busy === 'false');

/** A one, from the top of the paper to its bottom. */
async function drawOne() {
    const paper = await page.locator('#paper').boundingBox();
    await page.mouse.move(paper.x + paper.width * 0.52, paper.y + paper.height * 0.2);
    await page.mouse.down();
    await page.mouse.move(paper.x + paper.width * 0.48, paper.y + paper.height * 0.8, {steps: 12});
    await page.mouse.up();
}

/** The losses and accuracies of the epochs are those that the page's program prints. */
async function compareEpochs(what) {
    const rows = await page.locator('table.numbers tbody tr').evaluateAll(all => all.map(r => [...r.cells].map(c => c.textContent)));
    const lines = await printed(await programShown(), [samples]);
    assert.deepEqual(rows.map(([, loss, right]) => [loss, right]), lines.map(words => [words[3], words.at(-1)]), what);
}

/** A training in place of one that is at work, by the button or by a link, has its own numbers alone. */
async function another() {
    await open('digits.html#epochs=1');
    await page.locator('#train').click();
    const atWork = () => until('training', () => document.querySelector('#step').textContent > 0);
    await atWork();
    await page.evaluate(() => { for (let i = 0; i < 2; i++) document.querySelector('#train').click(); });
    await ended();
    await compareEpochs('trained, stopped and trained again');
    await page.locator('#train').click();
    await atWork();
    await page.evaluate(() => { location.hash = 'optimizer=sgd&epochs=2&seed=5&trained=1'; });
    await until('training by the link', () => document.querySelectorAll('table.numbers tbody tr').length === 2);
    await ended();
    await compareEpochs('a link, followed while another training was at work');
}

/** What is done before the digits are there is not lost. */
async function early() {
    let there;
    const coming = new Promise(done => { there = done; });
    await page.route('**/samples/train.png', route => coming.then(() => route.continue()));
    await page.goto(`${base}/digits.html#epochs=2`);
    await page.evaluate(() => { location.hash = 'epochs=1'; });
    await page.getByRole('button', {name: 'Reset'}).click();
    await drawOne();
    there();
    await until('an answer', () => /^The network says/.test(document.getElementById('said').textContent));
    assert.ok((await hash()).get('ink').length >= 8);
    await page.unroute('**/samples/train.png');
}

/** Filters, feature maps, mistakes and the loss change while the page trains: what is seen of each, and how often it was another. */
async function watched() {
    return page.evaluate(async () => {
        const parts = {filters: '[aria-label^="The six filters"]', more: '[aria-label^="The filters of the second"]', maps: '[aria-label^="Feature maps"]', loss: '[aria-label^="The loss, batch"]'}, seen = {};
        for (document.querySelector('#train').click(); document.documentElement.dataset.busy === 'true'; await new Promise(done => setTimeout(done, 30)))
            for (const [name, which] of Object.entries(parts)) (seen[name] ||= new Set()).add(document.querySelector(which).toDataURL());
        return Object.fromEntries(Object.entries(seen).map(([name, all]) => [name, all.size]));
    });
}

/** A file of ./run mnist --save is read by the page, and one of the page by the library: with the same numbers. */
async function files() {
    const theirs = join(pictures, 'mnist.safetensors'), said = runs('build/examples/mnist', ['--epochs', '1', '--save', theirs], {TARN_DATA: pictures}).at(-1);
    await open('digits.html');
    await page.locator('#file').setInputFiles(theirs);
    await until('loading', () => document.querySelector('.toast')?.textContent.startsWith('Loaded'));
    assert.equal(await accuracyShown(), parseFloat(said.match(/test accuracy ([0-9.]+)%/)[1]), said);
    await compareNetwork(theirs, 'the file of ./run mnist --save');
    await compareNetwork(await save('again.safetensors'), 'the same, saved again by the page');
}

export async function digits() {
    await open('digits.html#epochs=3');
    // Above 97% within five seconds. The machine may be busy with more than this: then of the processor, and the least of
    // three trainings.
    let accuracy, seconds = Infinity;
    for (let i = 0; i < 3 && seconds > 5; i++) {
        const before = await processorTime();
        await page.locator('#train').click();
        await until('training', () => document.documentElement.dataset.busy === 'true');
        await ended();
        accuracy = parseFloat(await page.locator('#accuracy').textContent());
        const told = Number(await page.locator('#seconds').textContent()), taken = await processorTime() - before;
        assert.ok(told > 0.1, `${told} s of training`);
        seconds = Math.min(seconds, told, taken);
    }
    console.log(`digits: ${accuracy}% after 3 epochs in ${seconds.toFixed(1)} s`);
    assert.ok(seconds <= 5, `the training takes ${seconds.toFixed(1)} s`);
    assert.ok(accuracy > 97);
    await compareEpochs('three epochs');

    // A one, drawn; the sum under the pointer is the network's own number.
    await page.locator('#clear').click();
    await drawOne();
    await until('the drawing', () => /says 1/.test(document.getElementById('said').textContent));
    assert.match(await page.locator('#sum').textContent(), /^sum .* = /);
    await page.locator('#paper').screenshot({path: join(pictures, 'drawing.png')});
    await page.getByRole('img', {name: /Feature maps after convolution 5/}).focus();
    await page.keyboard.press('ArrowDown');
    const situation = await hash();
    assert.equal(situation.get('trained'), '1');
    assert.equal(situation.get('spot'), '0,14,13');

    // The second convolution: its sums over six maps, with the bias, are the network's own number.
    const number = text => { const [, head, power] = text.replaceAll('−', '-').replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]/g, d => '-0123456789'['⁻⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(d)]).replace(/(-?)10(?=-\d)/, '$11·10').match(/(-?[\d.]+)(?:·10(-?\d+))?$/); return head * 10 ** (power || 0); };
    await page.getByRole('img', {name: /Feature maps after convolution, ReLU, the second/}).focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    const maps = await page.getByRole('group', {name: /The sums of products/}).getByRole('button').allTextContents();
    const [, sum, bias, told] = (await page.locator('#sum').textContent()).match(/^sum of the 6 sums (\S+) \+ bias (\S+) = (\S+);/).map(part => (/ /.test(part) ? NaN : number(part)));
    assert.equal(maps.length, 6);
    assert.ok(Math.abs(maps.map(number).reduce((a, b) => a + b) - sum) < 0.02, `${maps}: ${sum}`);
    assert.ok(Math.abs(sum + bias - told) < 0.005, `${sum} + ${bias} = ${told}`);
    await page.getByRole('button', {name: /^map 3: /}).click();
    assert.equal((await hash()).get('spot'), '0,2,4,1,2');

    // Saved, read by the library, and loaded into another page.
    const file = await save('lenet.safetensors');
    await compareNetwork(file, 'the network that the page has trained');
    await page.getByRole('button', {name: 'Reset'}).click();
    await until('forgetting', () => parseFloat(document.getElementById('accuracy').textContent) < 50);
    await open('digits.html');
    assert.ok(parseFloat(await page.locator('#accuracy').textContent()) < 50);
    await page.locator('#file').setInputFiles(file);
    await until('loading', right => parseFloat(document.getElementById('accuracy').textContent) === right, accuracy);

    // The link to the trained network and the drawing; every optimizer of the library is offered.
    await open(`digits.html#${situation}`); // of the first convolution
    await until('training by the link', right => document.documentElement.dataset.busy === 'false' && parseFloat(document.getElementById('accuracy').textContent) === right, accuracy);
    await until('the drawing of the link', () => /says 1/.test(document.getElementById('said').textContent));
    const offered = await page.locator('#choose-optimizer option').evaluateAll(all => all.map(o => o.value));
    const there = await page.evaluate(async () => JSON.parse((await (await import('./lib/tarn.js')).load('digits')).lists()).optimizers.map(o => o.name));
    assert.deepEqual(offered.toSorted(), there.toSorted());
    await writeFile(file, 'no network');
    await page.locator('#file').setInputFiles(file);
    await until('the message', () => document.querySelector('[role=alert]').textContent.length > 10);
    await files();
    await another();
    await early();
    await open('digits.html');
    const often = await watched();
    assert.ok(Object.values(often).every(times => times > 3), `seen while it trains: ${JSON.stringify(often)}`);
}
