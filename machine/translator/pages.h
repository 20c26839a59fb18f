/*
 * Pages: what translate does to them (page.c), what it did (page_cache.c), and what it searches as
 * code of the host (search.c).
 */
#ifndef MACHINE_TRANSLATOR_PAGES_H
#define MACHINE_TRANSLATOR_PAGES_H

#include "machine/oracle.h"
#include "machine/translator.h"

/*
 * Where translate depends on more than the context - elements of arrays, storage - accesses go
 * through a cache of what it gave, a page at a time: the low bits of an address pass through it.
 */
enum { PAGES_LOG = 12, PAGES = 1 << PAGES_LOG, WALKS = 32 };
struct paging {
	bool works;	  /* the rest counts: translate is one that goes by pages */
	unsigned log;	  /* of the units in a page at most */
	bool even[3];	  /* by access: one address of a page tells of all */
	const struct isa_reg *searched; /* by the one `find` in it; NULL: there is none */
	unsigned elements;	   /* that it has */
	const struct expr *search; /* this `find`; its local counts the elements */
	bool elsewhere;	  /* it reads other elements than those up to the one found, or registers
			     that are not of the context */
	unsigned nwalks;  /* loads in it */
	unsigned walk[WALKS]; /* units of each */
	struct program *translate[3]; /* notes the places of the loads; owned */
	struct program *alone[3]; /* the same, without loops; what was found is put into WORK_FOUND.
				     NULL: it walks; or owned */
	bool given[3];	  /* what was written of one element is all there is to know of a page that was
			     not found before */
	struct program *addresses; /* which addresses an element can match, where there is `match`;
				      puts WORK_MASK and WORK_VALUE; owned */
	struct program *match; /* what is searched for, if it speaks of the address and an element
				  alone; else NULL; owned */
};
/* From the description. */
void page_analyse(const struct translator *, struct paging *);
/* Is a register what is searched, or an array that has more about each of its elements?  Where
 * nothing is read elsewhere, translate reads these by the element that counts. */
bool page_runs_beside(const struct paging *, const struct isa_reg *);
/* The same of the array from a slot on, where that is watched. */
bool page_counts_by_number(const struct translator *, uint32_t slot);

/* By access, translate; whether an element matches; and which addresses it can match. */
enum searching { SEARCH_MATCH = ACCESS_WRITE + 1, SEARCH_ADDRESSES, SEARCHES };

/* Makes code of what was wanted often; nothing of the translator may be in use. */
void search_make(struct translator *, struct view *);
void search_forget(struct translator *);
/* translate without loops or loads, as code: a program to free. */
struct program *search_program(const struct translator *, enum access);
/* What that gives: the place, and in WORK_FOUND what was found; or a trap. */
enum searched { SEARCHED_NOT, SEARCHED_PLACE, SEARCHED_TRAP };
enum searched search_translate(struct translator *, const struct view *, enum access,
			       uint64_t address, uint64_t *place, struct trap *);
/* Would it stop at this one, if it came to it? */
bool search_match(struct translator *, const struct view *, enum access, uint64_t address,
		  uint64_t element);

/*
 * Which addresses can it match, whatever registers hold?  Those that have the bits of mask as value
 * has them; all have, if that cannot be told.
 */
struct match {
	uint64_t mask, value;
};
struct match search_addresses(struct translator *, const struct view *, uint64_t element);
/* Its program, which puts WORK_MASK and WORK_VALUE; to free. */
struct program *search_addresses_program(const struct translator *);

/* A page that is in storage from `place` on; `tag`: its first address, or no address. */
struct page_line {
	uint64_t tag, place;
};
/* Of which elements it came: it is in a list of those that came of as many. */
struct page_origin {
	uint32_t depends; /* on so many elements, from the first one on; 0: on nothing; one more than
			     there are: on other things, too */
	uint16_t next, before; /* lines of the same, and 1 more; 0: none */
};
/* By number: access * PAGES + index. */
enum { PAGE_LINES = (ACCESS_WRITE + 1) * PAGES };
struct page_lines {
	struct page_line line[PAGE_LINES];
	struct page_origin origin[PAGE_LINES];
};
_Static_assert(PAGE_LINES < UINT16_MAX, "a line's number fits");
struct page_cache {
	struct page_line *line;
	struct page_origin *origin;
	unsigned log;	       /* of the units in a page; 0: no page fits the window */
	uint64_t verified;     /* translator->pages when what it says was so */
	unsigned ndependent;   /* lines that depend on something */
	uint16_t *first;       /* of the list of each `depends` but 0: as page_origin has them; owned */
	struct page_lines *lines; /* both; owned */
};

/* What of that which pages depend on has changed. */
struct change {
	uint64_t element; /* the first one of what is searched; UINT64_MAX: none */
	uint64_t only;	  /* enum only: nothing else */
	struct match match; /* which addresses it can match now */
};
enum only { NOT_ONLY, ONLY, ONLY_TOLD }; /* the match stands there only where that is told */
enum { CHANGES = 32 };

struct context;
void page_cache_init(const struct translator *, struct page_cache *, uint64_t size);
void page_cache_fini(struct page_cache *);
/* Looks whether what pages depend on has changed. */
void page_cache_note(struct translator *, const struct view *);
/* Is what it says still so, as was noted? */
bool page_cache_holds(const struct translator *, struct page_cache *);
/* Drops what may not be so any more, as was noted. */
void page_cache_refresh(struct translator *, struct context *, const struct view *);
/* Drops all that translate searched for. */
void page_cache_drop(const struct translator *, struct context *);
/* Where n units from an address on are, if the cache tells: see struct oracle. */
bool page_cache_knows(const struct translator *, const struct context *, enum access,
		      uint64_t address, unsigned n, uint64_t *place);
/* Where an address is, NULL if that cannot be kept; from the cache alone, if there is no view. */
const struct page_line *page_cache_get(struct translator *, struct context *, const struct view *,
				       enum access, uint64_t address);
/*
 * The page that translated code, which left for a reason of enum leave, did not find there, if so:
 * it is there now, or the access traps, by *trap.
 */
enum missed { MISSED_NOTHING, MISSED_FILLED, MISSED_TRAPS };
enum missed page_cache_missed(struct translator *, struct context *, const struct view *,
			      uint64_t why, struct trap *trap);
/* A page for which round_missing trapped is there now, if what was written since has it there. */
void page_cache_fill_trapped(struct translator *, struct context *, const struct view *);
/* The page that round_missing found is there now, as the state vector has it; false: it was there, or
 * none was found. */
bool page_cache_fill_told(const struct translator *, struct context *, uint64_t *state, enum access);

#endif
