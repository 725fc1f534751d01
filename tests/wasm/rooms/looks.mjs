// All pages at three sizes: pictures to be looked at, nothing wider than the screen, a name for all that can be used,
// every link of the site followed, fingers on a phone, the first paint, and how much of a frame the moving rooms take.
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {page, pictures, base, open, until, hash, drawn} from './browser.mjs';

const pages = {index: '', descent: '#surface=himmelblau&o=sgd&o=momentum&o=adam&o=lion&step=80', backprop: '', formula: '#formula=(sigmoid(w*x%2Bb)-t)^2', classify: '#step=400', digits: '', landscape: '',
    source: '#optim/adam.c'};
const address = name => `${name === 'formula' ? 'backprop' : name}.html${pages[name]}`;

/** What has no name for a screen reader; of what is reached by keys ./keys.mjs says more. */
const nameless = () => page.evaluate(() => [...document.querySelectorAll('button, a, input, select, canvas, [role]')].filter(node => node.checkVisibility()).filter(node => {
    if (node.closest('[aria-hidden=true]') || ['alert', 'status', 'row'].includes(node.getAttribute('role'))) return false;
    return !(node.getAttribute('aria-label') || node.textContent.trim() || [...(node.labels || [])].map(label => label.textContent).join('') || node.title);
}).map(node => node.outerHTML.slice(0, 120)));

/** What is wider than its box, so that a part of it is off the screen; or letters that are cut off. */
const cut = () => page.evaluate(() => [...document.querySelectorAll('.rule, .scroll, .card, main, .figures strong, .row')].filter(box => box.scrollWidth > box.clientWidth + 1)
    .map(box => `${box.className || box.localName}: ${box.scrollWidth} in ${box.clientWidth}`));

/** Numbers that nobody can read: too many digits, powers as programs have them, what is none. */
const unreadable = () => page.evaluate(() => document.querySelector('main').innerText.match(/\S*(?:\d{11,}|\d[eE][-+]?\d|NaN|Infinity|undefined|null|\[object)\S*/g) || []);

async function follow(name) {
    const links = await page.evaluate(() => [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')));
    for (const link of new Set(links)) {
        const file = link.startsWith('source.html#') ? link.slice(12) : link.split('#')[0];
        if (file) assert.equal((await fetch(`${base}/${file}`)).status, 200, `${link} leads nowhere`);
    }
    const room = name === 'formula' ? 'backprop' : name;
    if (['index', 'source'].includes(room)) return;
    assert.ok(links.includes(`source.html#examples/playground/${room}.c`), `${room} leads to its C file`);
    assert.ok(links.some(link => link.startsWith('source.html#docs/book/')), `${room} leads to its chapter`);
}

async function pictured() {
    for (const [size, width, height, colorScheme] of [['phone', 390, 844, 'dark'], ['laptop', 1280, 800, 'light'], ['projector', 1920, 1080, 'light']]) {
        await page.setViewportSize({width, height});
        await page.emulateMedia({colorScheme});
        for (const name of Object.keys(pages)) {
            await open(address(name));
            await until(name, () => document.documentElement.dataset.busy !== 'true');
            await page.evaluate(() => scrollTo(0, document.body.scrollHeight)); // what keeps to the edge of the screen is in its place then
            await page.screenshot({path: join(pictures, `${name}-${size}.png`), fullPage: true});
            const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
            assert.ok(wide <= room + 1, `${name} is ${wide} wide on ${size}, which has ${room}`);
            assert.deepEqual(await cut(), [], `${name} on ${size}`);
            if (size !== 'laptop') continue;
            assert.deepEqual(await nameless(), [], name);
            await follow(name);
            if (name !== 'source') assert.deepEqual(await unreadable(), [], name);
        }
    }
}

/** On a phone: the numbers of all rules are there; a finger that goes up a picture scrolls, but where it draws. */
async function fingers() {
    await page.setViewportSize({width: 390, height: 844});
    for (const optimizers of ['sgd,momentum=0.9,nesterov=1&o=adagrad&o=rmsprop,centered=1&o=adadelta&o=adam,amsgrad=1&o=adamax&o=nadam&o=radam', 'lion&o=muon&o=rprop&o=asgd&o=lars&o=lamb&o=adafactor&o=schedule_free_adamw']) {
        await open(`descent.html#step=7&o=${optimizers}`);
        for (const rule of await page.getByRole('button', {name: 'rule', exact: true}).all()) {
            await rule.click();
            assert.deepEqual(await cut(), [], await page.locator('.card h2').first().textContent());
        }
    }
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setTouchEmulationEnabled', {enabled: true, maxTouchPoints: 1});
    /** Where the page was scrolled to before. */
    const swipe = async canvas => {
        await canvas.evaluate(node => node.scrollIntoView({block: 'center'}));
        const {x, y, width, height} = await canvas.boundingBox(), before = await page.evaluate(() => scrollY), at = up => [{x: x + width / 2, y: y + height / 2 - up}];
        await session.send('Input.dispatchTouchEvent', {type: 'touchStart', touchPoints: at(0)});
        for (let up = 10; up <= 80; up += 10) await session.send('Input.dispatchTouchEvent', {type: 'touchMove', touchPoints: at(up)});
        await session.send('Input.dispatchTouchEvent', {type: 'touchEnd', touchPoints: []});
        return before;
    };
    for (const name of ['descent', 'classify', 'digits', 'landscape', 'backprop']) {
        await open(`${name}.html`);
        await until(name, () => document.documentElement.dataset.busy !== 'true');
        const before = name === 'digits' ? '' : String(await hash());
        for (const canvas of await page.locator('main canvas.swept').all())
            await until(`${name}: scrolling by a finger on ${await canvas.getAttribute('aria-label')}`, before => scrollY > before + 20, await swipe(canvas));
        assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('canvas:not(.swept, .drawn)')].filter(node => getComputedStyle(node).touchAction !== 'auto')), [], name);
        if (name !== 'digits') assert.equal(String(await hash()), before, `${name}: fingers that scroll change nothing`);
    }
    await open('digits.html');
    const stays = async (canvas, what) => {
        const before = await swipe(canvas);
        await drawn();
        assert.equal(await page.evaluate(() => scrollY), before, what);
    };
    await stays(page.locator('#paper'), 'a finger on the paper draws');
    assert.ok((await hash()).get('ink').length >= 8);
    await open('classify.html#set=own');
    await stays(page.locator('#plane'), 'a finger on the plane puts points there');
    await session.send('Emulation.setTouchEmulationEnabled', {enabled: false});
}

