/* isa/lex, isa/parse: the shape of descriptions. */
#include "isa/ast.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct diag_list *list;
static struct ast *ast;

static void set_up(void)
{
	list = diag_new();
	ast = NULL;
}

static void tear_down(void)
{
	ast_free(ast);
	diag_free(list);
}

static void parse(const char *text)
{
	ast_free(ast);
	ast = ast_parse(list, diag_read_text(list, "test", text));
	ck_assert_ptr_nonnull(ast);
}

/* Parses items of a machine, which must have no error, and returns the first. */
static struct ast_item *items(const char *text)
{
	char *whole = malloc(strlen(text) + 32);
	unsigned before = diag_errors(list);

	sprintf(whole, "machine m {\n%s\n}\n", text);
	parse(whole);
	free(whole);
	ck_assert_uint_eq(diag_errors(list), before);
	return ast->items;
}

static struct ast_stmt *stmts(const char *text)
{
	char *whole = malloc(strlen(text) + 32);
	struct ast_stmt *body;

	sprintf(whole, "fn f() { %s }", text);
	body = items(whole)->body;
	free(whole);
	return body;
}

static struct ast_expr *expr(const char *text)
{
	char *whole = malloc(strlen(text) + 32);
	struct ast_expr *e;

	sprintf(whole, "x := %s;", text);
	e = stmts(whole)->value;
	free(whole);
	return e;
}

/* An expression with all its parentheses: "(+ a (* b c))". */
static void show(FILE *out, const struct ast_expr *e)
{
	static const char *const name[] = {
		[A_MEMBER] = ".",  [A_INDEX] = "[]",  [A_SLICE] = "[:]", [A_CALL] = "call",
		[A_CONCAT] = "{}", [A_FIND] = "find", [A_COND] = "?",	 [A_NEG] = "neg",
		[A_NOT] = "~",	   [A_LNOT] = "!",    [A_MUL] = "*",	 [A_UDIV] = "/",
		[A_UREM] = "%",	   [A_SDIV] = "/s",   [A_SREM] = "%s",	 [A_ADD] = "+",
		[A_SUB] = "-",	   [A_SHL] = "<<",    [A_LSHR] = ">>",	 [A_ASHR] = ">>s",
		[A_AND] = "&",	   [A_XOR] = "^",     [A_OR] = "|",	 [A_EQ] = "==",
		[A_NE] = "!=",	   [A_ULT] = "<",     [A_ULE] = "<=",	 [A_UGT] = ">",
		[A_UGE] = ">=",	   [A_SLT] = "<s",    [A_SLE] = "<=s",	 [A_SGT] = ">s",
		[A_SGE] = ">=s",   [A_LAND] = "&&",   [A_LOR] = "||",
	};

	if (e->op == A_NUMBER && e->width) {
		fprintf(out, "%u'%llu", e->width, (unsigned long long)e->value);
	} else if (e->op == A_NUMBER) {
		fprintf(out, "%llu", (unsigned long long)e->value);
	} else if (e->op == A_NAME) {
		fputs(e->name, out);
	} else {
		fprintf(out, "(%s%s%s", name[e->op], e->name ? " " : "", e->name ? e->name : "");
		for (int i = 0; i < 3 && e->arg[i]; i++) {
			fputc(' ', out);
			show(out, e->arg[i]);
		}
		for (const struct ast_expr *x = e->list; x; x = x->next) {
			fputc(' ', out);
			show(out, x);
		}
		fputc(')', out);
	}
}

static void expect_shape(const struct ast_expr *e, const char *shape)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	show(out, e);
	fclose(out);
	ck_assert_str_eq(text, shape);
	free(text);
}

static void expect_expr(const char *text, const char *shape)
{
	expect_shape(expr(text), shape);
}

