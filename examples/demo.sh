#!/bin/bash
set -euo pipefail
trapeze --help