/** The first paint, and the work within the frames of a room that moves, in milliseconds: what one frame in ten takes at most,
    since in others the machine may have been busy with more than this. */
async function paced(path, start) {
    await open(path);
    const paint = await page.evaluate(() => new Promise(done => new PerformanceObserver(list => {
        for (const entry of list.getEntriesByName('first-contentful-paint')) done(entry.startTime);
    }).observe({type: 'paint', buffered: true})));
    const work = await page.evaluate(async ([button]) => {
        const own = window.requestAnimationFrame, spent = [];
        window.requestAnimationFrame = then => own.call(window, now => { const begin = performance.now(); then(now); spent.push(performance.now() - begin); });
        document.querySelector(button).click();
        for (const end = performance.now() + 3000; spent.length < 60 && performance.now() < end;) await new Promise(done => setTimeout(done, 50));
        window.requestAnimationFrame = own;
        return spent.sort((a, b) => a - b);
    }, [start]);
    return {paint, work: work[Math.floor(work.length / 10)], frames: work.length};
}

/** The work of Backprop, layout included, each time that a number is moved: what one move in ten takes at most. */
async function dragged() {
    await open('backprop.html');
    return page.evaluate(() => {
        const knob = document.querySelector('.knob[data-name="W1[0,0]"]'), spent = [];
        for (let i = 0; i < 60; i++) {
            const begin = performance.now();
            knob.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
            document.body.getBoundingClientRect();
            spent.push(performance.now() - begin);
        }
        if (knob.dataset.value === '0.5') return NaN; // it was not moved
        return spent.sort((a, b) => a - b)[6];
    });
}

export async function looks() {
    await pictured();
    await fingers();
    await page.setViewportSize({width: 1280, height: 800});
    for (const [path, start] of [['descent.html', '#play'], ['backprop.html', '#play'], ['classify.html#set=circles', '#play'], ['landscape.html', '#play'], ['digits.html', '#train']]) {
        // The least of three, since the machine may be busy with more than this.
        let paint = Infinity, work = Infinity, frames = 0;
        for (let i = 0; i < 3 && (i === 0 || paint > 1000 || work > 16); i++) {
            const one = await paced(path, start);
            paint = Math.min(paint, one.paint);
            frames = one.frames;
            work = frames ? Math.min(work, one.work) : 0;
        }
        console.log(`${path}: first paint after ${paint.toFixed(0)} ms, ${frames ? `${work.toFixed(1)} ms of work in a frame` : 'no frames of its own'}`);
        assert.ok(paint < 1000, `${path}: first paint after ${paint} ms`);
        assert.ok(work < 16, `${path}: ${work} ms of work in a frame`);
    }
    let drag = Infinity;
    for (let i = 0; i < 3 && !(drag < 16); i++) drag = Math.min(drag, await dragged());
    console.log(`backprop.html: ${drag.toFixed(1)} ms of work in a move of a number`);
    assert.ok(drag < 16, `backprop.html: ${drag} ms of work in a move of a number`);
}