/* Parses a whole text that has exactly one error, there, whose message begins so. */
static void expect_error(const char *text, int line, int column, const char *message)
{
	enum diag_level level;
	struct place place;
	const char *said;
	unsigned before = diag_errors(list);

	parse(text);
	ck_assert_uint_eq(diag_errors(list), before + 1);
	ck_assert(diag_get(list, before, &level, &place, &said));
	ck_assert_msg(!strncmp(said, message, strlen(message)), "'%s' does not begin with '%s'",
		      said, message);
	ck_assert_int_eq(place.line, line);
	ck_assert_int_eq(place.column, column);
}

/* ---- words */

START_TEST(numbers_have_three_bases_and_underscores)
{
	expect_expr("1_000 + 0xFf + 0b1_01", "(+ (+ 1000 255) 5)");
	expect_expr("0xffff_ffff_ffff_ffff", "18446744073709551615");
}
END_TEST

START_TEST(a_number_may_have_a_width)
{
	expect_expr("{3'0, 8'0xff, 64'1, 2'0b11}", "({} 3'0 8'255 64'1 2'3)");
}
END_TEST

START_TEST(the_s_of_an_operator_is_not_the_beginning_of_a_name)
{
	expect_expr("a <s b", "(<s a b)");
	expect_expr("a <sb", "(< a sb)");
	expect_expr("a < s", "(< a s)");
	expect_expr("a /size", "(/ a size)");
	expect_expr("a >=s(b)", "(>=s a b)");
	expect_expr("a >>s 1 >> s2", "(>> (>>s a 1) s2)");
}
END_TEST

START_TEST(strings_have_escapes_and_are_joined)
{
	ck_assert_str_eq(items("map m \"a\\\"b\" /* and */ \"\\\\\\n\" { }")->doc, "a\"b\\\n");
}
END_TEST

START_TEST(comments_are_blanks)
{
	expect_expr("a // + b\n + /* c\n */ d", "(+ a d)");
}
END_TEST

START_TEST(wrong_words_are_refused_at_their_place)
{
	expect_error("machine m { word 0x; }", 1, 18, "digits are missing");
	expect_error("machine m { word 12a; }", 1, 20, "'a' is not a digit");
	expect_error("machine m { word 0b12; }", 1, 21, "'2' is not a digit");
	expect_error("machine m { word 18446744073709551616; }", 1, 18, "this number does not fit");
	expect_error("machine m { word 3'8; }", 1, 18, "this number does not fit in its 3 bits");
	expect_error("machine m { word 65'8; }", 1, 18, "a width is 1 to 64 bits");
	expect_error("machine m { word 0'0; }", 1, 18, "a width is 1 to 64 bits");
	expect_error("machine m { word 3'x; }", 1, 20, "a number must follow the width");
	expect_error("machine m \"a\\t\" { }", 1, 13, "unknown escape");
	expect_error("machine m \"a\n{ }", 1, 11, "this string is not closed");
	expect_error("machine m { } /* \n", 1, 15, "this comment is not closed");
	expect_error("machine m { $ }", 1, 13, "'$' has no meaning");
	expect_error("machine m { \xc3\xa4\xc3\xb6 }", 1, 13, "only ASCII");
}
END_TEST

/* ---- expressions */

START_TEST(operators_bind_as_the_manual_says)
{
	expect_expr("a || b && c == d | e ^ f & g << h + i * j",
		    "(|| a (&& b (== c (| d (^ e (& f (<< g (+ h (* i j)))))))))");
	expect_expr("a * b + c << d & e ^ f | g == h && i || j",
		    "(|| (&& (== (| (^ (& (<< (+ (* a b) c) d) e) f) g) h) i) j)");
	expect_expr("a - b - c", "(- (- a b) c)");
	expect_expr("a /s b %s c % d / e", "(/ (% (%s (/s a b) c) d) e)");
	expect_expr("-~!a[0].b", "(neg (~ (! (. b ([] a 0)))))");
}
END_TEST

START_TEST(a_condition_nests_to_the_right)
{
	expect_expr("a ? b : c ? d : e", "(? a b (? c d e))");
	expect_expr("a ? b ? c : d : e", "(? a (? b c d) e)");
	expect_expr("x[a ? 1 : 2 : 0]", "([:] x (? a 1 2) 0)");
}
END_TEST

