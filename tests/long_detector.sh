#!/bin/bash
# A detector by every offender of the machines with relocation by base and bounds.
MACHINES=all exec bash "$(dirname "$0")/detector.sh"
