/* A guest of a machine of 256 words that tries to escape by every bound. */
#ifndef TESTS_ESCAPE_H
#define TESTS_ESCAPE_H

enum { ESCAPE_SIZE = 256 };

/*
 * Stores just above its storage, just below, into each neighbour's that there may be and far away,
 * with its own R at many places, in both modes: in supervisor mode with a bound that allows
 * anything, in user mode with one that just includes the address.
 */
#define ESCAPE                                                                                     \
	".machine pg\n"                                                                            \
	".org 8\n.word 0, trapped, 0, -1, 0, 0\n"                                                  \
	".org 16\n"                                                                                \
	"start: LA G12, 1(G0)\n LA G7, 0x666(G0)\n"                                                \
	"again: LA G5, table(G0)\n"                                                                \
	"next: LD G6, 0(G5)\n LA G8, 256(G6)\n SUB G8, G8, G4\n"                                   \
	" LA G10, 250(G0)\n SUB G10, G10, G4\n LA G9, 1(G8)\n"                                     \
	" BNE G11, G0, ready\n LA G9, -1(G0)\n"                                                    \
	"ready: ST G11, psw(G0)\n ST G10, psw + 1(G0)\n ST G4, psw + 2(G0)\n"                      \
	" ST G9, psw + 3(G0)\n LPSW psw(G0)\n"                                                     \
	"psw: .word 0, 0, 0, 0, 0, 0\n"                                                            \
	"trapped: SUB G11, G12, G11\n ADDI G5, G5, 1\n LA G13, end(G0)\n BNE G5, G13, next\n"      \
	" ADDI G4, G4, 25\n LA G13, 275(G0)\n BNE G4, G13, again\n HALT 0\n"                       \
	"table: .word 0, 1, 31, 255, 256, 511, -257, -258, -288, -512, -600, 0x7ffffeff, -1\n"     \
	"end:\n"                                                                                   \
	".org 250\n ST G7, 0(G8)\n SVC 0\n"

#endif