START_TEST(indices_slices_members_and_calls_follow_each_other)
{
	expect_expr("TLB[i].VPN[7:0]", "([:] (. VPN ([] TLB i)) 7 0)");
	expect_expr("f(a, b)[0]", "([] (call f a b) 0)");
	expect_expr("f()", "(call f)");
	expect_expr("phys[8][0]", "([] ([] phys 8) 0)");
	expect_expr("{a, b}[3]", "([] ({} a b) 3)");
}
END_TEST

START_TEST(find_is_an_expression)
{
	expect_expr("find e in TLB where TLB[e] == a && v",
		    "(find e TLB (&& (== ([] TLB e) a) v))");
	expect_expr("find + 1", "(+ find 1)");
}
END_TEST

START_TEST(comparisons_do_not_chain)
{
	expect_error("machine m { user = a < b < c; }", 1, 26, "comparisons do not chain");
	expect_expr("(a < b) == c", "(== (< a b) c)");
}
END_TEST

START_TEST(places_are_of_operators_and_first_tokens)
{
	const struct ast_expr *e = expr("aa + b[1]");

	ck_assert_int_eq(e->place.line, 2);
	ck_assert_int_eq(e->place.column, 18);
	ck_assert_int_eq(e->arg[1]->place.column, 20);
}
END_TEST

static char *repeat(const char *before, const char *piece, int n, const char *after)
{
	char *text = malloc(strlen(before) + strlen(piece) * (size_t)n + strlen(after) + 1);
	char *p = stpcpy(text, before);

	for (int i = 0; i < n; i++)
		p = stpcpy(p, piece);
	strcpy(p, after);
	return text;
}

static void expect_too_deep(const char *before, const char *piece, const char *after)
{
	char *text = repeat(before, piece, 20000, after);
	unsigned errors = diag_errors(list);

	parse(text);
	ck_assert_uint_gt(diag_errors(list), errors);
	ck_assert_uint_le(diag_errors(list), errors + 2);
	free(text);
}

START_TEST(deep_nesting_is_an_error_not_a_crash)
{
	expect_too_deep("machine m { user = ", "(", "");
	expect_too_deep("machine m { user = a", "[0]", "; }");
	expect_too_deep("machine m { user = a", " + a", "; }");
	expect_too_deep("machine m { user = ", "-", "a; }");
	expect_too_deep("machine m { user = ", "a ? b : ", "c; }");
	expect_too_deep("machine m { user = ", "find a in B where ", "c; }");
	expect_too_deep("machine m { fn f() ", "{", "");
	expect_too_deep("machine m { fn f() {", "if (a) ", "");
	expect_too_deep("machine m { fn f() {", "if (a) wait; else ", "wait; } }");
}
END_TEST

/* ---- statements */

START_TEST(every_statement_has_its_parts)
{
	struct ast_stmt *s = stmts("let x : word = 1; G[i] := 2; trap svc(3) next; memtrap(4); "
				   "memtrap; privileged; return 5; return; out(CON, 6, 7); "
				   "halt; halt(8); wait; f(9); { wait; }");
	static const enum ast_stmt_op ops[] = {
		AS_LET,	   AS_ASSIGN, AS_TRAP, AS_MEMTRAP, AS_MEMTRAP, AS_PRIVILEGED, AS_RETURN,
		AS_RETURN, AS_OUT,    AS_HALT, AS_HALT,	   AS_WAIT,    AS_CALL,	      AS_BLOCK,
	};

	ck_assert_str_eq(s->type->name, "word");
	expect_shape(s->next->target, "([] G i)");
	ck_assert_int_eq(s->next->next->phase, AP_NEXT);
	ck_assert_uint_eq(s->next->next->value->value, 3);
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++, s = s->next)
		ck_assert_int_eq(s->op, ops[i]);
	ck_assert_ptr_null(s);
}
END_TEST

