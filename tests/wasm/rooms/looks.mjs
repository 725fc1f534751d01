// All pages at three sizes: pictures to be looked at, nothing wider than the screen, a name for all that can be used,
// every link of the site followed, the first paint, and how much of a frame the moving rooms take.
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {page, pictures, base, open, until} from './browser.mjs';

const pages = {index: '', descent: '#surface=himmelblau&o=sgd&o=momentum&o=adam&o=lion&step=80', backprop: '', formula: '#formula=(sigmoid(w*x%2Bb)-t)^2', classify: '#step=400', digits: '', landscape: '',
    source: '#optim/adam.c'};
const address = name => `${name === 'formula' ? 'backprop' : name}.html${pages[name]}`;

/** What has no name for a screen reader, or is not reached by keys. */
const nameless = () => page.evaluate(() => [...document.querySelectorAll('button, a, input, select, canvas, [role]')].filter(node => node.checkVisibility()).filter(node => {
    if (node.closest('[aria-hidden=true]') || ['alert', 'status', 'row'].includes(node.getAttribute('role'))) return false;
    const name = node.getAttribute('aria-label') || node.textContent.trim() || [...(node.labels || [])].map(label => label.textContent).join('') || node.title;
    return !name || (node.hasAttribute('onclick') && node.tabIndex < 0);
}).map(node => node.outerHTML.slice(0, 120)));

async function follow() {
    const links = await page.evaluate(() => [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')));
    for (const link of new Set(links)) {
        const file = link.startsWith('source.html#') ? link.slice(12) : link.split('#')[0];
        if (file) assert.equal((await fetch(`${base}/${file}`)).status, 200, `${link} leads nowhere`);
    }
}

async function pictured() {
    for (const [size, width, height, colorScheme] of [['phone', 390, 844, 'dark'], ['laptop', 1280, 800, 'light'], ['projector', 1920, 1080, 'light']]) {
        await page.setViewportSize({width, height});
        await page.emulateMedia({colorScheme});
        for (const name of Object.keys(pages)) {
            await open(address(name));
            await until(name, () => document.documentElement.dataset.busy !== 'true');
            await page.screenshot({path: join(pictures, `${name}-${size}.png`), fullPage: true});
            const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
            assert.ok(wide <= room + 1, `${name} is ${wide} wide on ${size}, which has ${room}`);
            if (size !== 'laptop') continue;
            assert.deepEqual(await nameless(), [], name);
            await follow();
        }
    }
}

/** The first paint, and the work within the frames of a room that moves: medians, in milliseconds. */
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
    return {paint, work: work[Math.floor(work.length / 2)], frames: work.length};
}

/** The work of Backprop, layout included, each time that a number is moved: the median, in milliseconds. */
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
        return spent.sort((a, b) => a - b)[30];
    });
}

export async function looks() {
    await pictured();
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
    const drag = await dragged();
    console.log(`backprop.html: ${drag.toFixed(1)} ms of work in a move of a number`);
    assert.ok(drag < 16, `backprop.html: ${drag} ms of work in a move of a number`);
}
