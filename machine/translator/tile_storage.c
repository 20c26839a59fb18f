/*
 * The operations on storage, and on arrays of registers, as instructions of the host.
 */
#include "machine/translator/tiler.h"

#include <stddef.h>

/* ---- arrays of registers ---- */

static struct x86_memory element_at(const struct tiler *w, unsigned index, uint32_t first)
{
	struct x86_memory m = tile_home(w, first);

	m.index = index;
	m.scale = sizeof(uint64_t);
	return m;
}

static void get_element(struct tiler *w, const struct uop *u)
{
	unsigned index = tile_in(w, u->a, RAX), d = tile_out(w, u->d);
	uint8_t *past = NULL;

	if (!(u->aux & EXACT)) {
		d = d == index ? RCX : d;
		x86_constant(&w->x, d, 0);
		x86_ri(&w->x, true, G1_CMP, index, (int32_t)u->imm);
		past = x86_jcc(&w->x, CC_AE);
	}
	x86_rm(&w->x, true, OP_LOAD, d, element_at(w, index, u->b));
	if (past)
		x86_patch(past, w->x.at);
	tile_put(w, u->d, d);
}

static void set_element(struct tiler *w, const struct uop *u)
{
	unsigned index = tile_in(w, u->a, RAX), value = tile_in(w, u->d, RCX);
	uint8_t *past = NULL;

	if (!(u->aux & EXACT)) {
		x86_ri(&w->x, true, G1_CMP, index, (int32_t)u->imm);
		past = x86_jcc(&w->x, CC_AE);
	}
	x86_rm(&w->x, true, OP_STORE, value, element_at(w, index, u->b));
	if (past)
		x86_patch(past, w->x.at);
}

void tile_element(struct tiler *w, const struct uop *u, bool set)
{
	if (set)
		exit_note_element(w, u), set_element(w, u);
	else
		get_element(w, u);
}

/* ---- storage ---- */

static unsigned cell_size(const struct tiler *w)
{
	return w->t->storage->cell_size;
}

const uint8_t *tile_origin(const struct tiler *w)
{
	const uint8_t *cell = w->t->storage->cell;

	return cell + (w->key->base + w->origin) * cell_size(w);
}

/* place RSP: none. */
static struct x86_memory cell_at(const struct tiler *w, unsigned place, uint32_t offset)
{
	int64_t distance = (int32_t)offset - (int64_t)w->origin;

	return (struct x86_memory){ .base = R14,
				    .index = place,
				    .scale = cell_size(w),
				    .disp = (int32_t)(distance * cell_size(w)) };
}

/* Of a map that stands before the cells: the byte `index`, a register, behind `first`. */
static struct x86_memory map_at(const struct tiler *w, const uint8_t *first, unsigned index)
{
	return (struct x86_memory){
		.base = R14, .index = index, .scale = 1, .disp = (int32_t)(first - tile_origin(w))
	};
}

static struct x86_memory code_at(const struct tiler *w, unsigned place, uint32_t offset)
{
	const uint8_t *window = w->t->storage->code + w->key->base;

	return map_at(w, window + (int32_t)offset, place);
}

/* Is a place, in a register, in storage? */
static void compare_to_size(struct tiler *w, unsigned place)
{
	if (w->key->size <= INT32_MAX) {
		x86_ri(&w->x, true, G1_CMP, place, (int32_t)w->key->size);
	} else {
		x86_constant(&w->x, RDX, w->key->size);
		x86_rr(&w->x, true, OP_CMP, place, RDX);
	}
}

void tile_check(struct tiler *w, const struct uop *u)
{
	compare_to_size(w, tile_in(w, u->a, RAX));
	exit_cold(w, CC_AE);
}

static void load_bytes(struct tiler *w, unsigned bytes, unsigned d, struct x86_memory m)
{
	static const unsigned op[] = {
		[1] = OP_MOVZX8, [2] = OP_MOVZX16, [4] = OP_LOAD, [8] = OP_LOAD
	};

	x86_rm(&w->x, bytes == 8, op[bytes], d, m);
}

