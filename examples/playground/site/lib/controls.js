// Controls that several rooms have: choices, rates, what an optimizer takes, and links.
import {el, slider} from './page.js';

/** A rate that suits a small network; the library's defaults are for larger ones, and longer training. */
const rates = {sgd: 0.5, 'momentum-ema': 0.5, momentum: 0.05, nesterov: 0.05, adagrad: 0.1, adadelta: 5, asgd: 0.5, lars: 0.5, lion: 0.005, muon: 0.02, lamb: 0.02, rmsprop: 0.005, schedule_free_sgd: 0.5};
export const rateOf = optimizer => rates[optimizer] || 0.02;

/** One that suits LeNet on digits. */
const ratesOfLenet = {sgd: 0.1, momentum: 0.03, nesterov: 0.03, adagrad: 0.02, rmsprop: 0.002, adadelta: 1, lion: 0.0005, muon: 0.02,
    rprop: 0.0005, asgd: 0.1, 'momentum-ema': 0.1, lars: 1, lamb: 0.01, adafactor: 0.02, schedule_free_sgd: 0.5};
export const rateOfLenet = optimizer => ratesOfLenet[optimizer] || 0.004;

/** A slider over powers of ten; with zero its first place is 0. */
export function logSlider({low, high, zero = false, ...more}) {
    const first = zero ? 1 : 0, places = 1000 - first;
    const to = p => (p < first ? 0 : Number((low * (high / low) ** ((p - first) / places)).toPrecision(3)));
    const from = v => (v <= 0 ? 0 : first + places * Math.log(v / low) / Math.log(high / low));
    return slider({min: 0, max: 1000, step: 1, scale: {to, from}, ...more});
}

/** A choice with its name: {node, set}. options: [[value, text]]; what is set and is none of them, by a link, becomes one. */
export function choice({label, id, options, onchange}) {
    const select = el('select', {id, onchange: event => onchange(event.target.value)}, options.map(([value, text]) => el('option', {value}, text)));
    const set = value => {
        if (![...select.options].some(option => option.value === String(value))) select.append(el('option', {value}, String(value)));
        select.value = value;
    };
    return {node: el('div', {class: 'field wide'}, el('label', {for: id}, label), select), set, select};
}

/** The optimizers by name, those that few need behind a line. */
export const optimizerOptions = lists => lists.optimizers.map(o => [o.name, o.name === 'sgd' ? 'sgd: gradient descent' : o.name.replaceAll('_', ' ')]);

/** The penalties that an optimizer takes: [[value, text]]. */
export function penalties(lists, optimizer) {
    const has = name => lists.optimizers.find(o => o.name === optimizer).options.some(o => o.name === name);
    return [['', 'none'], ...(has('weight_decay') ? [['l2', has('l1') ? 'L2: weights squared' : 'weight decay']] : []), ...(has('l1') ? [['l1', 'L1: sizes of weights']] : []),
        ...(has('decoupled') ? [['decay', 'weight decay, decoupled']] : [])];
}

/** As tarn_optim_by_name() takes them. */
export const optionsText = ({lr, penalty, strength}) => `lr=${lr}${{l1: `,l1=${strength}`, l2: `,weight_decay=${strength}`, decay: `,weight_decay=${strength},decoupled=true`}[penalty] || ''}`;

/** A number of a link, or what is there otherwise. */
export function within(text, low, high, otherwise) {
    const value = Number(text);
    return text !== null && text !== '' && value >= low && value <= high ? value : otherwise;
}

/** Calls what it is given a little after the last call, so that a drag does it once. */
export function later(then, wait) {
    let timer;
    return () => { clearTimeout(timer); timer = setTimeout(then, wait); };
}

/** What puts the link to what is there into the address, a little after the last change. An address that has become another
    meanwhile is that of a link which was followed, and stays. */
export function keeping(link) {
    let href;
    const write = later(() => { if (location.href === href) history.replaceState(null, '', link()); }, 250);
    return () => { ({href} = location); write(); };
}

/** What asks for a frame to do something in, once however often it is asked before that frame comes. */
export function inFrame(does) {
    let asked = 0;
    return () => {
        cancelAnimationFrame(asked);
        asked = requestAnimationFrame(does);
    };
}

/** Keys of the page, where none of its controls has a use of its own for them: {key: what it does}. */
export function shortcuts(does) {
    document.addEventListener('keydown', event => {
        if (!does[event.key] || event.target.closest('input, select, button, textarea, a, dialog, summary, [role=slider]') || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        does[event.key]();
    });
}

/** Builds a list of controls anew. Who was on one of them by keys is then on that of its id, or else on that of its kind in
    the same place, or on the nearest that can be used. */
export function rebuilt(list, build) {
    const was = document.activeElement, of = () => [...list.querySelectorAll(was.localName)], place = of().indexOf(was);
    build();
    if (place < 0) return;
    const all = of(), usable = all.filter(control => !control.disabled);
    (usable.find(control => was.id && control.id === was.id) || usable.find(control => all.indexOf(control) >= place) || usable.at(-1))?.focus();
}

/** Makes a button of no use, or of use again; who was on it by keys is then on another. */
export function disable(button, off, other) {
    if (off && document.activeElement === button) other().focus();
    button.disabled = off;
}
