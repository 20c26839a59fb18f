/* Any text is a description or is refused with an error; what loads is well formed. */
#include "isa/isa.h"
#include "tests/valid.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void examine(struct diag_list *list, const struct isa *isa)
{
	const char *fault = isa ? isa_fault(isa) : NULL;

	if (fault) {
		fprintf(stderr, "not well formed: %s\n", fault);
		abort();
	}
	if (!isa != (diag_errors(list) > 0)) {
		fputs("refused without an error, or loaded with one\n", stderr);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diag_list *list = diag_new();
	char *text = malloc(size + 1), *printed;
	size_t length;
	FILE *out = open_memstream(&printed, &length);
	struct isa *isa;

	memcpy(text, data, size);
	text[size] = '\0';
	isa = isa_load_text(list, "fuzz", text);
	examine(list, isa);
	diag_print(list, out);
	fclose(out);
	free(printed);
	isa_free(isa);
	diag_free(list);
	free(text);
	return 0;
}
