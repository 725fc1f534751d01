// What all rooms share: elements, numbers as text, the header, the link to a situation.

/** An element: el('button', {class: 'primary', onclick}, 'Play'). */
export function el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
        else if (value === true) node.setAttribute(name, '');
        else if (value !== false && value != null) node.setAttribute(name, value);
    }
    node.append(...children.flat().filter(child => child != null));
    return node;
}

const raised = digits => [...String(digits)].map(d => (d === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[d])).join('');

/** A number to be read: four digits that count, a true minus, powers of ten where they are short. */
export function num(value, digits = 4) {
    if (Number.isNaN(value)) return 'not a number';
    if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
    if (value === 0) return '0';
    const size = Math.abs(value);
    if (size >= 1e5 || size < 1e-3) {
        const [head, exponent] = value.toExponential(digits - 2).split('e');
        return `${head.replace(/\.?0+$/, '').replace('-', '−')}·10${raised(Number(exponent))}`.replace(/^(−?)1·/, '$1');
    }
    return String(Number(value.toPrecision(digits))).replace('-', '−');
}

/** A slider with its name and value: value(), set(v). A scale is {to(position), from(value)}. */
export function slider({label, min, max, step, value, text = num, scale, oninput, hint}) {
    const id = `s${slider.count = (slider.count || 0) + 1}`;
    const to = scale ? scale.to : v => v, from = scale ? scale.from : v => v;
    const input = el('input', {type: 'range', id, min, max, step, title: hint});
    const output = el('output', {for: id});
    let now = value;
    const show = () => {
        output.textContent = text(now);
        input.setAttribute('aria-valuetext', text(now));
    };
    input.addEventListener('input', () => { now = to(Number(input.value)); show(); oninput(now); });
    const node = el('div', {class: 'field'}, el('label', {for: id, title: hint}, label), input, output);
    const set = v => { now = v; input.value = from(v); show(); };
    set(value);
    return {node, set, value: () => now, input};
}

export function toast(text) {
    const box = document.querySelector('.toast') || document.body.appendChild(el('div', {class: 'toast', role: 'status'}));
    box.textContent = text;
    box.classList.add('shown');
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => box.classList.remove('shown'), 1800);
}

const rooms = [['descent.html', 'Descent'], ['backprop.html', 'Backprop'], ['classify.html', 'Classify'], ['digits.html', 'Digits'], ['landscape.html', 'Landscape']];

function setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    dispatchEvent(new Event('themechange'));
}
try {
    setTheme(localStorage.getItem('theme') || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
} catch { setTheme('light'); }

/** The header of a room. tools: buttons beside that for the theme. */
export function header(current, tools = []) {
    const theme = el('button', {class: 'quiet', 'aria-label': 'Dark or light', title: 'Dark or light', onclick() {
        const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
        setTheme(next);
        try { localStorage.setItem('theme', next); } catch { /* kept for this page alone */ }
    }}, '◐');
    const brand = el('a', {class: 'brand', href: 'index.html'});
    brand.innerHTML = `<svg viewBox="0 0 32 32" aria-hidden="true"><path fill="none" stroke="currentColor" stroke-width="2.4"
        d="M2 8c5 0 5 15 10 15 4 0 5-3 8-3s4 3 5 3 3-6 5-9"/><circle cx="12" cy="20.5" r="3.4" fill="var(--accent)"/></svg>Tarn`;
    document.body.prepend(el('header', {}, brand,
        el('nav', {'aria-label': 'Rooms'}, rooms.map(([href, name]) =>
            el('a', {href, 'aria-current': name === current ? 'page' : null}, name))),
        el('div', {class: 'tools'}, tools, theme)));
}

export async function copy(text, said) {
    try {
        await navigator.clipboard.writeText(text);
        toast(said);
    } catch {
        prompt('Copy this:', text);
    }
}

/** The button that copies the link to what is there; said: of what it is. */
export const share = (link, said = 'The link to this situation is copied') => el('button', {onclick() {
    history.replaceState(null, '', link());
    copy(location.href, said);
}}, 'Share');

/** A dialog with a program, ready to copy. */
export function showProgram(title, note, text) {
    const dialog = el('dialog', {'aria-label': title, onclose: () => dialog.remove()},
        el('div', {class: 'row'}, el('h2', {}, title),
            el('div', {class: 'tools'},
                el('button', {onclick: () => copy(text, 'The program is copied')}, 'Copy'),
                el('button', {onclick: () => dialog.close()}, 'Close'))),
        el('p', {class: 'hint'}, note), el('pre', {tabindex: 0, role: 'region', 'aria-label': 'The program'}, text));
    document.body.append(dialog);
    dialog.showModal();
}

/** Where to read on: the chapter of the book, and the files that run here. */
export function chapter(page, title, files) {
    const link = (file, text) => el('a', {href: `source.html#${file}`}, text);
    return el('p', {class: 'hint'}, 'The chapter: ', link(page, title), '. What runs here: ', files.flatMap((file, i) => [i ? ', ' : '', link(file, file.replace('examples/', ''))]), '.');
}

/** The context of a canvas as large as it is shown, in its pixels of CSS, and a pixel that grows with the page's letters. */
export function sized(canvas, ratio) {
    const width = canvas.clientWidth, height = ratio ? width * ratio : canvas.clientHeight;
    const unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    const density = Math.min(devicePixelRatio || 1, 2);
    if (canvas.width !== Math.round(width * density) || canvas.height !== Math.round(height * density)) {
        canvas.width = Math.round(width * density);
        canvas.height = Math.round(height * density);
    }
    const context = canvas.getContext('2d');
    context.setTransform(density, 0, 0, density, 0, 0);
    context.font = `${12 * unit}px system-ui`;
    return {context, width, height, unit};
}

/** A colour of the theme. */
export const colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
