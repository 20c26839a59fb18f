#!/bin/bash
# Measurements, by make bench.
set -euo pipefail
trapeze --version
