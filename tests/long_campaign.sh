#!/bin/bash
# The campaign, with more guests; CAMPAIGN says how many.
CAMPAIGN=${CAMPAIGN:-3000} exec bash "$(dirname "$0")/campaign.sh"
