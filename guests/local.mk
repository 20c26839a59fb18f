# Programs for pg are listed as: dist_pgguests_DATA += %D%/pg/hello.s