START_TEST(out_and_out_with_a_register_differ_only_there)
{
	expect_shape(stmts("out(CON, 5);")->target, "0");
	expect_shape(stmts("out(CON, 1, 5);")->target, "1");
	expect_shape(stmts("out(CON, 1, 5);")->value, "5");
}
END_TEST

START_TEST(an_else_belongs_to_the_nearest_if)
{
	struct ast_stmt *s = stmts("if (a) if (b) wait; else halt;");

	ck_assert_ptr_null(s->otherwise);
	ck_assert_int_eq(s->body->otherwise->op, AS_HALT);
}
END_TEST

START_TEST(loops_and_searches_take_a_statement_or_a_block)
{
	struct ast_stmt *s = stmts("for i in 0..3 wait; for i in 0..N - 1 { wait; halt; } "
				   "find e in TLB where (TLB[e] == a) { wait; } else halt;");

	ck_assert_str_eq(s->name, "i");
	ck_assert_int_eq(s->body->op, AS_WAIT);
	expect_shape(s->next->limit, "(- N 1)");
	s = s->next->next;
	ck_assert_int_eq(s->op, AS_FIND);
	expect_shape(s->target, "TLB");
	expect_shape(s->value, "(== ([] TLB e) a)");
	ck_assert_int_eq(s->body->op, AS_BLOCK);
	ck_assert_int_eq(s->otherwise->op, AS_HALT);
}
END_TEST

START_TEST(words_of_the_language_are_names_elsewhere)
{
	struct ast_stmt *s = stmts("trap := wait + 1; let[1] := device; trap timer; if.x := 2;");

	expect_shape(s->target, "trap");
	expect_shape(s->value, "(+ wait 1)");
	ck_assert_str_eq(s->next->next->name, "timer");
	items("visible instr : word, machine : word;");
}
END_TEST

START_TEST(several_errors_are_found_in_one_run)
{
	parse("machine m {\n"
	      "  word;\n"
	      "  fn f() { x = 1; if (x { y := 2; } else { z := 3; } x := {a b} + 1; w := ; v := 1; }\n"
	      "  bogus;\n"
	      "  word 32;\n"
	      "}\n");
	ck_assert_uint_eq(diag_errors(list), 6);
	ck_assert_int_eq(ast->items->kind, AI_FN);
	ck_assert_int_eq(ast->items->next->kind, AI_WORD);
}
END_TEST

START_TEST(a_missing_semicolon_is_reported_where_it_is_missing)
{
	expect_error("machine m {\n  word 32\n  user = a;\n}", 2, 10, "a ';' is missing here");
	ck_assert_int_eq(ast->items->next->kind, AI_USER);
	expect_error("machine m { fn f() { wait } }", 1, 26, "a ';' is missing here");
	expect_error("machine m { fn f() { x := 1 2; } }", 1, 29, "expected ';' here, not '2'");
}
END_TEST

START_TEST(a_missing_brace_is_reported_at_the_next_item)
{
	expect_error("machine m {\n fn f() { if (a) { wait;\n instr A I op=1 { }\n}", 3, 2,
		     "'instr' begins an item; a '}' is missing before it");
	expect_error("machine m {\n  fn f() {\n    wait;\n", 2, 10, "this '{' is not closed");
}
END_TEST

START_TEST(wrong_statements_are_refused)
{
	expect_error("machine m { fn f() { x = 1; } }", 1, 24, "an assignment is written ':='");
	expect_error("machine m { fn f() { x; } }", 1, 23, "expected ':=' here, not ';'");
	expect_error("machine m { fn f() { else x := 1; } }", 1, 22,
		     "this 'else' belongs to no 'if'");
	expect_error("machine m { fn f() { trap a soon; } }", 1, 29, "expected ';' or a phase");
	expect_error("machine m { fn f() { 5 := x; } }", 1, 22,
		     "expected a statement here, not '5'");
	expect_error("machine m { fn f() { x := {}; } }", 1, 27, "there is nothing between");
}
END_TEST

/* ---- items */

