// Tarn itself, compiled to WebAssembly, as functions of JavaScript: what a room needs of it is a module of its own.
const signatures = {
    pg_surface: ['string', ['string']],
    pg_grid: ['boolean', ['number', 'number', 'number', 'number', 'number', 'number', 'number']],
    pg_lists: ['string', []],
    pg_leave: [null, ['number']],
    pg_drop: ['string', ['number', 'number', 'number', 'string', 'string', 'string', 'number', 'number', 'number', 'number']],
    pg_step: ['number', ['number']],
    pg_problem: ['string', []],
    pg_surface_in_c: ['string', []],
    pg_digits: ['string', ['string']],
    pg_begin: ['string', ['string', 'string', 'string', 'number', 'number', 'number']],
    pg_steps: ['number', []],
    pg_train: ['number', []],
    pg_test: ['number', []],
    pg_look: ['string', ['number']],
    pg_seen: ['number', ['number']],
    pg_seen_size: ['number', ['number']],
    pg_weights: ['number', ['number']],
    pg_save: ['string', ['string']],
    pg_load: ['string', ['string']],
};

export async function load(room) {
    const {default: create} = await import(`./${room}.js`);
    const module = await create({locateFile: file => new URL(file, import.meta.url).href});
    const tarn = {module};
    for (const [name, [result, of]] of Object.entries(signatures))
        if (module[`_${name}`]) tarn[name.slice(3)] = module.cwrap(name, result, of);
    return tarn;
}
