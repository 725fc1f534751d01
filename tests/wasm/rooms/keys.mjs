// All pages by keys alone: Tab reaches every control, each has a name and shows that it is the one, and it stays the one
// when what is around it is built anew.
import assert from 'node:assert/strict';
import {page, open, until} from './browser.mjs';

const pages = ['index.html', 'descent.html', 'backprop.html', 'backprop.html#formula=tanh(w*x%2Bb)', 'classify.html#set=own', 'digits.html#spot=0,2,4,1,2', 'landscape.html', 'source.html#optim/adam.c'];

const text = () => page.evaluate(() => { const node = document.activeElement; return node.getAttribute('aria-label') || node.id || node.textContent.trim(); });

/** What Tab is on now: {at, kind, name, role, problem}; at is its place among all that should be reached, or −1. */
async function focused(session) {
    const {result} = await session.send('Runtime.evaluate', {expression: 'document.activeElement'});
    const {nodes: [{name, role}]} = await session.send('Accessibility.getPartialAXTree', {objectId: result.objectId, fetchRelatives: false});
    const here = await page.evaluate(() => {
        const node = document.activeElement, shown = node.matches('.out') ? node.nextElementSibling : node, style = getComputedStyle(shown), ring = node.querySelector(':scope > .back');
        const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && style.outlineColor !== 'rgba(0, 0, 0, 0)' || ring && parseFloat(getComputedStyle(ring).strokeWidth) >= 3;
        const box = shown.getBoundingClientRect(), x = (Math.max(0, box.left) + Math.min(innerWidth, box.right)) / 2, y = (Math.max(0, box.top) + Math.min(innerHeight, box.bottom)) / 2;
        const top = document.elementFromPoint(x, y), free = top && (shown.contains(top) || top.contains(shown));
        return {at: window.controls.indexOf(node), kind: node.localName, markup: node.outerHTML.slice(0, 100), problem: !seen ? 'does not show that it has the focus' : !free ? 'is out of sight' : ''};
    });
    return {...here, name: name?.value || '', role: role?.value || ''};
}

/** Tab from the top of a page to its end: every control once, in the order in which they stand. */
async function tabThrough(path, session) {
    await open(path);
    await until(path, () => document.documentElement.dataset.busy !== 'true');
    const count = await page.evaluate(() => {
        document.querySelectorAll('details').forEach(node => { node.open = true; });
        window.controls = [...document.querySelectorAll('a[href], button, input, select, summary, canvas.swept, canvas.drawn, [tabindex], [role=slider]')].filter(node => node.checkVisibility() && !node.disabled);
        return window.controls.length;
    });
    for (let i = 0; i < count; i++) {
        await page.keyboard.press('Tab');
        const {at, name, role, problem, markup} = await focused(session);
        assert.equal(at, i, `${path}: Tab comes to ${markup} instead of ${await page.evaluate(k => window.controls[k].outerHTML.slice(0, 100), i)}`);
        assert.equal(problem, '', `${path}: ${markup} ${problem}`);
        assert.ok(name.trim().length > 0 && !['generic', 'none'].includes(role), `${path}: ${markup} has the name "${name}" and the role ${role}`);
    }
    await page.keyboard.press('Tab');
    const {at, kind, markup} = await focused(session);
    assert.ok(at === 0 || kind === 'body', `${path}: Tab goes on to ${markup}`);
    await page.evaluate(() => new Promise(done => requestAnimationFrame(done)));
    assert.ok(await page.evaluate(() => window.controls.every(node => node.isConnected)), `${path}: a control was built anew`);
    return count;
}

/** The lists of optimizers: another one, one less, and as many as there may be. */
async function lists(path, optimizer, remove) {
    await open(path);
    const select = page.locator(optimizer).first(), before = await select.inputValue();
    await select.focus();
    const name = await text();
    await page.keyboard.press('ArrowDown');
    await until('another optimizer', ([which, old]) => document.querySelector(which).value !== old && document.documentElement.dataset.busy !== 'true', [optimizer, before]);
    assert.equal(await text(), name, `${path}: the focus stays on the optimizer that was chosen`);
    if (!remove) return;
    await page.getByRole('button', {name: /^Remove /}).nth(1).focus();
    await page.keyboard.press('Enter');
    assert.match(await text(), /^Remove /, `${path}: the focus goes to what comes after`);
    await page.getByRole('button', {name: '+ another optimizer'}).focus();
    for (let i = 0; i < 9; i++) await page.keyboard.press('Enter');
    assert.match(await text(), /^Optimizer 8$/, `${path}: where no more may be added, the focus goes to the last one`);
}

export async function keys() {
    const session = await page.context().newCDPSession(page), counts = [];
    for (const path of pages) counts.push(`${path.split('.')[0]} ${await tabThrough(path, session)}`);
    console.log(`controls reached by keys: ${counts.join(', ')}`);
    await lists('descent.html', '.hiker select', true);
    await lists('landscape.html#steps=50', '.hiker select', true);
    await lists('classify.html', '#optimizer', false);
    await lists('digits.html', '#choose-optimizer', false);

    // Layers of Classify.
    await open('classify.html#layers=4,4,4,4,4');
    await page.locator('#add-layer').focus();
    await page.keyboard.press('Enter');
    assert.equal(await text(), 'One unit less in layer 6', 'where no more may be added, the focus goes to the new one');
    await page.getByRole('button', {name: 'Remove layer 6'}).focus();
    await page.keyboard.press('Enter');
    assert.equal(await text(), 'add-layer');
    await page.getByRole('button', {name: 'Remove layer 4'}).focus();
    await page.keyboard.press('Enter');
    assert.equal(await text(), 'Remove layer 4');
    await page.locator('#add-layer').focus();
    await page.keyboard.press('Enter');
    assert.equal(await text(), 'add-layer', 'more may be added');
    await page.getByRole('button', {name: 'One unit less in layer 2'}).focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('Enter');
    assert.equal(await text(), 'One unit more in layer 2', 'with one unit left there is only more');

    // A number of Backprop whose diagram is drawn for another width; the mistakes of Digits while it trains.
    await open('backprop.html');
    await page.locator('.knob[data-name="W1[1,0]"]').focus();
    await page.setViewportSize({width: 700, height: 900});
    await until('the other diagram', () => document.querySelector('.diagram').clientHeight > 500);
    assert.equal(await text(), 'W1[1,0]');
    await page.setViewportSize({width: 1280, height: 900});
    await open('digits.html#epochs=1');
    await page.locator('.mistakes button').nth(3).focus();
    await page.evaluate(() => document.querySelector('#train').click());
    await until('training', () => document.querySelector('#step').textContent > 0 && document.documentElement.dataset.busy === 'false');
    assert.match(await text(), /^Digit \d+ is a /);
    await page.keyboard.press('Enter');
    await page.locator('#paper').focus();

    // The program, and back to where one was.
    await page.getByRole('button', {name: 'Show me the C'}).focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('dialog').count(), 1);
    await page.keyboard.press('Escape');
    await until('the end of the dialog', () => !document.querySelector('dialog'));
    assert.equal(await text(), 'Show me the C');
}
