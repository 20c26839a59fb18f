EXTRA_DIST += %D%/demo.sh %D%/sessions
