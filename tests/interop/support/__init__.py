# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared support of the outside-judge suites: jars, Python packages, clusters."""
