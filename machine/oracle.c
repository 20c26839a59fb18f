/*
 * The oracle: the simple engine that defines what a machine does.
 *
 * A word is decoded once and kept, with its instruction lowered to
 * micro-operations (machine/lower.h), in a cache keyed by the word itself: a
 * program that changes its own instructions needs no care.
 */
#include "machine/oracle.h"
#include "machine/mapped.h"
#include "machine/spin.h"
#include "machine/stops.h"

#include "isa/alloc.h"
#include "isa/arith.h"

enum { LINES_LOG_LEAST = 9, LINES_LOG_MOST = 16 };

/* ---- the journal ---- */

static void keep(struct oracle *o, bool unit, uint64_t at, uint64_t value)
{
	if (o->nundo == o->undo_capacity) {
		o->undo_capacity = o->undo_capacity ? o->undo_capacity * 2 : 64;
		o->undo = xrealloc(o->undo, o->undo_capacity * sizeof *o->undo);
	}
	o->undo[o->nundo++] = (struct undo){ .unit = unit, .at = at, .value = value };
}

static uint64_t present(const struct view *v, const struct undo *u)
{
	return u->unit ? storage_get(v->window.storage, v->window.base + u->at)
		       : v->cpu->state[u->at];
}

void oracle_commit(struct oracle *o)
{
	o->nundo = 0;
}

void oracle_rollback(const struct view *v)
{
	struct oracle *o = v->oracle;

	while (o->nundo) {
		const struct undo *u = &o->undo[--o->nundo];

		if (u->unit)
			storage_put(v->window.storage, v->window.base + u->at, u->value);
		else
			v->cpu->state[u->at] = u->value;
	}
}

bool oracle_changed(const struct view *v)
{
	const struct oracle *o = v->oracle;

	for (size_t i = 0; i < o->nundo; i++)
		if (present(v, &o->undo[i]) != o->undo[i].value)
			return true;
	return false;
}

/* ---- micro-operations ---- */

static uint64_t draw(uint64_t *stream, unsigned width)
{
	uint64_t x = *stream = *stream * STREAM_FACTOR + STREAM_STEP;

	return (x ^ x >> STREAM_HALF) >> (64 - width);
}

/* Units at places to one value, and back; the high part first if big. */
static uint64_t gather(const struct window *w, const uint64_t *place, unsigned n, bool big)
{
	unsigned bits = w->storage->unit;
	uint64_t value = 0;

	for (unsigned i = 0; i < n; i++)
		value |= storage_get(w->storage, w->base + place[i])
			 << (big ? n - 1 - i : i) * bits;
	return value;
}

static void scatter(const struct window *w, const uint64_t *place, unsigned n, bool big,
		    uint64_t value)
{
	unsigned bits = w->storage->unit;

	for (unsigned i = 0; i < n; i++)
		storage_put(w->storage, w->base + place[i],
			    value >> (big ? n - 1 - i : i) * bits & isa_mask(bits));
}

static enum ending memory_trap(const struct view *v, uint64_t address, struct trap *trap)
{
	trap->kind = v->isa->memory;
	trap->phase = PHASE_NULLIFY;
	trap->info = address;
	return END_TRAP;
}

/* A device is about to be reached, having been told the time. */
static void reach(const struct view *v, const struct device *d, uint64_t at, unsigned units,
		  bool write)
{
	v->oracle->reached = true;
	if (v->oracle->spin)
		spin_reach(v->oracle->spin, d, &(struct device_access){ at, units, write });
}

/* The register as such, of a class to which its units matter, too. */
static void reach_register(const struct view *v, const struct device *d, uint64_t reg, bool write)
{
	reach(v, d, d->class->access ? reg * d->word_units : reg, d->word_units, write);
}

static uint64_t device_in(const struct view *v, struct device *d, uint64_t reg)
{
	clock_wake(v);
	reach_register(v, d, reg, false);
	return d->class->read(d, reg) & d->word_mask;
}

