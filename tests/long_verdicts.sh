#!/bin/bash
# The verdicts of every machine in doc/zoo.md.
MACHINES=all exec bash "$(dirname "$0")/verdicts.sh"
