// The room Landscape: paths beside the programs that they show, the plane through their ends, links.
import assert from 'node:assert/strict';
import {page, samples, open, until, hash, pace, programShown, printed} from './browser.mjs';

const ready = () => until('the landscape', () => document.documentElement.dataset.busy === 'false');
const outcomes = () => page.locator('#outcomes tr').evaluateAll(rows => rows.map(row => ({train: Number(row.dataset.train), test: Number(row.dataset.test), right: Number(row.dataset.right),
    losses: row.dataset.losses.split(' ').map(Number)})));
const spot = () => page.locator('#spot').evaluate(node => Number(node.dataset.loss));

export async function landscape() {
    for (const [chosen, settings] of ['o=sgd,lr=0.5&o=adam,lr=0.02', 'set=xor&layers=8,8&activation=relu&batch=0&o=rprop,lr=0.01&o=muon,lr=0.02&chosen=1'].entries()) {
        await open(`landscape.html#${settings}&steps=200`);
        await ready();
        const {losses, train, test, right} = (await outcomes())[chosen], lines = await printed(await programShown());
        assert.deepEqual(losses.map(Math.fround), lines.slice(0, -1).map(words => Math.fround(words[1])), settings);
        assert.deepEqual([test, right].map(Math.fround), lines.at(-1).slice(1).map(Math.fround), settings);
        assert.ok(Math.abs(await spot() - train) < 1e-6 * train, `the loss in the middle of the plane is ${await spot()}, at the end of the path ${train}`);
    }
    // LeNet on digits, a smaller plane: the same numbers, the page awake meanwhile, and no more than a page can wait for.
    await open('landscape.html#set=digits&steps=60&o=sgd,lr=0.1&o=adam,lr=0.004&chosen=1');
    const turns = await page.evaluate(async () => {
        let count = 0, longest = 0, last = performance.now();
        for (; document.documentElement.dataset.busy === 'true'; count++) {
            await new Promise(done => setTimeout(done));
            longest = Math.max(longest, performance.now() - last);
            last = performance.now();
            document.getElementById('map').dispatchEvent(new PointerEvent('pointermove', {clientX: 100 + count % 50, clientY: 200})); // who looks around leads no one astray
        }
        document.getElementById('map').dispatchEvent(new PointerEvent('pointerleave'));
        return {count, longest};
    });
    const lenet = (await outcomes())[1], told = await printed(await programShown(), [samples]);
    assert.equal(lenet.losses.length, 21);
    assert.deepEqual(lenet.losses.map(Math.fround), told.slice(0, -1).map(words => Math.fround(words[1])), 'LeNet');
    assert.deepEqual([lenet.test, lenet.right].map(Math.fround), told.at(-1).slice(1).map(Math.fround), 'LeNet');
    assert.ok(lenet.right > 0.7 && Math.abs(await spot() - lenet.train) < 1e-5 * lenet.train);
    console.log(`landscape of LeNet: ${turns.count} turns for the page, the longest wait of ${turns.longest.toFixed(0)} ms`);
    assert.ok(turns.count > 100, `${turns.count} turns for the page while it works`);
    await page.locator('#play').click();
    await until('playing', () => document.getElementById('count').textContent === 'step 60' && document.getElementById('play').getAttribute('aria-pressed') === 'false');
    await page.locator('#set').selectOption('circles');
    await ready();
    assert.equal((await hash()).get('set'), null);
    assert.equal((await outcomes())[0].losses.length, 101);

    // The plane of the paths holds most of two paths; every place of it has its loss, by keys too.
    await open('landscape.html#steps=200&set=xor&layers=8,8&activation=relu&batch=0&o=rprop,lr=0.01&o=muon,lr=0.02&chosen=1');
    await ready();
    const shares = (await page.getByText(/main directions holds/).textContent()).match(/[0-9.]+/g).map(Number);
    assert.ok(shares[0] + shares[1] > 60 && shares[0] + shares[1] <= 100.1, `shares ${shares}`);
    const before = await spot();
    await page.locator('#map').focus();
    await page.keyboard.press('ArrowUp');
    assert.notEqual(await spot(), before);
    // A random plane, another optimizer, another centre, and back in time.
    await page.locator('#plane').selectOption('random');
    await ready();
    await page.getByRole('button', {name: '+ another optimizer'}).click();
    await ready();
    assert.equal((await outcomes()).length, 3);
    await page.getByRole('button', {name: 'centre'}).first().click();
    await ready();
    const now = await hash();
    assert.equal(now.get('plane'), 'random');
    assert.equal(now.getAll('o').length, 3);
    assert.equal(now.get('chosen'), null);
    assert.equal(await pace(), 2, 'steps in a frame'); // of 200, in a hundred frames
    await page.getByLabel('Step', {exact: true}).focus();
    await page.keyboard.press('Home');
    assert.equal((await hash()).get('at'), '0');
    // A page that is hidden has no frames, and goes on with its work.
    await page.evaluate(() => { window.requestAnimationFrame = () => 0; });
    await page.locator('#activation').selectOption('gelu');
    await ready();

    // A rate that is too large: the path ends where its numbers do.
    await open('landscape.html#steps=200&o=sgd,lr=1000&o=adam,lr=0.02&chosen=1');
    await ready();
    assert.ok((await outcomes())[1].losses.length === 101);
}