START_TEST(a_machine_has_a_name_with_hyphens_and_a_doc_string)
{
	parse("machine pg-jrst1-2 \"what \" \"it is\" { }");
	ck_assert_uint_eq(diag_errors(list), 0);
	ck_assert_str_eq(ast->name, "pg-jrst1-2");
	ck_assert_str_eq(ast->doc, "what it is");
	expect_error("machine a - b { }", 1, 11, "expected '{' here, not '-'");
}
END_TEST

START_TEST(registers_take_attributes_in_any_order)
{
	struct ast_entry *e =
		items("control A : word \"doc\" role base, B[4] : 8 constant time,\n"
		      "  C : 16 { IM : 15..8 \"mask\", PM : 1..1 : Mode, IE : 0, } time;")
			->entries;

	ck_assert_str_eq(e->doc, "doc");
	ck_assert_str_eq(e->role, "base");
	e = e->next;
	ck_assert(e->constant && e->time);
	ck_assert_uint_eq(e->count->value, 4);
	ck_assert_uint_eq(e->type->bits, 8);
	e = e->next;
	ck_assert(e->time && !e->constant);
	ck_assert_str_eq(e->bits->name, "IM");
	ck_assert_str_eq(e->bits->doc, "mask");
	ck_assert_uint_eq(e->bits->hi->value, 15);
	ck_assert_uint_eq(e->bits->lo->value, 8);
	ck_assert_str_eq(e->bits->next->type->name, "Mode");
	ck_assert_ptr_null(e->bits->next->next->lo);
	expect_error("machine m { control A : 1 time time; }", 1, 32, "this is said");
	expect_error("machine m { control A : 1 tyme; }", 1, 27, "expected role, time, constant");
}
END_TEST

START_TEST(items_have_their_parts)
{
	struct ast_item *i =
		items("word 32; addressing byte endian(STATUS.BE); abstract translation;\n"
		      "enum Mode \"modes\" { s \"one\", u = 2, } const A = 1, B = A;\n"
		      "user = M == u; device CON : console(line = 0, delay = 2) \"c\";\n"
		      "traps a = 1 \"x\", b; invariant A == 1; device D;");

	expect_shape(i->value, "32");
	i = i->next;
	ck_assert_str_eq(i->name, "byte");
	ck_assert_int_eq(i->endian, AE_EXPR);
	expect_shape(i->value, "(. BE STATUS)");
	i = i->next->next;
	ck_assert_str_eq(i->doc, "modes");
	ck_assert_str_eq(i->entries->doc, "one");
	expect_shape(i->entries->next->value, "2");
	i = i->next;
	expect_shape(i->entries->next->value, "A");
	i = i->next->next;
	ck_assert_str_eq(i->name, "CON");
	ck_assert_str_eq(i->other, "console");
	ck_assert_str_eq(i->entries->next->name, "delay");
	ck_assert_str_eq(i->doc, "c");
	i = i->next;
	ck_assert_str_eq(i->entries->doc, "x");
	ck_assert_ptr_null(i->entries->next->value);
	ck_assert_int_eq(i->next->kind, AI_INVARIANT);
	ck_assert_ptr_null(i->next->next->other);
}
END_TEST

START_TEST(byte_order_is_a_word_or_an_expression)
{
	ck_assert_int_eq(items("addressing byte little;")->endian, AE_LITTLE);
	ck_assert_int_eq(items("addressing byte big;")->endian, AE_BIG);
	ck_assert_int_eq(items("addressing word;")->endian, AE_NONE);
	expect_error("machine m { addressing bits; }", 1, 24, "expected 'word' or 'byte'");
	expect_error("machine m { addressing byte middle; }", 1, 29, "expected 'little', 'big'");
}
END_TEST

