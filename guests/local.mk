# The guests, installed in the same folders.
nobase_dist_pkgdata_DATA += \
	%D%/README.md \
	%D%/ka10/hello.s \
	%D%/ka10/jrst1.s \
	%D%/ka10/jsp.s \
	%D%/m68000/hello.s \
	%D%/m68000/sr.s \
	%D%/m68010/hello.s \
	%D%/pg/bench/bubble.s \
	%D%/pg/bench/fib.s \
	%D%/pg/bench/lcg.s \
	%D%/pg/bench/matmul.s \
	%D%/pg/bench/sieve.s \
	%D%/pg/bench/traps.s \
	%D%/pg/bubble.s \
	%D%/pg/echo.s \
	%D%/pg/fib.s \
	%D%/pg/hello.s \
	%D%/pg/lcg.s \
	%D%/pg/lib/print.s \
	%D%/pg/matmul.s \
	%D%/pg/minios.s \
	%D%/pg/sieve.s \
	%D%/pg/traps.s \
	%D%/pg-jrst1/jrst1.s \
	%D%/pg-sgdt/popf.s \
	%D%/pg-sgdt/sgdt.s \
	%D%/pg-sgdt/smsw.s \
	%D%/s370/hello.s \
	%D%/s370/mc.s \
	%D%/s370/stck.s
