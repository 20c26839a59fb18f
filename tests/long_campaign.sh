#!/bin/bash
# The campaign, with as many guests as make a result worth quoting.
CAMPAIGN=10000 exec bash "$(dirname "$0")/campaign.sh"
