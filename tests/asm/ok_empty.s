	.machine "pg"