static void store_bytes(struct tiler *w, unsigned bytes, unsigned value, struct x86_memory m)
{
	if (bytes == 1)
		x86_rm8(&w->x, OP_STORE8, value, m);
	else if (bytes == 2)
		x86_rm16(&w->x, OP_STORE, value, m);
	else
		x86_rm(&w->x, bytes == 8, OP_STORE, value, m);
}

/* The bytes of a value the other way round. */
static void turn(struct tiler *w, unsigned reg, unsigned bytes)
{
	x86_bswap(&w->x, bytes == 8, reg);
	if (bytes == 2)
		x86_shift(&w->x, false, G2_SHR, reg, 16);
}

static unsigned place_in(struct tiler *w, uint32_t slot, unsigned scratch)
{
	return slot == NO_INDEX ? RSP : tile_in(w, slot, scratch);
}

void tile_load(struct tiler *w, const struct uop *u, unsigned n)
{
	unsigned place = place_in(w, u->a, RAX), d = tile_out(w, u->d), bytes = n * cell_size(w);

	load_bytes(w, bytes, d, cell_at(w, place, u->b));
	if (u->aux & 1)
		turn(w, d, bytes);
	tile_put(w, u->d, d);
}

/* rdx := the write log. */
static void load_log(struct tiler *w)
{
	x86_constant(&w->x, RDX, (uintptr_t)&w->t->storage->log);
	x86_rm(&w->x, true, OP_LOAD, RDX, (struct x86_memory){ .base = RDX, .index = RSP });
}

/* Is there room in the write log?  The oracle makes some. */
static void want_log(struct tiler *w, unsigned n)
{
	struct x86_memory m = { .base = RDX, .index = RSP };

	load_log(w);
	m.disp = offsetof(struct write_log, capacity);
	x86_rm(&w->x, true, OP_LOAD, RAX, m);
	m.disp = offsetof(struct write_log, count);
	x86_rm(&w->x, true, OP_SUB, RAX, m);
	x86_ri(&w->x, true, G1_CMP, RAX, (int32_t)n);
	exit_cold(w, CC_B);
}

/* Adds n addresses from place + offset on. */
static void log_units(struct tiler *w, unsigned place, uint32_t offset, unsigned n)
{
	struct x86_memory m = { .base = RDX, .index = RSP },
			  address = { .base = place, .index = RSP };

	address.disp = (int32_t)((int64_t)w->key->base + (int32_t)offset);
	if (place == RSP)
		x86_constant(&w->x, RCX, (uint64_t)(int64_t)address.disp);
	else
		x86_rm(&w->x, true, OP_LEA, RCX, address);
	load_log(w);
	m.disp = offsetof(struct write_log, count);
	x86_rm(&w->x, true, OP_LOAD, RAX, m);
	x86_ri(&w->x, true, G1_ADD, RAX, (int32_t)n);
	x86_rm(&w->x, true, OP_STORE, RAX, m);
	m.disp = offsetof(struct write_log, address);
	x86_rm(&w->x, true, OP_LOAD, RDX, m);
	for (unsigned i = 0; i < n; i++) {
		x86_rm(&w->x, true, OP_STORE, RCX,
		       (struct x86_memory){ .base = RDX,
					    .index = RAX,
					    .scale = 8,
					    .disp = (int32_t)(8 * i) - (int32_t)(8 * n) });
		x86_ri(&w->x, true, G1_ADD, RCX, 1);
	}
}

unsigned tile_seek_code(struct tiler *w, const struct near_code *c, uint8_t **found)
{
	unsigned n = 0, size;

	for (unsigned i = 0; i < c->count; i += size) {
		struct x86_memory m = code_at(w, c->place, c->offset + i);

		for (size = c->bits ? 4 : 8; i + size > c->count; size /= 2)
			;
		if (c->bits)
			x86_test_mi(&w->x, size, m, c->bits);
		else
			x86_cmp_mi(&w->x, size, m, 0);
		found[n++] = x86_jcc(&w->x, CC_NE);
	}
	return n;
}

static bool is_small(uint32_t offset)
{
	enum { SMALL = 64 };

	return offset + SMALL < 2 * SMALL;
}