/* The processor halts where a device ends the run. */
static enum ending written(const struct view *v, const struct device *d)
{
	return d->class->off && d->class->off(d, &v->cpu->halt_status) ? END_HALT : END_DONE;
}

static enum ending device_out(const struct view *v, struct device *d, uint64_t reg, uint64_t value)
{
	clock_wake(v);
	reach_register(v, d, reg, true);
	d->class->write(d, reg, value);
	return written(v, d);
}

/* An access to n units, at places that are in slots from a on. */
static inline void access_units(const struct view *v, const struct uop *u, unsigned n,
				enum access access)
{
	if (__builtin_expect(v->stops != NULL, 0) && !(u->aux & UNSEEN))
		stops_touch(v->stops, &v->window, v->cpu->state + u->a, n, access);
}

/*
 * An access to n units of which one is not in storage.  A device must be told the time, so that
 * it is not looked at before that is settled.
 */
static enum ending reach_device(const struct view *v, const struct uop *u, unsigned n, bool store,
				struct trap *trap)
{
	uint64_t *s = v->cpu->state, value;
	struct mapped m;

	if (!(u->aux & MAPPED) || !mapped_find(v, &s[u->a], n, u->aux & 1, &m))
		return memory_trap(v, s[u->b], trap);
	if (!v->oracle->settled)
		return END_CLOCK;
	clock_wake(v);
	reach(v, m.device, m.device->class->access ? m.unit : m.reg, m.units, store);
	value = store ? s[u->d] & isa_mask(m.width) : 0;
	if (!mapped_access(&m, store, &value))
		return memory_trap(v, s[u->b], trap);
	if (store)
		return written(v, m.device);
	s[u->d] = value;
	return END_DONE;
}

/* Is a place neither in storage nor, for an access that may reach one, a device's? */
static inline bool is_nowhere(const struct view *v, const struct uop *u, uint64_t place,
			      uint64_t size)
{
	return place >= size && !(u->aux & MAPPED && mapped_place(v->isa, place));
}

/* Each unit is translated, in ascending order. */
static enum ending find_places(const struct view *v, const struct uop *u, struct trap *trap)
{
	const struct oracle *o = v->oracle;
	uint64_t *s = v->cpu->state, *within = &s[o->layout.within], first = s[u->a], address;

	if (o->asks && o->knows(o->engine, (enum access)(u->aux & 3), first, (unsigned)u->imm,
				&s[u->d])) {
		for (unsigned i = 1; i < u->imm; i++)
			s[u->d + i] = s[u->d] + i;
		return END_DONE;
	}
	for (unsigned i = 0; i < u->imm; i++) {
		*within = address = i ? (first + i) & isa_mask(v->isa->word) : first;
		if (oracle_execute(v, o->place[u->aux & 3], trap) == END_TRAP)
			return END_TRAP;
		s[u->d + i] = *within;
		if (u->imm > 1 && is_nowhere(v, u, *within, v->window.size))
			return memory_trap(v, address, trap);
	}
	return END_DONE;
}

static bool any_outside(const uint64_t *place, unsigned n, uint64_t size)
{
	for (unsigned i = 0; i < n; i++)
		if (place[i] >= size)
			return true;
	return false;
}

/* clang-format off */
enum ending oracle_execute(const struct view *v, const struct program *program, struct trap *trap)
{
	const struct window w = v->window;
	struct oracle *const o = v->oracle;
	uint64_t *const s = v->cpu->state;
	enum ending ending = END_DONE, reached;