START_TEST(functions_have_typed_parameters_and_results)
{
	struct ast_item *i = items("fn f(a, b : word) : 8 { return a; } translate(a, access) { }");

	ck_assert_ptr_null(i->entries->type);
	ck_assert_str_eq(i->entries->next->type->name, "word");
	ck_assert_uint_eq(i->type->bits, 8);
	ck_assert_int_eq(i->next->kind, AI_CODE);
	ck_assert_str_eq(i->next->name, "translate");
	ck_assert_str_eq(i->next->entries->next->name, "access");
}
END_TEST

static void expect_instruction(const char *text)
{
	struct ast_item *i = items(text);

	ck_assert_str_eq(i->name, "A");
	ck_assert_str_eq(i->other, "I");
	ck_assert_str_eq(i->syntax, "A {rd}");
	ck_assert_str_eq(i->doc, "does it");
	ck_assert(i->physical);
	ck_assert_str_eq(i->entries->next->name, "rd");
	expect_shape(i->entries->next->value, "(+ K 1)");
	ck_assert_int_eq(i->body->op, AS_WAIT);
}

START_TEST(an_instruction_says_its_parts_in_any_order)
{
	expect_instruction("instr A I op=1, rd=K + 1 \"A {rd}\" \"does it\" physical { wait; }");
	expect_instruction(
		"instr A I physical op=1, rd=K + 1 \"A {rd}\" \"does \" \"it\" { wait; }");
	expect_instruction("instr A I \"A {rd}\" physical \"does it\" op=1 rd=K + 1 { wait; }");
	expect_instruction("instr A I \"A {rd}\" \"does it\" op=1, rd=K + 1 physical { wait; }");
	ck_assert_ptr_null(items("instr A I op=1 { }")->syntax);
	expect_error("machine m { instr A I op=1, { } }", 1, 29, "expected another field");
	expect_error("machine m { instr A I \"a\" \"b\" physical \"c\" { } }", 1, 40,
		     "an instruction has a syntax string and one");
}
END_TEST

START_TEST(formats_have_fixed_fields_and_docs)
{
	struct ast_item *i =
		items("format R \"three registers\" { op:8, rd:4 \"target\", zero:12 = 0 }");

	ck_assert_str_eq(i->doc, "three registers");
	ck_assert_uint_eq(i->entries->type->bits, 8);
	ck_assert_str_eq(i->entries->next->doc, "target");
	expect_shape(i->entries->next->next->value, "0");
}
END_TEST

START_TEST(a_map_has_a_line_for_each_register)
{
	struct ast_map_line *l =
		items("map paper \"f\" { M := u; L, B composed; T virtual; C mirrored; }")->lines;

	expect_shape(l->value, "u");
	ck_assert_str_eq(l->next->reg, "L");
	ck_assert_int_eq(l->next->kind, AM_COMPOSED);
	ck_assert_str_eq(l->next->next->reg, "B");
	ck_assert_int_eq(l->next->next->kind, AM_COMPOSED);
	ck_assert_int_eq(l->next->next->next->kind, AM_VIRTUAL);
	ck_assert_int_eq(l->next->next->next->next->kind, AM_MIRRORED);
	expect_error("machine m { map f { A kept; } }", 1, 23, "expected ':=', ',', 'composed'");
}
END_TEST

START_TEST(items_are_overridden_and_removed_by_name)
{
	struct ast_item *i = items("override instr A I op=1 { } override tick() { } "
				   "remove instr B; remove reg C;");

	ck_assert(i->override);
	ck_assert(i->next->override);
	ck_assert_str_eq(i->next->next->other, "instr");
	ck_assert_str_eq(i->next->next->name, "B");
	ck_assert_str_eq(i->next->next->next->other, "reg");
	expect_error("machine m { override word 32; }", 1, 13, "'word' has no name");
	expect_error("machine m { remove thing A; }", 1, 20, "expected instr, fn, format");
}
END_TEST

START_TEST(a_misspelt_item_gets_a_suggestion)
{
	expect_error("machine m { instrr A I { } }", 1, 13,
		     "no item begins with 'instrr'; did you mean 'instr'?");
	expect_error("machine m { 5 }", 1, 13, "expected an item");
}
END_TEST