/* A place that is mostly constant is near the program itself, unless the constant is the
 * relocation.
 */
static bool far_from_code(const struct tiler *w, unsigned place, uint32_t offset)
{
	return place != RSP && (is_small(offset) || is_small(offset - (uint32_t)w->origin));
}

/* The byte of the line that a place is in; rdx changes. */
static struct x86_memory line_of(struct tiler *w, unsigned place, int32_t displacement)
{
	const uint8_t *first = w->t->storage->code_line;

	if (displacement % (1 << CODE_LINE_LOG) == 0) {
		x86_rr(&w->x, false, OP_LOAD, RDX, place);
		first += displacement >> CODE_LINE_LOG;
	} else {
		x86_rm(&w->x, false, OP_LEA, RDX,
		       (struct x86_memory){ .base = place, .index = RSP, .disp = displacement });
	}
	x86_shift(&w->x, false, G2_SHR, RDX, CODE_LINE_LOG);
	return map_at(w, first, RDX);
}

/* Most loads are not where anything is watched for reading. */
static void seek_watched(struct tiler *w, const struct near_code *c)
{
	const struct key *k = w->key;
	int32_t last = (int32_t)c->count - 1;
	struct x86_memory end = { .base = c->place, .index = RSP };

	end.disp = (int32_t)c->offset + last - (int32_t)k->from;
	x86_rm(&w->x, false, OP_LEA, RDX, end);
	x86_ri(&w->x, false, G1_CMP, RDX, (int32_t)(k->to - k->from) + last);
	exit_near_code(w, CC_B, c);
}

/* The map by lines tells most often that there is none around. */
static void seek_by_lines(struct tiler *w, const struct near_code *c)
{
	int32_t displacement = (int32_t)w->key->base + (int32_t)c->offset;

	x86_cmp_mi(&w->x, 1, line_of(w, c->place, displacement), 0);
	exit_near_code(w, CC_NE, c);
}

void tile_no_code(struct tiler *w, const struct uop *u)
{
	struct near_code c = { .offset = u->b, .count = (unsigned)u->imm, .bits = (uint8_t)u->aux };

	if (w->key->logged && !c.bits)
		want_log(w, c.count);
	c.place = place_in(w, u->a, RCX);
	if (c.bits && c.place != RSP)
		seek_watched(w, &c);
	else if (!c.bits && far_from_code(w, c.place, u->b))
		seek_by_lines(w, &c);
	else
		exit_code(w, &c);
}

void tile_store(struct tiler *w, const struct uop *u, unsigned n)
{
	unsigned place = place_in(w, u->a, RCX), value = tile_in(w, u->d, RAX),
		 bytes = n * cell_size(w);

	if (u->aux & 1) {
		x86_move(&w->x, RAX, value);
		turn(w, value = RAX, bytes);
	}
	store_bytes(w, bytes, value, cell_at(w, place, u->b));
	if (w->key->logged)
		log_units(w, place, u->b, n);
}

static void undo_storage(struct tiler *w, const struct uop *u)
{
	struct x86_memory m = { .base = RDX, .index = RSP };
	unsigned n = (unsigned)u->imm, place = tile_in(w, u->a, RCX), old = tile_in(w, u->d, RAX);
	uint8_t *nothing;

	compare_to_size(w, place);
	nothing = x86_jcc(&w->x, CC_AE);
	store_bytes(w, n * cell_size(w), old, cell_at(w, place, 0));
	if (w->key->logged) {
		load_log(w);
		m.disp = offsetof(struct write_log, count);
		x86_rm(&w->x, true, OP_LOAD, RAX, m);
		x86_ri(&w->x, true, G1_SUB, RAX, (int32_t)n);
		x86_rm(&w->x, true, OP_STORE, RAX, m);
	}
	x86_patch(nothing, w->x.at);
}

void tile_undo(struct tiler *w, const struct uop *u)
{
	if (u->op == T_UNDO_SLOT)
		tile_put(w, u->b, tile_in(w, u->d, RAX));
	else if (u->op == T_UNDO_ELEM)
		set_element(w, u);
	else
		undo_storage(w, u);
}
