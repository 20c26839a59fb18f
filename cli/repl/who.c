/* Who is who: the machine that commands speak of, its names, and the prompt. */
#include "cli/repl/repl.h"

#include <inttypes.h>

struct view *view_of(const struct session *s)
{
	return s->now->lab->view[s->machine];
}

const struct guest *guest_of(const struct session *s)
{
	return &s->now->guest[s->machine];
}

struct vm *vm_of(const struct session *s)
{
	return s->now->lab->monitor ? s->now->lab->vm[s->machine] : NULL;
}

struct monitor *monitor_of(const struct session *s)
{
	return s->now->lab->monitor ? vm_monitor(vm_of(s)) : NULL;
}

char *machine_name(const struct session *s, const struct world *w, unsigned machine, char *buffer,
		   size_t size)
{
	unsigned monitors = 0;

	for (unsigned i = 0; i < s->nworlds; i++)
		monitors += s->world[i]->lab->monitor != NULL;
	if (!w->lab->monitor)
		snprintf(buffer, size, "%s", w->name);
	else if (monitors == 1)
		snprintf(buffer, size, "%s", vm_name(w->lab->vm[machine]));
	else
		snprintf(buffer, size, "%s.%s", w->name, vm_name(w->lab->vm[machine]));
	return buffer;
}

char *mode_of(const struct view *v, char *buffer, size_t size)
{
	const struct isa_reg *r = v->isa->role[ROLE_MODE];
	const struct isa_enum *type = r ? r->type : NULL;

	*buffer = '\0';
	for (unsigned i = 0; type && i < type->nmembers; i++)
		if (type->member[i].value == v->cpu->state[r->slot])
			snprintf(buffer, size, "%s", type->member[i].name);
	if (!*buffer && v->isa->user)
		snprintf(buffer, size, "%s", view_user(v) ? "user" : "supervisor");
	return buffer;
}

char *prompt_of(const struct session *s, char *buffer, size_t size)
{
	char name[64], mode[64];

	if (!s->now) {
		snprintf(buffer, size, "trapeze> ");
		return buffer;
	}
	machine_name(s, s->now, s->machine, name, sizeof(name));
	mode_of(view_of(s), mode, sizeof(mode));
	snprintf(buffer, size, "%s %s%s@%" PRIu64 "> ", name, mode, *mode ? " " : "",
		 view_of(s)->cpu->steps);
	return buffer;
}

void show_place(const struct session *s)
{
	report_place(view_of(s), guest_of(s)->image, stdout);
	displays_print(s);
}