START_TEST(a_file_holds_one_machine_and_nothing_else)
{
	expect_error("", 1, 1, "expected 'machine NAME { ... }' here, not the end of the file");
	expect_error("word 32;", 1, 1, "expected 'machine NAME { ... }' here, not 'word'");
	expect_error("machine a { } }", 1, 15, "nothing may follow");
	expect_error("machine a { } machine b { }", 1, 15, "nothing may follow");
}
END_TEST

START_TEST(the_hash_is_of_words_not_of_layout)
{
	uint64_t hash;

	parse("machine m { word 32; }");
	hash = ast->hash;
	parse("machine m {\n  word /* bits */ 32; // a word\n}\n");
	ck_assert_uint_eq(ast->hash, hash);
	parse("machine m { word 33; }");
	ck_assert_uint_ne(ast->hash, hash);
	parse("machine m { word 3 2; }");
	ck_assert_uint_ne(ast->hash, hash);
}
END_TEST

static void add_words(Suite *s)
{
	TCase *c = tcase_create("words");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, numbers_have_three_bases_and_underscores);
	tcase_add_test(c, a_number_may_have_a_width);
	tcase_add_test(c, the_s_of_an_operator_is_not_the_beginning_of_a_name);
	tcase_add_test(c, strings_have_escapes_and_are_joined);
	tcase_add_test(c, comments_are_blanks);
	tcase_add_test(c, wrong_words_are_refused_at_their_place);
	suite_add_tcase(s, c);
}

static void add_expressions(Suite *s)
{
	TCase *c = tcase_create("expressions");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, operators_bind_as_the_manual_says);
	tcase_add_test(c, a_condition_nests_to_the_right);
	tcase_add_test(c, indices_slices_members_and_calls_follow_each_other);
	tcase_add_test(c, find_is_an_expression);
	tcase_add_test(c, comparisons_do_not_chain);
	tcase_add_test(c, places_are_of_operators_and_first_tokens);
	tcase_add_test(c, deep_nesting_is_an_error_not_a_crash);
	suite_add_tcase(s, c);
}

static void add_statements(Suite *s)
{
	TCase *c = tcase_create("statements");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, every_statement_has_its_parts);
	tcase_add_test(c, out_and_out_with_a_register_differ_only_there);
	tcase_add_test(c, an_else_belongs_to_the_nearest_if);
	tcase_add_test(c, loops_and_searches_take_a_statement_or_a_block);
	tcase_add_test(c, words_of_the_language_are_names_elsewhere);
	tcase_add_test(c, several_errors_are_found_in_one_run);
	tcase_add_test(c, a_missing_semicolon_is_reported_where_it_is_missing);
	tcase_add_test(c, a_missing_brace_is_reported_at_the_next_item);
	tcase_add_test(c, wrong_statements_are_refused);
	suite_add_tcase(s, c);
}

static void add_items(Suite *s)
{
	TCase *c = tcase_create("items");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, a_machine_has_a_name_with_hyphens_and_a_doc_string);
	tcase_add_test(c, registers_take_attributes_in_any_order);
	tcase_add_test(c, items_have_their_parts);
	tcase_add_test(c, byte_order_is_a_word_or_an_expression);
	tcase_add_test(c, functions_have_typed_parameters_and_results);
	tcase_add_test(c, an_instruction_says_its_parts_in_any_order);
	tcase_add_test(c, formats_have_fixed_fields_and_docs);
	tcase_add_test(c, a_map_has_a_line_for_each_register);
	tcase_add_test(c, items_are_overridden_and_removed_by_name);
	tcase_add_test(c, a_misspelt_item_gets_a_suggestion);
	tcase_add_test(c, a_file_holds_one_machine_and_nothing_else);
	tcase_add_test(c, the_hash_is_of_words_not_of_layout);
	suite_add_tcase(s, c);
}

static Suite *suite(void)
{
	Suite *s = suite_create("parse");

	add_words(s);
	add_expressions(s);
	add_statements(s);
	add_items(s);
	return s;
}

#include "tests/harness.h"
