noinst_LIBRARIES += %D%/libmachine.a
%C%_libmachine_a_SOURCES = \
	%D%/device.h \
	%D%/machine.h \
	%D%/storage.h
