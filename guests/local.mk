# The guests, installed in the same folders: nobase_dist_pkgdata_DATA += %D%/pg/hello.s
