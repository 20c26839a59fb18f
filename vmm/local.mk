noinst_LIBRARIES += %D%/libvmm.a
%C%_libvmm_a_SOURCES = \
	%D%/equiv.h \
	%D%/fault.def \
	%D%/monitor.h