	s[o->layout.work + WORK_SIZE] = w.size;
	s[o->layout.work + WORK_TIME] = v->cpu->time;
	for (const struct uop *u = program->uop;; u++) {
		switch ((enum uop_op)u->op) {
		case U_END: return ending;
		case U_CONST: s[u->d] = u->imm; break;
		case U_MOVE: s[u->d] = s[u->a]; break;
		case U_NEG: s[u->d] = arith_apply(X_NEG, u->width, s[u->a], 0); break;
		case U_SLICE: s[u->d] = s[u->a] >> u->imm & isa_mask(u->width); break;
		case U_SEXT:
			s[u->d] = (uint64_t)isa_signed(s[u->a], u->width) & u->imm;
			break;
#define OP(name)                                                                        \
		case U_##name:                                                          \
			s[u->d] = arith_apply(X_##name, u->width, s[u->a], s[u->b]);    \
			break;                                                          \
		case U_##name##I:                                                       \
			s[u->d] = arith_apply(X_##name, u->width, s[u->a], u->imm);     \
			break;
		UOP_OPERATORS(OP)
		UOP_COMPARISONS(OP)
#undef OP
#define OP(name)                                                                        \
		case J_##name:                                                          \
			if (arith_apply(X_##name, u->width, s[u->a], s[u->b]) == u->aux) \
				u += (int32_t)u->d;                                     \
			break;                                                          \
		case J_##name##I:                                                       \
			if (arith_apply(X_##name, u->width, s[u->a], u->imm) == u->aux) \
				u += (int32_t)u->d;                                     \
			break;
		UOP_COMPARISONS(OP)
#undef OP
		case J_ALWAYS: u += (int32_t)u->d; break;
		case U_ELEM: s[u->d] = s[u->a] < u->imm ? s[u->b + s[u->a]] : 0; break;
		case U_SETELEM:
			if (s[u->a] < u->imm)
				s[u->b + s[u->a]] = s[u->d];
			break;
		case U_LINE: s[u->d] = clock_line(v, s[u->a]); break;
		case U_CHECK:
			if (is_nowhere(v, u, s[u->a], w.size))
				return memory_trap(v, s[u->b], trap);
			break;
		case U_LOAD:
			if (s[u->a] >= w.size) {
				reached = reach_device(v, u, 1, false, trap);
				if (reached != END_DONE)
					return reached;
				break;
			}
			access_units(v, u, 1, ACCESS_READ);
			s[u->d] = storage_get(w.storage, w.base + s[u->a]);
			break;
		case U_STORE:
			if (s[u->a] >= w.size) {
				reached = reach_device(v, u, 1, true, trap);
				if (reached == END_HALT)
					ending = reached;
				else if (reached != END_DONE)
					return reached;
				break;
			}
			access_units(v, u, 1, ACCESS_WRITE);
			storage_put(w.storage, w.base + s[u->a], s[u->d]);
			break;
		case U_LOADS:
			if (u->aux & MAPPED && any_outside(&s[u->a], (unsigned)u->imm, w.size)) {
				reached = reach_device(v, u, (unsigned)u->imm, false, trap);
				if (reached != END_DONE)
					return reached;
				break;
			}
			access_units(v, u, (unsigned)u->imm, ACCESS_READ);
			s[u->d] = gather(&w, &s[u->a], (unsigned)u->imm, u->aux & 1);
			break;
		case U_STORES:
			if (u->aux & MAPPED && any_outside(&s[u->a], (unsigned)u->imm, w.size)) {
				reached = reach_device(v, u, (unsigned)u->imm, true, trap);
				if (reached == END_HALT)
					ending = reached;
				else if (reached != END_DONE)
					return reached;
				break;
			}
			access_units(v, u, (unsigned)u->imm, ACCESS_WRITE);
			scatter(&w, &s[u->a], (unsigned)u->imm, u->aux & 1, s[u->d]);
			break;
		case U_IN: s[u->d] = device_in(v, v->device[u->b], s[u->a]); break;
		case U_OUT:
			if (device_out(v, v->device[u->b], s[u->a], s[u->d]) == END_HALT)
				ending = END_HALT;
			break;
		case U_UNSPECIFIED: s[u->d] = draw(&v->cpu->unspecified, u->width); break;
		case U_TRAP:
			trap->kind = &v->isa->trap[u->b];
			trap->phase = (enum phase)u->aux;
			trap->info = s[u->a];
			return END_TRAP;
		case U_HALT:
			v->cpu->halt_status = s[u->a];
			ending = END_HALT;
			break;
		case U_WAIT: ending = END_WAIT; break;
		case U_KEEP: keep(o, false, u->d, s[u->d]); break;
		case U_KEEPELEM:
			if (s[u->a] < u->imm)
				keep(o, false, u->b + s[u->a], s[u->b + s[u->a]]);
			break;
		case U_KEEPUNIT:
			if (s[u->a] < w.size)
				keep(o, true, s[u->a], storage_get(w.storage, w.base + s[u->a]));
			break;
		case U_PLACE:
			if (find_places(v, u, trap) == END_TRAP)
				return END_TRAP;
			break;
		case V_ELEMS ... U_FIRST: assert(!"vectors are for the translator alone"); break;
		default: __builtin_unreachable();
		}
	}
}
/* clang-format on */

enum ending oracle_call(const struct view *v, const struct program *program, struct trap *trap,
			uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t *local = v->cpu->state + v->oracle->layout.locals;

	local[0] = a;
	local[1] = b;
	local[2] = c;
	return oracle_execute(v, program, trap);
}

uint64_t oracle_result(const struct view *v)
{
	return v->cpu->state[v->oracle->layout.work + WORK_RESULT];
}

/* ---- instructions ---- */

static struct program *lower_word(const struct oracle *o, uint64_t word)
{
	const struct isa_instr *instr = isa_decode(o->isa, word);

	return instr ? lower_instr(o->isa, &o->layout, instr, word)
		     : lower_illegal(o->isa, &o->layout, word);
}

/* Fibonacci hashing (Knuth, volume 3, 6.4): registers and operation code both count. */
static struct line_of_words *line_of(const struct oracle *o, uint64_t word)
{
	return &o->line[word * UINT64_C(0x9e3779b97f4a7c15) >> (64 - o->lines_log)];
}

/* Twice as many; those of two lines do not meet there. */
static void more_lines(struct oracle *o)
{
	struct line_of_words *before = o->line;
	unsigned n = 1u << o->lines_log++;

	o->line = xcalloc(2 * n, sizeof *o->line);
	for (unsigned i = 0; i < n; i++)
		if (before[i].program)
			*line_of(o, before[i].word) = before[i];
	free(before);
	o->nlost = 0;
}

/* A word whose line has another one, or none. */
static struct line_of_words *fill_line(struct oracle *o, uint64_t word)
{
	struct line_of_words *line = line_of(o, word);

	if (line->program && o->lines_log < LINES_LOG_MOST && ++o->nlost >> (o->lines_log - 2)) {
		more_lines(o);
		line = line_of(o, word);
	}
	free(line->program);
	line->program = lower_word(o, word);
	line->word = word;
	return line;
}

const struct program *oracle_decode(struct oracle *o, uint64_t word)
{
	struct line_of_words *line = line_of(o, word);

	if (__builtin_expect(!line->program || line->word != word, 0))
		line = fill_line(o, word);
	return line->program;
}

/* The state is as it was before the instruction. */
static void taken_back(const struct view *v, uint64_t stream)
{
	oracle_rollback(v);
	stops_forget(v);
	v->cpu->unspecified = stream;
}

/* After a trap: the state is made what its phase says, and P likewise. */
static void trapped(const struct view *v, struct trap *trap, uint64_t p, uint64_t stream)
{
	const struct isa *isa = v->isa;
	uint64_t *pc = &v->cpu->state[isa->role[ROLE_PC]->slot];
	uint64_t next = v->cpu->state[v->oracle->layout.work + WORK_NEXT];

	trap->source = SOURCE_INSTRUCTION;
	trap->p = p;
	if (trap->phase == PHASE_COMPLETE) {
		oracle_commit(v->oracle);
		trap->tpc = isa->advance ? *pc : (*pc = next);
		return;
	}
	if (isa->advance)
		next = *pc; /* moved already */
	else
		next = (p + isa->length) & isa_mask(isa->role[ROLE_PC]->width);
	trap->tpc = trap->phase == PHASE_NEXT ? next : p;
	taken_back(v, stream);
}

/* The word that stands at a place and what is next to it. */
static inline uint64_t word_at(const struct view *v, uint64_t place)
{
	const struct isa *isa = v->isa;
	const struct window *w = &v->window;
	bool big = isa->endian == ENDIAN_BIG || isa->endian == ENDIAN_NONE;
	uint64_t word = 0;

	for (unsigned i = 0; i < isa->length; i++)
		word |= storage_get(w->storage, w->base + place + i)
			<< (big ? isa->length - 1 - i : i) * isa->unit;
	return word;
}

/*
 * Has the host bring near, while the instruction at a place runs, what the next ones need, most likely:
 * of the second one the line, so that it can be looked for the next one's program there.
 */
static void look_ahead(const struct view *v, uint64_t place)
{
	const struct oracle *o = v->oracle;
	unsigned length = v->isa->length;
	const struct line_of_words *line;

	if (place + 3 * length > v->window.size)
		return;
	__builtin_prefetch(line_of(o, word_at(v, place + 2 * length)));
	line = line_of(o, word_at(v, place + length));
	if (line->program) {
		__builtin_prefetch(line->program);
		__builtin_prefetch(line->program->uop + 2);
		__builtin_prefetch(line->program->uop + 4);
	}
}

/* The word at p to WORK_WORD, as the description's code does it or as an engine knows it. */
static enum ending fetch(const struct view *v, uint64_t p, struct trap *trap)
{
	const struct oracle *o = v->oracle;
	uint64_t place;

	if (!o->knows || !o->knows(o->engine, ACCESS_FETCH, p, v->isa->length, &place))
		return oracle_execute(v, o->fetch, trap);
	v->cpu->state[o->layout.work + WORK_WORD] = word_at(v, place);
	look_ahead(v, place);
	return END_DONE;
}

static inline enum ending step(const struct view *v, bool settled, struct trap *trap)
{
	const struct isa *isa = v->isa;
	struct oracle *o = v->oracle;
	uint64_t *s = v->cpu->state, stream = v->cpu->unspecified;
	uint64_t *pc = &s[isa->role[ROLE_PC]->slot], *next = &s[o->layout.work + WORK_NEXT];
	uint64_t p = *pc;
	enum ending ending;
	bool mode = false;

	*next = (p + isa->length) & isa_mask(isa->role[ROLE_PC]->width);
	o->asks = false;
	ending = fetch(v, p, trap);
	if (ending == END_DONE) {
		const struct program *program = oracle_decode(o, s[o->layout.work + WORK_WORD]);

		if (program->clock && !settled)
			return END_CLOCK;
		mode = v->stops_in_user && program->mode;
		o->settled = settled;
		o->asks = o->knows && program->instr && !o->remaps[program->instr->index];
		ending = oracle_execute(v, program, trap);
	}
	if (__builtin_expect(ending == END_CLOCK, 0)) {
		taken_back(v, stream);
	} else if (ending == END_TRAP) {
		trapped(v, trap, p, stream);
	} else {
		oracle_commit(o);
		if (!isa->advance)
			*pc = *next;
		if (__builtin_expect(mode, 0) && ending == END_DONE && view_user(v))
			ending = END_USER;
	}
	return ending;
}

/* A step that settles its own unit is not over yet. */
static bool stopped(const struct view *v, bool settled)
{
	return (settled ? stops_event(v, true) : stops_event_between(v, true)) != EVENT_STEPS;
}

/* The same of a view that has stops. */
static enum ending burst_to_stop(const struct view *v, uint64_t n, bool settled, uint64_t *done,
				 struct trap *trap)
{
	const uint64_t *pc = &v->cpu->state[v->isa->role[ROLE_PC]->slot];
	enum ending ending = END_DONE;

	for (*done = 0; *done < n && ending == END_DONE;) {
		v->stops->p = *pc;
		ending = step(v, settled, trap);
		*done += ending == END_DONE || ending == END_USER;
		if (ending == END_DONE && stopped(v, settled))
			ending = END_STOP;
	}
	return ending;
}

enum ending oracle_burst(const struct view *v, uint64_t n, bool settled, uint64_t *done,
			 struct trap *trap)
{
	if (v->stops)
		return burst_to_stop(v, n, settled, done, trap);
	for (*done = 0; *done < n; ++*done) {
		enum ending ending = step(v, settled, trap);

		if (ending == END_USER)
			++*done;
		if (ending != END_DONE)
			return ending;
	}
	return END_DONE;
}

/* ---- code on a view ---- */

static void at_instruction(const struct view *v, struct trap *trap)
{
	trap->source = SOURCE_INSTRUCTION;
	trap->p = trap->tpc = v->cpu->state[v->isa->role[ROLE_PC]->slot];
}

bool view_reach(struct view *v, uint64_t address, enum access access, uint64_t *place,
		struct trap *trap)
{
	if (oracle_call(v, v->oracle->translate[access], trap, address, 0, 0) == END_TRAP) {
		at_instruction(v, trap);
		return false;
	}
	*place = oracle_result(v);
	return true;
}

bool view_translate(struct view *v, uint64_t address, enum access access, uint64_t *place,
		    struct trap *trap)
{
	if (!view_reach(v, address, access, place, trap))
		return false;
	if (*place < v->window.size)
		return true;
	memory_trap(v, address, trap);
	at_instruction(v, trap);
	return false;
}

bool oracle_trap_stays(struct view *v, const struct trap *t)
{
	struct write_log *log = v->window.storage->log;
	size_t logged = log ? log->count : 0;
	bool struck = stops_hit(v);
	struct trap within;
	bool stays;

	if (!v->oracle->trap_may_stay)
		return false;
	stops_begin(v, t->p);
	stays = oracle_call(v, v->oracle->code[CODE_TRAPSEQ], &within, t->kind->number, t->tpc,
			    t->info) != END_TRAP &&
		view_user(v);
	if (stays) {
		oracle_commit(v->oracle);
		return true;
	}
	oracle_rollback(v);
	if (log)
		log->count = logged; /* nothing was written */
	if (!struck)
		stops_forget(v);
	return false;
}

bool view_user(const struct view *v)
{
	struct trap none;

	if (!v->oracle->user)
		return false;
	oracle_execute(v, v->oracle->user, &none);
	return oracle_result(v);
}

uint64_t view_eval(const struct view *v, const struct expr *e)
{
	struct program *program;
	struct trap none;

	if (e->op == X_CONST)
		return e->value;
	program = lower_value(v->isa, &v->oracle->layout, e);
	oracle_execute(v, program, &none);
	free(program);
	return oracle_result(v);
}

static bool holds(const struct view *v, const struct code *code, uint64_t info)
{
	struct program *p = lower_code(v->isa, &v->oracle->layout, code, true, false);
	struct trap trap;
	bool so;

	oracle_call(v, p, &trap, info, 0, 0);
	so = oracle_result(v) != 0;
	free(p);
	return so;
}

const char *view_why(const struct view *v, const struct trap *trap)
{
	for (const struct isa_reason *r = v->isa->reason; r < v->isa->reason + v->isa->nreasons; r++)
		if (r->trap == trap->kind && (!r->code || holds(v, r->code, trap->info)))
			return r->text;
	return NULL;
}

bool view_fetch(struct view *v, uint64_t *word, uint64_t *place)
{
	uint64_t p = v->cpu->state[v->isa->role[ROLE_PC]->slot];
	struct trap trap;

	if (oracle_execute(v, v->oracle->fetch, &trap) == END_TRAP)
		return false;
	*word = v->cpu->state[v->oracle->layout.work + WORK_WORD];
	return view_translate(v, p, ACCESS_FETCH, place, &trap);
}

void view_goto(struct view *v, uint64_t p)
{
	const struct isa_reg *pc = v->isa->role[ROLE_PC];
	struct trap trap;

	p &= isa_mask(pc->width);
	if (v->oracle->go)
		oracle_call(v, v->oracle->go, &trap, p, 0, 0);
	else
		v->cpu->state[pc->slot] = p;
}

void view_reset(struct view *v)
{
	struct trap trap;

	memset(v->cpu->state, 0, v->isa->nslots * sizeof *v->cpu->state);
	if (v->oracle->reset &&
	    oracle_call(v, v->oracle->reset, &trap, v->window.size & isa_mask(v->isa->word), 0,
			0) == END_TRAP)
		v->cpu->status = CPU_CHECKSTOP;
}

/* ---- the oracle itself ---- */

static struct program *code(const struct oracle *o, const struct code *code, bool has_result,
			    bool undo)
{
	return code ? lower_code(o->isa, &o->layout, code, has_result, undo) : NULL;
}

static bool remaps(const struct isa *isa, const struct isa_instr *instr)
{
	for (unsigned i = 0; i < isa->nregs; i++)
		if (code_reads(isa->translate, &isa->reg[i]) &&
		    code_writes(&instr->code, &isa->reg[i]))
			return true;
	return false;
}

struct oracle *oracle_new(const struct isa *isa)
{
	struct oracle *o = xcalloc(1, sizeof *o);

	o->isa = isa;
	o->layout = lower_layout(isa);
	o->lines_log = LINES_LOG_LEAST;
	o->line = xcalloc(1u << o->lines_log, sizeof *o->line);
	o->fetch = lower_fetch(isa, &o->layout);
	for (int a = ACCESS_FETCH; a <= ACCESS_WRITE; a++)
		o->translate[a] = lower_translate(isa, &o->layout, (enum access)a);
	o->remaps = xcalloc(isa->ninstrs, sizeof *o->remaps);
	for (unsigned i = 0; i < isa->ninstrs; i++)
		o->remaps[i] = remaps(isa, &isa->instr[i]);
	for (int a = ACCESS_FETCH; o->layout.apart && a <= ACCESS_WRITE; a++)
		o->place[a] = lower_translate_within(isa, &o->layout, (enum access)a);
	o->trap_may_stay = isa->user && isa->trapseq && !code_loads(isa, isa->trapseq, isa->user);
	o->code[CODE_TRAPSEQ] = code(o, isa->trapseq, false, o->trap_may_stay);
	o->code[CODE_TICK] = code(o, isa->tick, false, false);
	o->code[CODE_HORIZON] = code(o, isa->horizon, true, false);
	o->code[CODE_SKIP] = code(o, isa->skip, false, false);
	o->interrupt = code(o, isa->interrupt, false, true);
	o->reset = code(o, isa->reset, false, false);
	o->go = code(o, isa->go, false, false);
	o->user = isa->user ? lower_value(isa, &o->layout, isa->user) : NULL;
	o->interrupt_steady = clock_interrupt_steady(isa);
	o->tick_steady = clock_tick_steady(isa);
	o->nclock = clock_inputs(isa, o->clock_slot);
	o->before_unit = xcalloc(isa->nslots, sizeof *o->before_unit);
	o->before_wait = xcalloc(isa->nslots, sizeof *o->before_wait);
	return o;
}

void oracle_free(struct oracle *o)
{
	if (!o)
		return;
	for (unsigned i = 0; i < 1u << o->lines_log; i++)
		free(o->line[i].program);
	for (int a = ACCESS_FETCH; a <= ACCESS_WRITE; a++)
		free(o->translate[a]), free(o->place[a]);
	free(o->line);
	free(o->undo);
	free(o->remaps);
	free(o->before_unit);
	free(o->before_wait);
	free(o->fetch);
	for (unsigned i = 0; i < CODES; i++)
		free(o->code[i]);
	free(o->interrupt);
	free(o->reset);
	free(o->go);
	free(o->user);
	free(o);
}
