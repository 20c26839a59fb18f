; monitor-realtime.s: monitor.s with one mistake, on purpose: the virtual timer counts real time.
;
; Theorem 2 says that a machine is recursively virtualizable if it is virtualizable and a monitor
; *without any timing dependencies* can be constructed for it.  Here is one with: clock.s is
; replaced by clock-real.s, and nothing else.  clock.s, the guest, can tell.

	.machine pg
	.include "monitor/layout.s"
	.include "monitor/dispatcher.s"
	.include "monitor/clock-real.s"
	.include "monitor/time.s"
	.include "monitor/map.s"
	.include "monitor/operands.s"
	.include "monitor/routines.s"
	.include "monitor/allocator.s"
	.include "monitor/storage.s"
